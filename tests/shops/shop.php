<?php
/** What every recipe needs. ledger.php beside it is the PHP of docs/sql.md. */

require_once __DIR__ . '/ledger.php';

const MERCHANT = '3002607';   // your own MerchantID

/**
 * A card has paid. Safe to call again; true: it was new.
 *
 * $parts: 0 paid at once and without bonus points, else in how many parts, null where the plugin cannot tell.
 */
function card_paid(PDO $db, string $number, int $amount, ?int $parts): bool
{
    $insert = $db->prepare(
        'INSERT OR IGNORE INTO orders (merchant_id, merchant_trade_no, expected_amount, installments) VALUES (?, ?, ?, ?)');
    $insert->execute([MERCHANT, $number, $amount, $parts]);
    return $insert->rowCount() > 0;
}
