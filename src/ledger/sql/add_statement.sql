-- The days are written when the last row has been read.
INSERT INTO statements (sha256, name, kind, merchant_id, from_day, to_day, row_count, read_at)
VALUES (:sha256, :name, :kind, :merchant, '', '', 0, :now)
RETURNING id
