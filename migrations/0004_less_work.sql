-- What a large ledger need not read or write.

-- A look that shows the same tickets as the one before writes none of them.
ALTER TABLE voucher_state ADD COLUMN tickets_digest BLOB;  -- SHA-256 of the tickets as last listed

-- A page of one merchant's orders, and what nobody has claimed in a ledger that was restored.
CREATE INDEX order_of_merchant ON order_state (merchant_id, order_id);
CREATE INDEX order_unclaimed ON order_state (order_id) WHERE unclaimed_amount > 0 OR unclaimed_void = 1;
