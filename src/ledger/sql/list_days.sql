INSERT INTO journal_by_day (day, merchant_id, movement_id)
SELECT day, merchant_id, id FROM journal WHERE id > :after AND id <= :up_to
