<?php
/** From cron, every five minutes, so that no payment is missed: php sweep.php woocommerce|opencart|magento */

require __DIR__ . '/shop.php';

date_default_timezone_set('Asia/Taipei');

// ECPay's plugins for WooCommerce and OpenCart keep the notification in a table with the same columns. Where the extra
// fields did not come, they write 0 for stage as well: only beside a gwsr does it say anything.
const NOTED = "
    SELECT merchant_trade_no AS number, TradeAmt AS amount,
           CASE WHEN PaymentType = 'Credit_CreditCard' AND gwsr > 0 AND red_dan = 0 THEN stage END AS parts
      FROM %s
     WHERE payment_status = 1 AND PaymentDate >= ?
       AND (PaymentType LIKE 'Credit%%' OR PaymentType IN ('Flexible_Installment', 'ApplePay'))";

// ECPay's modules for Magento keep no notification. They ask for no extra fields either, so ECPay does not tell
// installments: the chosen way to pay does.
const CARDS = "p.method IN ('ecpay_credit_gateway', 'ecpay_credit_installment_gateway', 'ecpay_applepay_gateway')";
const MAGENTO_PAID = "
    SELECT o.ecpay_payment_merchant_trade_no AS number, o.grand_total AS amount, p.method, p.additional_information AS info
      FROM sales_order o JOIN sales_order_payment p ON p.parent_id = o.entity_id
     WHERE " . CARDS . " AND o.ecpay_payment_complete_tag = 1 AND o.state <> 'canceled' AND o.updated_at >= ?";
const MAGENTO_REFUNDED = "
    SELECT o.ecpay_payment_merchant_trade_no AS number, m.grand_total AS amount, m.increment_id AS memo
      FROM sales_creditmemo m JOIN sales_order o ON o.entity_id = m.order_id
      JOIN sales_order_payment p ON p.parent_id = o.entity_id
     WHERE " . CARDS . " AND m.state = 2 AND m.transaction_id IS NULL AND m.created_at >= ?";

/** In how many parts, as the way to pay says it. */
function magento_parts(string $method, ?string $info): ?int
{
    if ($method === 'ecpay_credit_gateway') {
        return 0;
    }
    return preg_match('/"ecpay_credit_installment":"credit_(\d+)/', (string) $info, $parts) ? (int) $parts[1] : null;
}

function rows(PDO $shop, string $query, string $since): array
{
    $select = $shop->prepare($query);
    $select->execute([$since]);
    return $select->fetchAll(PDO::FETCH_ASSOC);
}

$kind = $argv[1] ?? '';
$ini = parse_ini_file(__DIR__ . '/shop.ini') ?: exit(1);
$shop = new PDO($ini['dsn'], $ini['user'], $ini['password'], [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$week = strtotime('-7 days');
$paid = match ($kind) {
    'woocommerce' => rows($shop, sprintf(NOTED, "{$ini['prefix']}ecpay_orders_payment_status"), date('Y/m/d H:i:s', $week)),
    'opencart' => rows($shop, sprintf(NOTED, "{$ini['prefix']}ecpay_payment_response_info"), date('Y/m/d H:i:s', $week)),
    'magento' => rows($shop, MAGENTO_PAID, gmdate('Y-m-d H:i:s', $week)),
    default => throw new InvalidArgumentException('which shop? woocommerce, opencart or magento'),
};
$refunded = [];
// No refund is asked for that was made before ecpayd was there.
if ($kind === 'magento' && $ini['refunds_since'] !== '') {
    $since = max($ini['refunds_since'], gmdate('Y-m-d H:i:s', strtotime('-30 days')));
    $refunded = rows($shop, MAGENTO_REFUNDED, $since);
}

$db = ledger();
[$new, $failed] = [0, 0];
foreach ($paid as $row) {
    $parts = $kind === 'magento' ? magento_parts($row['method'], $row['info']) : $row['parts'];
    try {
        $new += card_paid($db, $row['number'], (int) ceil((float) $row['amount']), $parts === null ? null : (int) $parts);
    } catch (PDOException $e) {
        fwrite(STDERR, "{$row['number']}: {$e->errorInfo[2]}\n");
        $failed++;
    }
}
foreach ($refunded as $row) {
    try {
        if (fmod((float) $row['amount'], 1) !== 0.0) {
            throw new RuntimeException('cards are refunded in whole dollars');
        }
        // A memo is asked for once, however often it is read.
        ask_refund($db, MERCHANT, $row['number'], (int) $row['amount'], "creditmemo-{$row['memo']}");
    } catch (RuntimeException $e) {
        fwrite(STDERR, "credit memo {$row['memo']}: {$e->getMessage()}\n");
        $failed++;
    }
}
echo "$new new payments\n";
exit($failed ? 1 : 0);
