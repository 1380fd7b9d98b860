SELECT merchant_id, configured,
       strftime('%Y-%m-%d %H:%M:%S', silent_until / 1000 + 28800, 'unixepoch') AS silent_until
  FROM merchants ORDER BY merchant_id
