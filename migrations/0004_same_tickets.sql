-- A look that shows the same tickets as the one before writes none of them.
ALTER TABLE voucher_state ADD COLUMN tickets_digest BLOB;  -- SHA-256 of the tickets as last listed
