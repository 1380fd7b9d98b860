SELECT minute FROM capture_slots
 WHERE merchant_id = :merchant AND minute BETWEEN :first AND :last AND taken >= :room
 ORDER BY minute DESC
