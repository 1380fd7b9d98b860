-- By order_by_state: of a state that no order is in, nothing is read.
SELECT v.* FROM (SELECT order_id FROM order_state
                  WHERE state = :state AND (:merchant IS NULL OR merchant_id = :merchant)
                  ORDER BY order_id DESC LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
 ORDER BY page.order_id DESC
