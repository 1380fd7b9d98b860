SELECT started_at, stopped_at, passed_at,
       (SELECT count(*) FROM alerts WHERE kind = 'gateway_down' AND closed_at IS NULL) AS services_down,
       (SELECT count(*) FROM alerts WHERE kind = 'clock_skew' AND closed_at IS NULL) AS clocks_apart,
       (SELECT count(*) FROM messages m JOIN channels c ON c.name = m.channel
         WHERE c.configured = 1 AND m.next_at IS NOT NULL AND m.tries >= :failing + 0) AS messages_stuck,
       (SELECT count(DISTINCT p.merchant_id) FROM pauses p JOIN merchants m ON m.merchant_id = p.merchant_id
         WHERE m.configured = 1 AND (p.until IS NULL OR p.until > :now)) AS merchants_paused,
       (SELECT count(*) FROM merchants WHERE configured = 1 AND (silent_until > :now OR voucher_silent_until > :now)) AS merchants_silent
  FROM daemon
