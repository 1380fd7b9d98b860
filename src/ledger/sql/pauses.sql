SELECT merchant_id, action, strftime('%Y-%m-%d %H:%M:%S', at / 1000 + 28800, 'unixepoch') AS at, by, why,
       strftime('%Y-%m-%d %H:%M:%S', until / 1000 + 28800, 'unixepoch') AS until
  FROM pauses WHERE until IS NULL OR until > :now
 ORDER BY merchant_id, action
