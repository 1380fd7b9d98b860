<?php
/**
 * Captures every paid order of the shop: php capture.php GATEWAY FILE streams|curl|socket
 *
 * One script over the client of docs/clients.md, whose calls take three ways.
 */

require __DIR__ . '/../../tests/clients/php/ecpay.php';

const ECPAY = ['3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs'];

/** With one handle of curl's for all calls, which keeps its connection. */
class OverCurl extends Ecpay
{
    private ?CurlHandle $handle = null;

    protected function post(string $url, string $body): string|false
    {
        if (!$this->handle) {
            $this->handle = curl_init();
            curl_setopt_array($this->handle, [
                CURLOPT_POST => true,
                CURLOPT_RETURNTRANSFER => true,
                CURLOPT_TIMEOUT => 30,
                CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
            ]);
        }
        curl_setopt_array($this->handle, [CURLOPT_URL => $url, CURLOPT_POSTFIELDS => $body]);
        $answer = curl_exec($this->handle);
        return curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE) === 200 ? $answer : false;
    }
}

/** With no HTTP library at all, on one connection: as little as calls can cost in PHP. */
class OverSocket extends Ecpay
{
    private $socket = null;

    protected function post(string $url, string $body): string|false
    {
        ['host' => $host, 'port' => $port, 'path' => $path] = parse_url($url);
        $this->socket ??= stream_socket_client("tcp://$host:$port", timeout: 30);
        fwrite($this->socket, "POST $path HTTP/1.1\r\nHost: $host:$port\r\nContent-Type: application/json\r\n"
            . 'Content-Length: ' . strlen($body) . "\r\n\r\n" . $body);
        $status = (string) fgets($this->socket);
        $length = 0;
        while (($line = rtrim((string) fgets($this->socket))) !== '') {
            [$name, $value] = explode(':', $line, 2);
            if (strtolower($name) === 'content-length') {
                $length = (int) $value;
            }
        }
        $answer = stream_get_contents($this->socket, $length);
        return str_starts_with($status, 'HTTP/1.1 200 ') ? $answer : false;
    }
}

[, $url, $file, $over] = $argv;
$ecpay = match ($over) {
    'streams' => new Ecpay($url, ...ECPAY),
    'curl' => new OverCurl($url, ...ECPAY),
    'socket' => new OverSocket($url, ...ECPAY),
};
$db = new PDO("sqlite:$file");
$db->exec('PRAGMA journal_mode = WAL');
$db->exec('PRAGMA synchronous = FULL');
$looked = $db->prepare('UPDATE orders SET state = ?, trade_no = ?, amount = ?, looked_at = ? WHERE number = ?');
$started = $db->prepare("INSERT INTO attempts (number, action, amount, sent_at) VALUES (?, 'C', ?, ?)");
$ended = $db->prepare('UPDATE attempts SET outcome = ? WHERE id = ?');
$settled = $db->prepare('UPDATE orders SET state = ?, looked_at = ? WHERE number = ?');

foreach ($db->query("SELECT number FROM orders WHERE state = 'paid' ORDER BY number")->fetchAll() as [$number]) {
    $order = $ecpay->order($number);
    $state = $ecpay->look($order)['status'];
    $looked->execute([$state, $order['TradeNo'], $order['TradeAmt'], time(), $number]);
    if ($state !== 'Authorized') {
        continue;
    }
    $started->execute([$number, $order['TradeAmt'], time()]);
    $attempt = $db->lastInsertId();
    $ecpay->act($order, 'C', $order['TradeAmt']);
    $ended->execute(['accepted', $attempt]);
    $settled->execute([$ecpay->look($order)['status'], time(), $number]);
}
