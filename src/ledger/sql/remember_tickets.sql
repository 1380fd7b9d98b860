-- No row where the list is the one of the look before.
UPDATE voucher_state SET tickets_digest = :digest
 WHERE voucher_id = :voucher AND tickets_digest IS DISTINCT FROM :digest
