<?php
/** As much of WordPress and WooCommerce as the recipe touches, over the shop's tables in SQLite. */

$hooks = [];
$posts = [];

function add_action(string $name, callable $does, int $priority = 10, int $given = 1): void
{
    $GLOBALS['hooks'][$name][$priority][] = [$does, $given];
    ksort($GLOBALS['hooks'][$name]);
}

function add_filter(string $name, callable $does, int $priority = 10, int $given = 1): void
{
    add_action($name, $does, $priority, $given);
}

function do_action(string $name, mixed ...$given): void
{
    foreach (array_merge(...($GLOBALS['hooks'][$name] ?? [])) as [$does, $count]) {
        $does(...array_slice($given, 0, $count));
    }
}

function apply_filters(string $name, mixed $value, mixed ...$given): mixed
{
    foreach (array_merge(...($GLOBALS['hooks'][$name] ?? [])) as [$does, $count]) {
        $value = $does($value, ...array_slice($given, 0, $count - 1));
    }
    return $value;
}

class WC_Order
{
    public function __construct(private int $id, private string $method, private array $meta = []) {}
    public function get_id(): int { return $this->id; }
    public function get_payment_method(): string { return $this->method; }
    public function get_meta(string $key): mixed { return $this->meta[$key] ?? ''; }
    public function update_meta_data(string $key, mixed $value): void { $this->meta[$key] = $value; }
    public function save(): void {}
}

class WC_Order_Refund
{
    public function __construct(public int $id, private string $amount, private bool $paid, private string $reason) {}
    public function get_amount(): string { return $this->amount; }
    public function get_reason(): string { return $this->reason; }
    public function get_refunded_payment(): bool { return $this->paid; }
}

function wc_get_order(int $id): mixed
{
    return $GLOBALS['posts'][$id] ?? false;
}

/** In WooCommerce's order of things: hook, written, hook; whatever is thrown takes the refund away again. */
function wc_create_refund(array $args): WC_Order_Refund|string
{
    $id = max(array_keys($GLOBALS['posts'])) + 1;
    $by_plugin = $args['refund_payment'] ?? false;
    try {
        $refund = new WC_Order_Refund($id, (string) $args['amount'], $by_plugin, $args['reason'] ?? '');
        do_action('woocommerce_create_refund', $refund, $args);
        $GLOBALS['posts'][$id] = $refund;
        do_action('woocommerce_order_refunded', $args['order_id'], $id);
    } catch (Exception $e) {
        unset($GLOBALS['posts'][$id]);
        return $e->getMessage();
    }
    return $refund;
}

$wpdb = new class {
    public string $prefix = 'wp_';
    public PDO $pdo;
    public function prepare(string $query, mixed ...$given): string { return vsprintf($query, $given); }
    public function get_col(string $query): array { return $this->pdo->query($query)->fetchAll(PDO::FETCH_COLUMN); }
};
