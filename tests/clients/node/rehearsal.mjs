// A capture and three refunds, two of them unanswered: node rehearsal.mjs [URL OF THE SIMULATOR]
import { Ecpay, Unanswered } from './ecpay.mjs';

const URL = process.argv[2] ?? 'http://127.0.0.1:8484';

/** A control call: sets the scene, or tells what the bank holds. ECPay has nothing like it. */
async function sim(path, body) {
  const answer = await fetch(`${URL}/sim${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/** Seconds since 1970. The control calls speak Taipei's time. */
async function bankTime() {
  return Date.parse((await sim('/clock')).now.replace(' ', 'T') + '+08:00') / 1000;
}

const inTaipei = (seconds) => new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 19).replace('T', ' ');
const waitUntil = (text) => sim('/clock', { now: text, running: true });

// The bank may be days ahead, so requests are stamped with its time. At ECPay leave the clock out.
const ecpay = new Ecpay(URL, '3002607', 'pwFHCqoQZGmho4w6', 'EkRm7iFT261dpevs', bankTime);

async function refund(order, amount) {
  const before = (await ecpay.look(order)).net;
  const tooOld = (await bankTime()) + 15 * 60;   // ECPay takes no request older than 10 minutes
  try {
    await ecpay.act(order, 'R', amount);
    console.log(`R ${amount}: accepted`);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    console.log(`R ${amount}: no answer; look, do not send it again`);
    if ((await ecpay.look(order)).net === before) {
      console.log('  nothing to see, which proves nothing yet: it may still be on its way');
      await waitUntil(inTaipei(tooOld));
    }
    if ((await ecpay.look(order)).net === before - amount) {
      console.log('  a look shows that it took effect');
    } else {
      console.log('  it had no effect and can have none any more: it may be sent again');
    }
  }
}

const number = `A${Date.now()}`;
await sim('/orders', { merchant_trade_no: number, amount: 1000 });   // a customer has paid
const order = await ecpay.order(number);
console.log(`order of NT$${order.TradeAmt}, paid: ${order.TradeStatus}`);
console.log((await ecpay.look(order)).status);

await ecpay.act(order, 'C', order.TradeAmt);
console.log(`C: ${(await ecpay.look(order)).status}`);
await waitUntil(inTaipei((await bankTime()) + 24 * 3600).slice(0, 10) + ' 09:00:00');
console.log(`the next day: ${(await ecpay.look(order)).status}`);

await refund(order, 300);
await sim('/faults', { call: 'do_action', action: 'R', kind: 'lost_after' });   // done, and the answer is lost
await refund(order, 200);
await sim('/faults', { call: 'do_action', action: 'R', kind: 'delayed', s: 300 });   // arrives five minutes late
await refund(order, 100);

const seen = await ecpay.look(order);
for (const row of seen.rows.sort((a, b) => b.Amount - a.Amount)) console.log(`  ${row.Amount} ${row.Status}`);
const truth = await sim(`/orders/${number}`);
console.log(`the bank: captured ${truth.captured}, refunded ${truth.refunded}, ${truth.actions.length} actions`);
process.exitCode = seen.net === truth.net && truth.net === 400 ? 0 : 1;
