<?php
/** The card calls of ECPay's gateway, for PHP 8.1 or newer with the extension openssl. */

/** ECPay has said no: nothing was moved. */
class Refused extends RuntimeException {}

/** Nobody knows whether it happened: look, and send nothing again. */
class Unanswered extends RuntimeException {}

class Ecpay
{
    private const VOID = ['Canceled', 'Operation canceled', '已取消', '操作取消'];

    public function __construct(
        private string $base_url,
        private string $merchant_id,
        private string $hash_key,
        private string $hash_iv,
        private ?Closure $clock = null,
    ) {}

    /** Is it paid, how much, and ECPay's own number for it. */
    public function order(string $number): array
    {
        $answer = $this->call('/1.0.0/Cashier/QueryTrade', ['MerchantTradeNo' => $number]);
        if ((int) ($answer['RtnCode'] ?? 0) !== 1) {
            throw new Refused("{$answer['RtnCode']} {$answer['RtnMsg']}");
        }
        if (($answer['OrderInfo']['MerchantTradeNo'] ?? null) !== $number) {
            throw new Unanswered('the answer is about another order');
        }
        return $answer['OrderInfo'];
    }

    /** The closing state, which decides what is legal, and what is left of the money. */
    public function look(array $order): array
    {
        $answer = $this->call('/1.0.0/CreditDetail/QueryTrade', ['MerchantTradeNo' => $order['MerchantTradeNo']]);
        $value = $answer['RtnValue'] ?? null;   // a success has no RtnCode here
        if (!$value) {
            throw new Refused(($answer['RtnCode'] ?? '') . ' ' . ($answer['RtnMsg'] ?? ''));
        }
        if ($value['Amount'] !== $order['TradeAmt']) {
            throw new Unanswered('the answer is about another order');
        }
        $rows = $answer['CloseData'] ?? [];
        $newest = null;
        $net = 0;
        foreach ($rows as $row) {
            if ($row['Amount'] > 0 && $row['DateTime'] > ($newest['DateTime'] ?? '')) {
                $newest = $row;
            }
            if (!in_array($row['Status'], self::VOID, true)) {
                $net += $row['Amount'];
            }
        }
        return ['status' => ($newest ?? $value)['Status'], 'rows' => $rows, 'net' => $net];
    }

    /** C capture, E call the capture back, N abandon, R refund. Never repeat one that threw Unanswered. */
    public function act(array $order, string $action, int $amount): void
    {
        $names = ['MerchantTradeNo' => $order['MerchantTradeNo'], 'TradeNo' => $order['TradeNo']];
        $answer = $this->call('/1.0.0/Credit/DoAction', $names + ['Action' => $action, 'TotalAmount' => $amount]);
        foreach ($names as $name => $number) {
            if (($answer[$name] ?? null) !== $number) {
                throw new Unanswered('the answer is about another order: ' . ($answer['RtnMsg'] ?? ''));
            }
        }
        if ((int) ($answer['RtnCode'] ?? 0) !== 1) {
            throw new Refused("{$answer['RtnCode']} {$answer['RtnMsg']}");
        }
    }

    private function call(string $path, array $data): array
    {
        $body = json_encode([
            'MerchantID' => $this->merchant_id,
            'RqHeader' => ['Timestamp' => $this->clock ? ($this->clock)() : time()],
            'Data' => $this->seal(json_encode(['MerchantID' => $this->merchant_id] + $data)),
        ]);
        $envelope = json_decode((string) $this->post($this->base_url . $path, $body), true);
        if ((int) ($envelope['TransCode'] ?? 0) !== 1) {
            throw new Unanswered($envelope['TransMsg'] ?? error_get_last()['message'] ?? 'unreadable');
        }
        $answer = json_decode((string) $this->open($envelope['Data'] ?? ''), true);
        return is_array($answer) ? $answer : throw new Unanswered('the answer does not decrypt');
    }

    /** False for a time-out, a lost connection, a status of 400 and above. */
    protected function post(string $url, string $body): string|false
    {
        $request = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Content-Type: application/json\r\n",
            'content' => $body,
            'timeout' => 30,
            'follow_location' => 0,
        ]]);
        return @file_get_contents($url, false, $request);
    }

    public function seal(string $text): string
    {
        return openssl_encrypt(urlencode($text), 'aes-128-cbc', $this->hash_key, 0, $this->hash_iv);
    }

    public function open(string $data): ?string
    {
        $plain = openssl_decrypt($data, 'aes-128-cbc', $this->hash_key, 0, $this->hash_iv);
        return $plain === false ? null : urldecode($plain);
    }
}
