UPDATE order_state
   SET unclaimed_amount = unclaimed_amount + :amount,
       unclaimed_void = CASE WHEN :void = 1 THEN 1 ELSE unclaimed_void END
 WHERE order_id = :order
