-- Orders whose refund by form is with a person: a statement may tell what became of it.
UPDATE order_state SET next_at = 0
 WHERE merchant_id = :merchant AND next_at > 0
   AND order_id IN (SELECT a.order_id FROM attempts a JOIN form_calls f ON f.attempt_id = a.id
                     WHERE a.ended_at IS NULL AND a.state = 'review')
