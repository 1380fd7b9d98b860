"""The card calls of 全方位金流 (AIO), ECPay's form API, for Python 3.9 or newer. The state is told by look() of ecpay.py."""

import hashlib
import hmac
import http.client
import re
import time
import urllib.request
from urllib.parse import parse_qs, quote_plus, urlencode

from ecpay import Refused, Unanswered

BARE = str.maketrans({"~": "%7e"})  # PHP escapes it, quote_plus does not


class EcpayForm:
    def __init__(self, form_url, merchant_id, hash_key, hash_iv, clock=time.time):
        self.form_url, self.merchant_id, self.clock = form_url, merchant_id, clock
        self.hash_key, self.hash_iv = hash_key, hash_iv

    def order(self, number):
        """Is it paid, how much, and ECPay's own number for it."""
        stamp = int(self.clock())  # good for three minutes
        order = self.verified(self._post("/Cashier/QueryTradeInfo/V5", {"MerchantTradeNo": number, "TimeStamp": stamp}))
        if order is None:
            raise Unanswered("the answer is not signed with our keys")
        if order.get("MerchantID") != self.merchant_id or order.get("MerchantTradeNo") != number:
            raise Unanswered("the answer is about another order")
        if order.get("TradeStatus") not in ("0", "1"):
            raise Refused(f"TradeStatus {order.get('TradeStatus')}")  # 10200047: not known
        return {**order, "TradeAmt": int(order["TradeAmt"])}

    def act(self, order, action, amount):
        """C capture, E call the capture back, N abandon, R refund.

        Never repeat one that raised Unanswered: its request has no stamp, and a copy of it may act at any later time.
        """
        names = {"MerchantTradeNo": order["MerchantTradeNo"], "TradeNo": order["TradeNo"]}
        text = self._post("/CreditDetail/DoAction", {**names, "Action": action, "TotalAmount": amount})
        answer = {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
        # Nothing signs this answer: it counts only with all three numbers.
        numbers = {**names, "MerchantID": self.merchant_id}
        if any(answer.get(name) != number for name, number in numbers.items()):
            raise Unanswered("the answer is not about this order")
        if not answer.get("RtnCode"):
            raise Unanswered("the answer has no RtnCode")
        if answer["RtnCode"] != "1":
            raise Refused(f"{answer['RtnCode']} {answer.get('RtnMsg', '')}")

    def sign(self, fields):
        """CheckMacValue of these fields."""
        pairs = sorted(((k, v) for k, v in fields.items() if k != "CheckMacValue"), key=lambda pair: pair[0].lower())
        return self._sign_text("&".join(f"{name}={value}" for name, value in pairs))

    def verified(self, answer):
        """The fields of an answer; None where it is not signed with these keys.

        The text is checked as it came. Its values are not urlencoded: who decodes them first turns the + of an ItemName
        into a space, and no such order is ever verified.
        """
        text, _, claimed = answer.rstrip("\r\n").rpartition("&CheckMacValue=")
        if not hmac.compare_digest(self._sign_text(text).encode(), claimed.upper().encode()):
            return None
        fields = {}
        # The shop's own text may have & and = in it: it ends where MerchantID begins.
        item = re.search(r"(?:^|&)ItemName=(.*)(?=&MerchantID=)", text, re.S)
        if item:
            fields["ItemName"] = item[1]
            text = text[: item.start()] + text[item.end() :]
        for pair in text.lstrip("&").split("&"):
            name, _, value = pair.partition("=")
            if name in fields:
                return None  # a field within another one's text
            fields[name] = value
        return fields

    def _sign_text(self, fields):
        # .NET leaves ! * ( ) as they are.
        text = quote_plus(f"HashKey={self.hash_key}&{fields}&HashIV={self.hash_iv}", safe="!*()").translate(BARE)
        return hashlib.sha256(text.lower().encode()).hexdigest().upper()

    def _post(self, path, fields):
        fields = {"MerchantID": self.merchant_id, **fields}
        body = urlencode({**fields, "CheckMacValue": self.sign(fields)}).encode()
        try:
            # The request itself is a secret: tell it to no log.
            with urllib.request.urlopen(self.form_url + path, body, timeout=30) as answer:
                return answer.read().decode()
        # A time-out, a lost connection, another status than 200, no text.
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unanswered(str(error)) from error
