// Voucher orders, asked for with a published client that is not ours: node vouchers.cjs URL
const { ECPayTicketGateway } = require('@rytass/payments-adapter-ecpay');

const URL = process.argv[2];
const gateway = new ECPayTicketGateway({
  baseUrl: URL,
  merchantId: '3002607',
  hashKey: 'c539115ea7674f20',
  hashIv: '86f625e60cb1473a',
  issuePoll: false,
});

async function sim(path, body) {
  const answer = await fetch(`${URL}/sim${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

async function look(merchantTradeNo) {
  const told = await gateway.queryOrderInfo({ merchantTradeNo }).catch((error) => ({ error: error.message }));
  const { status, tradeAmount, remark, error } = told;
  console.log(merchantTradeNo, JSON.stringify({ status, tradeAmount, remark, error }));
}

(async () => {
  const tickets = [{ count: 3, amount: 1200 }];
  for (const no of ['V1', 'V2', 'V3']) await sim('/vouchers', { merchant_trade_no: no, tickets, issuing: true });
  await look('V1');
  await sim('/vouchers/V2/issue', { failed: '票券庫存不足' });
  await look('V2');
  await sim('/vouchers/V3/issue', {});
  await look('V3');
  await gateway.destroy();
})();
