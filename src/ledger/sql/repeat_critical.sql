INSERT INTO deliveries (channel, alert_id, edge, at)
SELECT c.name, a.id, 'repeated', :now
  FROM alerts a JOIN channels c ON c.what = 'alerts' AND c.configured = 1
 WHERE a.closed_at IS NULL AND a.acked_at IS NULL AND a.severity = 'critical'
   AND (c.merchants = '' OR a.merchant_id = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)
   AND NOT (a.kind = 'delivery_failing' AND (a.stage = c.name OR a.stage = c.name || ', given up'))
   AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.alert_id = a.id AND d.channel = c.name AND d.at > :before)
