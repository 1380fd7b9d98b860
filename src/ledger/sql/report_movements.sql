-- A fee is ECPay's own where a statement has the row: of a payment, or of a refund, which stands there below 0. A
-- capture that was called back has none, and is none of those that the statement accounts for.
SELECT j.day, j.merchant_id, o.merchant_trade_no, coalesce(o.trade_no, s.trade_no) AS trade_no, j.kind, j.amount,
       CASE WHEN (j.kind = 'captured' OR j.kind = 'refunded')
                 AND NOT EXISTS (SELECT 1 FROM journal b WHERE b.order_id = j.order_id AND b.id > j.id AND b.kind = 'called_back') THEN
         (SELECT r.fee_milli FROM statement_rows r
           WHERE r.merchant_trade_no = o.merchant_trade_no AND r.merchant_id = j.merchant_id AND r.is_card = 1 AND r.settled_on IS NOT NULL
             AND r.gross = CASE WHEN j.kind = 'captured' THEN j.amount ELSE -j.amount END
             AND (r.trade_no = '' OR r.trade_no = coalesce(o.trade_no, s.trade_no))
           ORDER BY CASE r.kind WHEN 'QueryTradeMedia' THEN 0 ELSE 1 END, r.id LIMIT 1) END AS fee_told,
       CASE WHEN j.kind = 'captured'
                 AND NOT EXISTS (SELECT 1 FROM journal b WHERE b.order_id = j.order_id AND b.id > j.id AND b.kind = 'called_back')
            THEN j.fee_milli END AS fee_foreseen,
       CASE WHEN c.movement_id IS NULL THEN j.by ELSE 'ecpayd' END AS by, coalesce(j.attempt_id, c.attempt_id) AS attempt_id,
       coalesce(j.refund_id, c.refund_id) AS refund_id, i.request_key, i.reason, j.at, j.gateway_at
  FROM day_movements d JOIN journal j ON j.id = d.movement_id JOIN orders o ON o.id = j.order_id JOIN order_state s ON s.order_id = j.order_id
       LEFT JOIN journal_claims c ON c.movement_id = j.id
       LEFT JOIN refund_intents i ON i.id = coalesce(j.refund_id, c.refund_id)
 WHERE d.day = :day AND (:merchant IS NULL OR d.merchant_id = :merchant)
 ORDER BY j.merchant_id, j.id
