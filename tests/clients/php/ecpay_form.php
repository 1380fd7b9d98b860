<?php
/** The card calls of 全方位金流 (AIO), ECPay's form API, for PHP 8.1 or newer. The state is told by look() of ecpay.php. */

require_once __DIR__ . '/ecpay.php';

class EcpayForm
{
    public function __construct(
        private string $form_url,
        private string $merchant_id,
        private string $hash_key,
        private string $hash_iv,
        private ?Closure $clock = null,
    ) {}

    /** Is it paid, how much, and ECPay's own number for it. */
    public function order(string $number): array
    {
        $stamp = $this->clock ? ($this->clock)() : time();   // good for three minutes
        $answer = $this->post('/Cashier/QueryTradeInfo/V5', ['MerchantTradeNo' => $number, 'TimeStamp' => $stamp]);
        $order = $this->verified($answer) ?? throw new Unanswered('the answer is not signed with our keys');
        if (($order['MerchantID'] ?? '') !== $this->merchant_id || ($order['MerchantTradeNo'] ?? '') !== $number) {
            throw new Unanswered('the answer is about another order');
        }
        if (!in_array($order['TradeStatus'] ?? '', ['0', '1'], true)) {
            throw new Refused('TradeStatus ' . ($order['TradeStatus'] ?? ''));   // 10200047: not known
        }
        return ['TradeAmt' => (int) $order['TradeAmt']] + $order;
    }

    /**
     * C capture, E call the capture back, N abandon, R refund. Never repeat one that threw Unanswered: its request has
     * no stamp, and a copy of it may act at any later time.
     */
    public function act(array $order, string $action, int $amount): void
    {
        $names = ['MerchantTradeNo' => $order['MerchantTradeNo'], 'TradeNo' => $order['TradeNo']];
        $fields = $names + ['Action' => $action, 'TotalAmount' => $amount];
        parse_str($this->post('/CreditDetail/DoAction', $fields), $answer);
        // Nothing signs this answer: it counts only with all three numbers.
        foreach ($names + ['MerchantID' => $this->merchant_id] as $name => $number) {
            if (($answer[$name] ?? null) !== $number) {
                throw new Unanswered('the answer is not about this order');
            }
        }
        match ($answer['RtnCode'] ?? '') {
            '1' => null,
            '' => throw new Unanswered('the answer has no RtnCode'),
            default => throw new Refused("{$answer['RtnCode']} " . ($answer['RtnMsg'] ?? '')),
        };
    }

    /** CheckMacValue of these fields. */
    public function sign(array $fields): string
    {
        unset($fields['CheckMacValue']);
        uksort($fields, strcasecmp(...));
        $pairs = array_map(fn($name, $value) => "$name=$value", array_keys($fields), $fields);
        return $this->sign_text(implode('&', $pairs));
    }

    /**
     * The fields of an answer; null where it is not signed with these keys.
     *
     * The text is checked as it came. Its values are not urlencoded: who decodes them first turns the + of an ItemName
     * into a space, and no such order is ever verified.
     */
    public function verified(string $answer): ?array
    {
        $parts = explode('&CheckMacValue=', rtrim($answer, "\r\n"));
        $claimed = array_pop($parts);
        $text = implode('&CheckMacValue=', $parts);
        if (!hash_equals($this->sign_text($text), strtoupper($claimed))) {
            return null;
        }
        // The shop's own text may have & and = in it: it ends where MerchantID begins.
        preg_match('/(?:^|&)ItemName=(.*)(?=&MerchantID=)/s', $text, $item, PREG_OFFSET_CAPTURE);
        $fields = [];
        if ($item) {
            $fields['ItemName'] = $item[1][0];
            $text = substr_replace($text, '', $item[0][1], strlen($item[0][0]));
        }
        foreach (explode('&', ltrim($text, '&')) as $pair) {
            [$name, $value] = explode('=', $pair, 2) + [1 => ''];
            if (isset($fields[$name])) {
                return null;   // a field within another one's text
            }
            $fields[$name] = $value;
        }
        return $fields;
    }

    private function sign_text(string $fields): string
    {
        $text = strtolower(urlencode("HashKey=$this->hash_key&$fields&HashIV=$this->hash_iv"));
        // What .NET leaves as it is.
        return strtoupper(hash('sha256', strtr($text, ['%21' => '!', '%2a' => '*', '%28' => '(', '%29' => ')'])));
    }

    private function post(string $path, array $fields): string
    {
        $fields = ['MerchantID' => $this->merchant_id] + $fields;
        $request = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Content-Type: application/x-www-form-urlencoded\r\n",
            'content' => http_build_query($fields + ['CheckMacValue' => $this->sign($fields)]),
            'timeout' => 30,
            'follow_location' => 0,
        ]]);
        // False for a time-out, a lost connection, a status of 400 and above. The request itself is a secret: tell it to no log.
        $answer = @file_get_contents($this->form_url . $path, false, $request);
        return $answer === false ? throw new Unanswered('no answer') : $answer;
    }
}
