<?php
/** A capture and three refunds, two of them unanswered: php rehearsal.php [URL OF THE SIMULATOR] */

require __DIR__ . '/ecpay.php';

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

// The bank may be days ahead, so requests are stamped with its time. At ECPay leave the clock out.
$ecpay = new Ecpay($url, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs', bank_time(...));

function refund(Ecpay $ecpay, array $order, int $amount): void
{
    $before = $ecpay->look($order)['net'];
    $too_old = bank_time() + 15 * 60;   // ECPay takes no request older than 10 minutes
    try {
        $ecpay->act($order, 'R', $amount);
        echo "R $amount: accepted\n";
    } catch (Unanswered) {
        echo "R $amount: no answer; look, do not send it again\n";
        if ($ecpay->look($order)['net'] === $before) {
            echo "  nothing to see, which proves nothing yet: it may still be on its way\n";
            wait_until($too_old);
        }
        if ($ecpay->look($order)['net'] === $before - $amount) {
            echo "  a look shows that it took effect\n";
        } else {
            echo "  it had no effect and can have none any more: it may be sent again\n";
        }
    }
}

$number = 'A' . floor(microtime(true) * 1000);
sim('/orders', ['merchant_trade_no' => $number, 'amount' => 1000]);   // a customer has paid
$order = $ecpay->order($number);
echo "order of NT\${$order['TradeAmt']}, paid: {$order['TradeStatus']}\n";
echo $ecpay->look($order)['status'], "\n";

$ecpay->act($order, 'C', $order['TradeAmt']);
echo 'C: ', $ecpay->look($order)['status'], "\n";
wait_until(strtotime('tomorrow 09:00', bank_time()));
echo 'the next day: ', $ecpay->look($order)['status'], "\n";

refund($ecpay, $order, 300);
sim('/faults', ['call' => 'do_action', 'action' => 'R', 'kind' => 'lost_after']);   // done, and the answer is lost
refund($ecpay, $order, 200);
sim('/faults', ['call' => 'do_action', 'action' => 'R', 'kind' => 'delayed', 's' => 300]);   // arrives five minutes late
refund($ecpay, $order, 100);

$seen = $ecpay->look($order);
usort($seen['rows'], fn($a, $b) => $b['Amount'] <=> $a['Amount']);
foreach ($seen['rows'] as $row) {
    echo "  {$row['Amount']} {$row['Status']}\n";
}
$truth = sim("/orders/$number");
echo "the bank: captured {$truth['captured']}, refunded {$truth['refunded']}, ", count($truth['actions']), " actions\n";
exit($seen['net'] === $truth['net'] && $truth['net'] === 400 ? 0 : 1);
