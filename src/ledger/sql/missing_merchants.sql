-- Merchants that are not in the settings, and how many rows of theirs are unfinished. By index of each merchant:
-- SQLite has no statistics, and would read all unfinished orders instead.
SELECT m.merchant_id,
       (SELECT count(*) FROM order_state s INDEXED BY order_due
         WHERE s.merchant_id = m.merchant_id AND s.next_at IS NOT NULL)
     + (SELECT count(*) FROM voucher_state v INDEXED BY voucher_due
         WHERE v.merchant_id = m.merchant_id AND v.next_at IS NOT NULL)
  FROM merchants m WHERE m.configured = 0
