<?php
/** A capture and three refunds by form, two of them unanswered: php rehearsal_form.php [URL OF THE SIMULATOR] */

require __DIR__ . '/ecpay_form.php';

const TIME = 'Y-m-d H:i:s';
date_default_timezone_set('Asia/Taipei');
$url = $argv[1] ?? 'http://127.0.0.1:8484';

/** A control call: sets the scene, or tells what the bank holds. ECPay has nothing like it. */
function sim(string $path, ?array $body = null): array
{
    $http = $body === null ? [] : [
        'method' => 'POST',
        'header' => "Content-Type: application/json\r\n",
        'content' => json_encode($body),
    ];
    $answer = file_get_contents($GLOBALS['url'] . '/sim' . $path, false, stream_context_create(['http' => $http]));
    return json_decode($answer, true);
}

/** Seconds since 1970. The control calls speak Taipei's time. */
function bank_time(): int
{
    return strtotime(sim('/clock')['now']);
}

function wait_until(int $time): void
{
    sim('/clock', ['now' => date(TIME, $time), 'running' => true]);
}

// Two hosts at ECPay, payment.ecpay.com.tw and ecpayment.ecpay.com.tw, with the same keys. The bank may be days ahead,
// so requests are stamped with its time. At ECPay leave the clock out.
$access = ['3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs', bank_time(...)];
$form = new EcpayForm($url, ...$access);
$json = new Ecpay($url, ...$access);

/** Whether it is certain that this much went back. */
function refund(EcpayForm $form, Ecpay $json, array $order, int $amount): bool
{
    $before = $json->look($order)['net'];
    try {
        $form->act($order, 'R', $amount);
        echo "R $amount: accepted\n";
        return true;
    } catch (Unanswered) {
        echo "R $amount: no answer; look, do not send it again\n";
    }
    if ($json->look($order)['net'] === $before) {
        wait_until(bank_time() + 30 * 60);
    }
    if ($json->look($order)['net'] === $before - $amount) {
        echo "  a look shows that it took effect\n";
        return true;
    }
    echo "  nothing to see after half an hour, which proves nothing: no stamp ends a form. Not sent again; ask a person\n";
    return false;
}

$number = 'A' . floor(microtime(true) * 1000);
sim('/orders', ['merchant_trade_no' => $number, 'amount' => 1000, 'product' => 'aio']);   // a customer has paid
$order = $form->order($number);
echo "order of NT\${$order['TradeAmt']}, paid: {$order['TradeStatus']}\n";
echo $json->look($order)['status'], "\n";

$form->act($order, 'C', $order['TradeAmt']);
echo 'C: ', $json->look($order)['status'], "\n";
wait_until(strtotime('tomorrow 09:00', bank_time()));
echo 'the next day: ', $json->look($order)['status'], "\n";

refund($form, $json, $order, 300);
sim('/faults', ['call' => 'do_action', 'action' => 'R', 'kind' => 'lost_after']);   // done, and the answer is lost
refund($form, $json, $order, 200);
sim('/faults', ['call' => 'do_action', 'action' => 'R', 'kind' => 'delayed', 's' => 5400]);   // arrives after an hour and a half
if (!refund($form, $json, $order, 100)) {
    wait_until(bank_time() + 2 * 3600);
    echo 'two hours later: ', $json->look($order)['net'] === 400 ? 'it has come after all' : 'it has not come', "\n";
}

$seen = $json->look($order);
usort($seen['rows'], fn($a, $b) => $b['Amount'] <=> $a['Amount']);
foreach ($seen['rows'] as $row) {
    echo "  {$row['Amount']} {$row['Status']}\n";
}
$truth = sim("/orders/$number");
echo "the bank: captured {$truth['captured']}, refunded {$truth['refunded']}, ", count($truth['actions']), " actions\n";
exit($seen['net'] === $truth['net'] && $truth['net'] === 400 ? 0 : 1);
