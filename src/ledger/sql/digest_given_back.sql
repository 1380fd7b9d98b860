SELECT count(*) AS count, coalesce(CAST(sum(r.refunded_amount) AS INTEGER), 0) AS amount
  FROM refunds r JOIN refund_intents i ON i.id = r.intent_id JOIN channels c ON c.name = :channel
 WHERE r.intent_id IN (SELECT e.detail ->> '$.refund' FROM events e
                        WHERE e.id >= :first AND e.id < :last AND e.kind = 'refund_done')
   AND r.state = 'done' AND r.undone_at IS NULL AND (r.method = 'R') <> :is_void
   AND (c.merchants = '' OR instr(c.merchants, ',' || i.merchant_id || ',') > 0)
