-- The newest file that has the row says what it is.
INSERT INTO statement_rows (statement_id, line, kind, merchant_id, merchant_trade_no, trade_no, closing_no, traded_on,
                            gross, nth, settled_on, paid_on, fee_milli, net_milli, is_card)
VALUES (:statement, :line, :kind, :merchant, :number, :trade_no, :closing_no, :traded_on,
        :gross, :nth, :settled_on, :paid_on, :fee_milli, :net_milli, :is_card)
ON CONFLICT (merchant_trade_no, merchant_id, kind, trade_no, closing_no, traded_on, gross, nth) DO UPDATE
   SET statement_id = excluded.statement_id, line = excluded.line, settled_on = excluded.settled_on,
       paid_on = excluded.paid_on, fee_milli = excluded.fee_milli, net_milli = excluded.net_milli,
       is_card = excluded.is_card
