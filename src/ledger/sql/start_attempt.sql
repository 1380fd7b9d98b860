INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, before_status, before_net, started_at)
VALUES (:order, :refund, :action, :amount, :trade_no, :before, :before_net, :at)
RETURNING id
