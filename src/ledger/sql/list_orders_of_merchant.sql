-- By order_of_merchant: of a merchant without orders, nothing is read.
SELECT v.* FROM (SELECT order_id FROM order_state WHERE merchant_id = :merchant
                  ORDER BY order_id DESC LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
 ORDER BY page.order_id DESC
