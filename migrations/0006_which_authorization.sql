-- A refund that names no trade_no is of the order itself, never of a later authorization that
-- happens to be the only one in the ledger. And the amount of an order that is not paid yet is
-- known as well.
DROP TRIGGER refund_intents_check;
CREATE TRIGGER refund_intents_check BEFORE INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'merchant_id is not in the settings of ecpayd: add a [[merchant]] section and start ecpayd once')
    WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id AND configured = 1);
  SELECT RAISE(ABORT, 'merchant_trade_no must be 1 to 20 letters and digits, as sent to ECPay')
    WHERE NEW.merchant_trade_no IS NULL OR NEW.merchant_trade_no = '' OR length(NEW.merchant_trade_no) > 20
       OR NEW.merchant_trade_no GLOB '*[^0-9A-Za-z]*'
       -- Both stop at a NUL.
       OR length(CAST(NEW.merchant_trade_no AS BLOB)) <> length(NEW.merchant_trade_no);
  SELECT RAISE(ABORT, 'trade_no must be 1 to 20 letters and digits, as ECPay gave it; leave it NULL for an ordinary order')
    WHERE NEW.trade_no IS NOT NULL AND (NEW.trade_no = '' OR length(NEW.trade_no) > 20 OR NEW.trade_no GLOB '*[^0-9A-Za-z]*'
                                   OR length(CAST(NEW.trade_no AS BLOB)) <> length(NEW.trade_no));
  SELECT RAISE(ABORT, 'amount must be a whole number of New Taiwan dollars from 1 to 2147483647, or NULL for all that is left')
    WHERE NEW.amount IS NOT NULL AND (typeof(NEW.amount) <> 'integer' OR NEW.amount < 1 OR NEW.amount > 2147483647);
  SELECT RAISE(ABORT, 'request_key must be a text of 1 to 200 characters that names this refund once, such as the number of the return')
    WHERE NEW.request_key IS NULL OR typeof(NEW.request_key) <> 'text' OR NEW.request_key = '' OR length(NEW.request_key) > 200;
  SELECT RAISE(ABORT, 'cancel is set by an UPDATE of a refund, not by its INSERT')
    WHERE NEW.cancel IS NOT 0;
  -- Each is another payment: which one is meant is not guessed.
  SELECT RAISE(ABORT, 'the order is registered by trade_no: name the trade_no of the authorization to refund')
    WHERE NEW.trade_no IS NULL
      AND NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key)
      AND EXISTS (SELECT 1 FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id)
      AND NOT EXISTS (SELECT 1 FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id AND trade_no IS NULL);
  -- A request that is repeated is told so, whatever is left.
  SELECT RAISE(ABORT, 'amount is more than what is left of the order, counting the refunds already asked for')
    WHERE NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key) AND NEW.amount > (
      -- Where what is left is not known, no more than the whole can be. But a refund of the lost part
      -- of a restored ledger may be written again, if only to be told so.
      SELECT iif(s.unclaimed_amount > 0 OR s.unclaimed_void = 1, s.left_amount, ifnull(s.left_amount, s.amount)) - ifnull((SELECT sum(ifnull(i.amount, ifnull(s.left_amount, s.amount))) FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
                                      WHERE r.order_id = s.order_id AND r.state IN ('queued', 'running', 'waiting', 'review')), 0)
        FROM orders o JOIN order_state s ON s.order_id = o.id
       WHERE o.merchant_trade_no = NEW.merchant_trade_no AND o.merchant_id = NEW.merchant_id
         AND (o.trade_no IS NEW.trade_no OR (o.trade_no IS NULL AND s.trade_no IS NEW.trade_no))
       ORDER BY o.trade_no IS NOT NULL LIMIT 1);
END;
