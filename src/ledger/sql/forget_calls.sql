DELETE FROM traffic
 WHERE merchant_id IN (SELECT merchant_id FROM merchants) AND service IN ('card', 'voucher') AND hour < :before
