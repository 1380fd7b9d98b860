-- What is left is known again after a look.
UPDATE order_state SET left_amount = NULL, next_at = 0, retry_at = NULL, revision = revision + 1
 WHERE order_id = :order
