-- By their indexes, which SQLite, having no statistics, may take one for the other.
SELECT voucher_id, failing FROM (
  SELECT * FROM (
    SELECT voucher_id, next_at, 0 AS failing FROM voucher_state INDEXED BY voucher_due
     WHERE merchant_id = :merchant AND next_at <= :now AND failing = 0 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT voucher_id, next_at, 1 FROM voucher_state INDEXED BY voucher_failing
     WHERE merchant_id = :merchant AND next_at <= :now AND failing = 1 ORDER BY next_at LIMIT :limit + 0) AS page
) AS due ORDER BY failing, next_at
