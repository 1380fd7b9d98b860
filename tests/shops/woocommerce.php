<?php
/**
 * Plugin Name: ecpayd
 * Description: Hands the refunds of card orders to ecpayd, and the card payments of RY Tools and woomp.
 */

require_once '/usr/local/lib/ecpayd/shop.php';

/** By card, and not recurring: the later charges of those have numbers of their own. */
function ecpayd_has(WC_Order $order): bool
{
    return (bool) preg_match('/^(wooecpay_gateway|ry_ecpay)_(credit|applepay)/i', $order->get_payment_method());
}

/** The number that was paid. Each visit to ECPay's page overwrites the one in the order's meta. */
function ecpayd_number(WC_Order $order): string
{
    global $wpdb;
    $numbers = array_filter([$order->get_meta('_ecpayd_number')]);   // noted below
    if (!$numbers && stripos($order->get_payment_method(), 'wooecpay') === 0) {
        $numbers = $wpdb->get_col($wpdb->prepare(
            "SELECT merchant_trade_no FROM {$wpdb->prefix}ecpay_orders_payment_status WHERE order_id = %d AND payment_status = 1",
            $order->get_id()));
    }
    return match (count($numbers)) {
        1 => reset($numbers),
        0 => $order->get_meta('_ecpay_MerchantTradeNo') ?: throw new RuntimeException(
            'ecpayd: no MerchantTradeNo that was paid is noted for this order: look it up at ECPay, then ecpayd refund NUMBER'),
        default => throw new RuntimeException(
            'ecpayd: this order was paid more than once, as ' . implode(', ', $numbers) . ': ecpayd refund NUMBER'),
    };
}

function ecpayd_amount(WC_Order_Refund $refund): int
{
    $amount = (float) $refund->get_amount();
    return fmod($amount, 1) === 0.0 ? (int) $amount : throw new RuntimeException('ecpayd: cards are refunded in whole dollars');
}

// RY Tools and woomp: the notification, after the plugin has checked its checksum and set the order to paid. What is
// thrown here answers ECPay with an error, and it sends the notification again.
add_action('ry_ecpay_gateway_response_status_1', function (array $told, WC_Order $order): void {
    if (!ecpayd_has($order) || ($told['SimulatePaid'] ?? '0') !== '0') {
        return;
    }
    $order->update_meta_data('_ecpayd_number', $told['MerchantTradeNo']);
    $order->save();
    $knows = $told['PaymentType'] === 'Credit_CreditCard' && ($told['gwsr'] ?? 0) > 0 && ($told['red_dan'] ?? 0) == 0;
    card_paid(ledger(), $told['MerchantTradeNo'], (int) $told['TradeAmt'], $knows ? (int) $told['stage'] : null);
}, 20, 2);

// Before WooCommerce writes the refund down: what is thrown here is shown to whoever asks, and nothing is kept.
add_action('woocommerce_create_refund', function (WC_Order_Refund $refund, array $args): void {
    $order = wc_get_order($args['order_id']);
    if (empty($args['refund_payment']) && $order instanceof WC_Order && ecpayd_has($order)) {
        ecpayd_number($order);
        ecpayd_amount($refund);
        ledger();
    }
}, 10, 2);

// The last of all, since WooCommerce deletes the refund if anything after this throws. Its number is the key.
add_action('woocommerce_order_refunded', function (int $order_id, int $refund_id): void {
    [$order, $refund] = [wc_get_order($order_id), wc_get_order($refund_id)];
    // Paid back by the plugin itself: not a second time.
    if (!$order instanceof WC_Order || $refund->get_refunded_payment() || !ecpayd_has($order)) {
        return;
    }
    ask_refund(ledger(), MERCHANT, ecpayd_number($order), ecpayd_amount($refund), "wc-refund-$refund_id", $refund->get_reason());
}, PHP_INT_MAX, 2);

// Takes away the button by which a plugin refunds at ECPay by itself. "Refund manually" stays, and is ecpayd's.
add_filter('woocommerce_payment_gateway_supports', function (bool $does, string $feature, $gateway): bool {
    return $does && !($feature === 'refunds' && preg_match('/^(wooecpay_gateway|ry_ecpay)_/i', $gateway->id));
}, 10, 3);
