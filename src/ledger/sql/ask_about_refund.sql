-- An attempt in review, for which nothing is sent. No row where the shop has canceled the refund meanwhile.
INSERT INTO attempts (order_id, refund_id, action, amount, trade_no, state, before_status, before_net, started_at, finished_at,
                      text, asked, reviewed_status, reviewed_net, sent)
SELECT :order, intent_id, :action, :amount, :trade_no, :state, :before, :before_net, :at, :at,
       :why, :restore, :shown, :shown_net, 0
  FROM refunds WHERE intent_id = :refund AND is_open = 1
RETURNING id
