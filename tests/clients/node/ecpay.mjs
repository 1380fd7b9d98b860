// The card calls of ECPay's gateway, for Node 18 or newer. No packages needed.
import { createCipheriv, createDecipheriv } from 'node:crypto';

const VOID = ['Canceled', 'Operation canceled', '已取消', '操作取消'];

/** ECPay has said no: nothing was moved. */
export class Refused extends Error {}

/** Nobody knows whether it happened: look, and send nothing again. */
export class Unanswered extends Error {}

export class Ecpay {
  constructor(baseUrl, merchantId, hashKey, hashIv, clock = () => Date.now() / 1000) {
    Object.assign(this, { baseUrl, merchantId, hashKey, hashIv, clock });
  }

  /** Is it paid, how much, and ECPay's own number for it. */
  async order(number) {
    const answer = await this.#call('/1.0.0/Cashier/QueryTrade', { MerchantTradeNo: number });
    if (Number(answer.RtnCode) !== 1) throw new Refused(`${answer.RtnCode} ${answer.RtnMsg}`);
    if (answer.OrderInfo?.MerchantTradeNo !== number) throw new Unanswered('the answer is about another order');
    return answer.OrderInfo;
  }

  /** The closing state, which decides what is legal, and what is left of the money. */
  async look(order) {
    const answer = await this.#call('/1.0.0/CreditDetail/QueryTrade', { MerchantTradeNo: order.MerchantTradeNo });
    const value = answer.RtnValue;   // a success has no RtnCode here
    if (!value) throw new Refused(`${answer.RtnCode} ${answer.RtnMsg}`);
    if (value.Amount !== order.TradeAmt) throw new Unanswered('the answer is about another order');
    const rows = Array.isArray(answer.CloseData) ? answer.CloseData : [];   // {} when there is none
    const captures = rows.filter((row) => row.Amount > 0);
    const newest = captures.reduce((a, b) => (b.DateTime > a.DateTime ? b : a), captures[0] ?? value);
    const net = rows.filter((row) => !VOID.includes(row.Status)).reduce((sum, row) => sum + row.Amount, 0);
    return { status: newest.Status, rows, net };
  }

  /** C capture, E call the capture back, N abandon, R refund. Never repeat one that threw Unanswered. */
  async act(order, action, amount) {
    const { MerchantTradeNo, TradeNo } = order;
    const data = { MerchantTradeNo, TradeNo, Action: action, TotalAmount: amount };
    const answer = await this.#call('/1.0.0/Credit/DoAction', data);
    if (answer.MerchantTradeNo !== MerchantTradeNo || answer.TradeNo !== TradeNo) {
      throw new Unanswered(`the answer is about another order: ${answer.RtnMsg}`);
    }
    if (Number(answer.RtnCode) !== 1) throw new Refused(`${answer.RtnCode} ${answer.RtnMsg}`);
  }

  async #call(path, data) {
    const body = {
      MerchantID: this.merchantId,
      RqHeader: { Timestamp: Math.floor(await this.clock()) },
      Data: this.seal(JSON.stringify({ MerchantID: this.merchantId, ...data })),
    };
    try {
      const answer = await fetch(this.baseUrl + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      const envelope = JSON.parse(text);
      if (Number(envelope.TransCode) !== 1) throw new Error(`TransCode ${envelope.TransCode}: ${envelope.TransMsg}`);
      return JSON.parse(this.open(envelope.Data));
    } catch (error) {
      // A time-out, a lost connection, another status than 200, a body that cannot be read.
      throw new Unanswered(error.message, { cause: error });
    }
  }

  seal(text) {
    // PHP's urlencode: encodeURIComponent leaves !'()*~ and writes a space as %20.
    const plain = encodeURIComponent(text)
      .replace(/[!'()*~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase())
      .replaceAll('%20', '+');
    const lock = createCipheriv('aes-128-cbc', this.hashKey, this.hashIv);
    return lock.update(plain, 'utf8', 'base64') + lock.final('base64');
  }

  open(data) {
    const unlock = createDecipheriv('aes-128-cbc', this.hashKey, this.hashIv);
    const plain = unlock.update(data, 'base64', 'utf8') + unlock.final('utf8');
    return decodeURIComponent(plain.replaceAll('+', ' '));
  }
}
