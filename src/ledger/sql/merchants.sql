SELECT merchant_id, configured, paused_by,
       strftime('%Y-%m-%d %H:%M:%S', silent_until / 1000 + 28800, 'unixepoch') AS silent_until
  FROM merchants ORDER BY merchant_id
