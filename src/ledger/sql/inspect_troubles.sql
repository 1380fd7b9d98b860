SELECT kind, severity, reason, message FROM alerts
 WHERE kind IN ('gateway_down', 'bad_credentials', 'clock_skew') AND stage = :stage AND merchant_id = :merchant
   AND closed_at IS NULL AND order_id IS NULL
