-- The same of one merchant and state, among the next :scan orders of the state: no index has both, and a merchant
-- with few orders must not make the page read all those of another.
SELECT o.trade_no AS asked_trade_no, v.* FROM (SELECT order_id FROM (SELECT order_id, merchant_id FROM order_state WHERE state = :state AND order_id < :after
                                        ORDER BY order_id DESC LIMIT :scan + 0) AS scanned
                  WHERE merchant_id = :merchant
                  ORDER BY order_id DESC LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
  JOIN orders o ON o.id = page.order_id
 ORDER BY page.order_id DESC
