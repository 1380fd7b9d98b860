-- By their indexes, which SQLite, having no statistics, may take one for the other. Those that fail are few
-- among what is due: each rests the longer.
SELECT order_id, rank, failing FROM (
  SELECT * FROM (
    SELECT order_id, rank, next_at, 0 AS failing FROM order_state INDEXED BY order_due
     WHERE merchant_id = :merchant AND rank = 0 AND next_at <= :now AND failing = 0 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT order_id, rank, next_at, 0 FROM order_state INDEXED BY order_due
     WHERE merchant_id = :merchant AND rank = 1 AND next_at <= :now AND failing = 0 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT order_id, rank, next_at, 0 FROM order_state INDEXED BY order_due
     WHERE merchant_id = :merchant AND rank = 2 AND next_at <= :now AND failing = 0 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing
     WHERE merchant_id = :merchant AND rank = 0 AND next_at <= :now AND failing = 1 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing
     WHERE merchant_id = :merchant AND rank = 1 AND next_at <= :now AND failing = 1 ORDER BY next_at LIMIT :limit + 0) AS page
  UNION ALL
  SELECT * FROM (
    SELECT order_id, rank, next_at, 1 FROM order_state INDEXED BY order_failing
     WHERE merchant_id = :merchant AND rank = 2 AND next_at <= :now AND failing = 1 ORDER BY next_at LIMIT :limit + 0) AS page
) AS due ORDER BY failing, rank, next_at
