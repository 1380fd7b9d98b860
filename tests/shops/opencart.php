<?php
/** catalog/controller/extension/module/ecpayd.php, for OpenCart 3: an order that is set to Refunded is refunded whole. */
class ControllerExtensionModuleEcpayd extends Controller
{
    private const REFUNDED = 11;   // its number in your shop: System > Localisation > Order Statuses

    public function history(string &$route, array &$args): void
    {
        [$order, $status] = [(int) $args[0], (int) $args[1]];
        if ($status !== self::REFUNDED) {
            return;
        }
        require_once '/usr/local/lib/ecpayd/shop.php';
        $paid = $this->db->query('SELECT merchant_trade_no FROM `' . DB_PREFIX . "ecpay_payment_response_info`
            WHERE order_id = $order AND payment_status = 1
              AND (PaymentType LIKE 'Credit%' OR PaymentType IN ('Flexible_Installment', 'ApplePay'))")->rows;
        if (count($paid) > 1) {
            throw new RuntimeException("ecpayd: order $order was paid more than once: ecpayd refund NUMBER");
        }
        foreach ($paid as $row) {   // none: not paid by card
            ask_refund(ledger(), MERCHANT, $row['merchant_trade_no'], null, "oc-order-$order");
        }
    }
}
