// Captures every paid order of the shop, so many at once: node capture.mjs GATEWAY FILE IN_FLIGHT fetch|http
import { Ecpay } from '../../tests/clients/node/ecpay.mjs';

// Node's own SQLite where it has one. The other's calls are the same as far as they are used here.
const Database = await import('node:sqlite').then(
  (own) => own.DatabaseSync,
  async () => (await import('better-sqlite3')).default,
);

const [url, file, inFlight, over] = process.argv.slice(2);
if (over === 'http') await import('./agent.mjs');
const ecpay = new Ecpay(url, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs');
const db = new Database(file);
db.exec('PRAGMA journal_mode = WAL');
db.exec('PRAGMA synchronous = FULL');
const looked = db.prepare('UPDATE orders SET state = ?, trade_no = ?, amount = ?, looked_at = ? WHERE number = ?');
const started = db.prepare("INSERT INTO attempts (number, action, amount, sent_at) VALUES (?, 'C', ?, ?)");
const ended = db.prepare('UPDATE attempts SET outcome = ? WHERE id = ?');
const settled = db.prepare('UPDATE orders SET state = ?, looked_at = ? WHERE number = ?');

async function capture(number) {
  const order = await ecpay.order(number);
  const { status } = await ecpay.look(order);
  looked.run(status, order.TradeNo, order.TradeAmt, Date.now(), number);
  if (status !== 'Authorized') return;
  const attempt = started.run(number, order.TradeAmt, Date.now()).lastInsertRowid;
  await ecpay.act(order, 'C', order.TradeAmt);
  ended.run('accepted', attempt);
  const after = await ecpay.look(order);
  settled.run(after.status, Date.now(), number);
}

// The workers take from one list.
const paid = db.prepare("SELECT number FROM orders WHERE state = 'paid' ORDER BY number").all().values();
await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    for (const { number } of paid) await capture(number);
  }),
);
