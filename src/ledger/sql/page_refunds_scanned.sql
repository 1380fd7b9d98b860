-- How far the statement for ended refunds has read.
SELECT count(*) AS refunds, coalesce(min(intent_id), 0) AS last
  FROM (SELECT intent_id FROM refunds WHERE intent_id < :after
         ORDER BY intent_id DESC LIMIT :scan + 0) AS page
