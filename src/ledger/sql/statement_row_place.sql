-- The place among rows that are alike: that of the row of an earlier file which is taken to be the same, else the
-- next one. Refunds of one amount are told apart by their settlement, where both rows have one. And the line of the
-- first row of this file that is alike. By that index: by that of the file each row would be looked for among all of it.
WITH alike AS (
  SELECT nth, line, settled_on, statement_id FROM statement_rows INDEXED BY statement_rows_once
   WHERE merchant_trade_no = :number AND merchant_id = :merchant AND kind = :kind AND trade_no = :trade_no
     AND closing_no = :closing_no AND traded_on = :traded_on AND gross = :gross
)
SELECT coalesce((SELECT nth FROM alike
                  WHERE statement_id <> :statement
                    AND (:gross > 0 OR settled_on IS NULL OR :settled_on IS NULL OR settled_on = :settled_on)
                  ORDER BY CASE WHEN settled_on = :settled_on THEN 0 ELSE 1 END, nth LIMIT 1),
                (SELECT coalesce(max(nth), 0) + 1 FROM alike)) AS nth,
       (SELECT min(line) FROM alike WHERE statement_id = :statement) AS line
