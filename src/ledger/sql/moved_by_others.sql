-- Movements since one of the journal that no call of ours explains.
SELECT order_id, kind, amount FROM journal WHERE id > :after AND by <> 'ecpayd' AND kind <> 'authorized'
