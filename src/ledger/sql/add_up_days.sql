INSERT INTO journal_days (merchant_id, day, kind, amount, count)
SELECT merchant_id, day, kind, sum(amount), count(*) FROM journal WHERE id > :after AND id <= :up_to GROUP BY merchant_id, day, kind
    ON CONFLICT (merchant_id, day, kind) DO UPDATE SET amount = amount + excluded.amount, count = count + excluded.count
