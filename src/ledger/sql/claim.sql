-- What was unclaimed and has found its refund.
UPDATE order_state
   SET unclaimed_void = CASE WHEN :void = 1 THEN 0 ELSE unclaimed_void END,
       unclaimed_amount = CASE WHEN unclaimed_amount > :amount THEN unclaimed_amount - :amount ELSE 0 END
 WHERE order_id = :order AND (unclaimed_amount > 0 OR unclaimed_void = 1)
