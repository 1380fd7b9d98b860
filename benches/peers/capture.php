<?php
/** Captures every paid order of the shop: php capture.php GATEWAY FILE */

const MERCHANT = '3002607';
const HASH_KEY = 'pwFHCqoQZGmho4w6';
const HASH_IV = 'EkRm7iFT261dpevs';

/**
 * One connection that stays open for all calls. By hand, on a socket: the extension curl may be
 * missing, and PHP's http streams connect anew for each call.
 */
class Gateway
{
    private $socket;

    public function __construct(private string $address)
    {
        $this->socket = stream_socket_client("tcp://$address", timeout: 30);
        stream_set_timeout($this->socket, 30);
    }

    public function call(string $path, array $data): array
    {
        $data = json_encode(['MerchantID' => MERCHANT] + $data);
        $body = json_encode([
            'MerchantID' => MERCHANT,
            'RqHeader' => ['Timestamp' => time()],
            'Data' => openssl_encrypt(urlencode($data), 'aes-128-cbc', HASH_KEY, 0, HASH_IV),
        ]);
        fwrite($this->socket, "POST $path HTTP/1.1\r\nHost: {$this->address}\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . strlen($body) . "\r\n\r\n" . $body);
        $envelope = json_decode($this->answer(), true);
        if ((int) $envelope['TransCode'] !== 1) {
            throw new RuntimeException("TransCode {$envelope['TransCode']}: {$envelope['TransMsg']}");
        }
        return json_decode(urldecode(openssl_decrypt($envelope['Data'], 'aes-128-cbc', HASH_KEY, 0, HASH_IV)), true);
    }

    private function answer(): string
    {
        $status = (string) fgets($this->socket);
        if (!str_starts_with($status, 'HTTP/1.1 200 ')) {
            throw new RuntimeException("the gateway answered '$status'");
        }
        $length = 0;
        while (($line = rtrim((string) fgets($this->socket))) !== '') {
            [$name, $value] = explode(':', $line, 2);
            if (strtolower($name) === 'content-length') {
                $length = (int) $value;
            }
        }
        return stream_get_contents($this->socket, $length);
    }
}

/** What was asked for, or an end of the run. */
function expect(bool $holds, array $answer): void
{
    if (!$holds) {
        throw new RuntimeException('not as expected: ' . json_encode($answer));
    }
}

/** The state of the newest closing row; without rows, that of the card. */
function look(Gateway $gateway, string $number): string
{
    $detail = $gateway->call('/1.0.0/CreditDetail/QueryTrade', ['MerchantTradeNo' => $number]);
    expect(isset($detail['RtnValue']), $detail);
    $rows = $detail['CloseData'] ?? [];
    usort($rows, fn ($a, $b) => strcmp($b['DateTime'], $a['DateTime']));
    return ($rows[0] ?? $detail['RtnValue'])['Status'];
}

[, $url, $file] = $argv;
$gateway = new Gateway(substr($url, strlen('http://')));
$db = new PDO("sqlite:$file");
$db->exec('PRAGMA journal_mode = WAL');
$db->exec('PRAGMA synchronous = FULL');
$looked = $db->prepare('UPDATE orders SET state = ?, trade_no = ?, amount = ?, looked_at = ? WHERE number = ?');
$started = $db->prepare("INSERT INTO attempts (number, action, amount, sent_at) VALUES (?, 'C', ?, ?)");
$ended = $db->prepare('UPDATE attempts SET outcome = ? WHERE id = ?');
$settled = $db->prepare('UPDATE orders SET state = ?, looked_at = ? WHERE number = ?');

foreach ($db->query("SELECT number FROM orders WHERE state = 'paid' ORDER BY number")->fetchAll() as [$number]) {
    $answer = $gateway->call('/1.0.0/Cashier/QueryTrade', ['MerchantTradeNo' => $number]);
    $order = $answer['OrderInfo'] ?? [];
    expect((int) ($answer['RtnCode'] ?? 0) === 1 && $order['MerchantTradeNo'] === $number, $answer);
    $state = look($gateway, $number);
    $looked->execute([$state, $order['TradeNo'], $order['TradeAmt'], time(), $number]);
    if ($state !== 'Authorized') {
        continue;
    }
    $started->execute([$number, $order['TradeAmt'], time()]);
    $attempt = $db->lastInsertId();
    $answer = $gateway->call('/1.0.0/Credit/DoAction', [
        'MerchantTradeNo' => $number,
        'TradeNo' => $order['TradeNo'],
        'Action' => 'C',
        'TotalAmount' => $order['TradeAmt'],
    ]);
    expect((int) ($answer['RtnCode'] ?? 0) === 1 && $answer['MerchantTradeNo'] === $number, $answer);
    $ended->execute(['accepted', $attempt]);
    $settled->execute([look($gateway, $number), time(), $number]);
}
