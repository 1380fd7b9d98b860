"""The card calls of ECPay's gateway, for Python 3.8 or newer with the package `cryptography`."""

import base64
import http.client
import json
import time
import urllib.request
from urllib.parse import quote_plus, unquote_plus

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

VOID = ("Canceled", "Operation canceled", "已取消", "操作取消")


class Refused(Exception):
    """ECPay has said no: nothing was moved."""


class Unanswered(Exception):
    """Nobody knows whether it happened: look, and send nothing again."""


class Ecpay:
    def __init__(self, base_url, merchant_id, hash_key, hash_iv, clock=time.time):
        self.base_url, self.merchant_id, self.clock = base_url, merchant_id, clock
        self.cipher = Cipher(algorithms.AES(hash_key.encode()), modes.CBC(hash_iv.encode()))

    def order(self, number):
        """Is it paid, how much, and ECPay's own number for it."""
        answer = self._call("/1.0.0/Cashier/QueryTrade", {"MerchantTradeNo": number})
        if int(answer.get("RtnCode", 0)) != 1:
            raise Refused(f"{answer.get('RtnCode')} {answer.get('RtnMsg')}")
        if answer["OrderInfo"]["MerchantTradeNo"] != number:
            raise Unanswered("the answer is about another order")
        return answer["OrderInfo"]

    def look(self, order):
        """The closing state, which decides what is legal, and what is left of the money."""
        answer = self._call("/1.0.0/CreditDetail/QueryTrade", {"MerchantTradeNo": order["MerchantTradeNo"]})
        value = answer.get("RtnValue")  # a success has no RtnCode here
        if not value:
            raise Refused(f"{answer.get('RtnCode')} {answer.get('RtnMsg')}")
        if value["Amount"] != order["TradeAmt"]:
            raise Unanswered("the answer is about another order")
        rows = list(answer.get("CloseData") or [])  # {} when there is none
        captures = [row for row in rows if row["Amount"] > 0]
        newest = max(captures, key=lambda row: row["DateTime"], default=value)
        net = sum(row["Amount"] for row in rows if row["Status"] not in VOID)
        return {"status": newest["Status"], "rows": rows, "net": net}

    def act(self, order, action, amount):
        """C capture, E call the capture back, N abandon, R refund. Never repeat one that raised Unanswered."""
        names = {"MerchantTradeNo": order["MerchantTradeNo"], "TradeNo": order["TradeNo"]}
        answer = self._call("/1.0.0/Credit/DoAction", {**names, "Action": action, "TotalAmount": amount})
        if any(answer.get(name) != number for name, number in names.items()):
            raise Unanswered(f"the answer is about another order: {answer.get('RtnMsg')}")
        if int(answer.get("RtnCode", 0)) != 1:
            raise Refused(f"{answer.get('RtnCode')} {answer.get('RtnMsg')}")

    def _call(self, path, data):
        body = {
            "MerchantID": self.merchant_id,
            "RqHeader": {"Timestamp": int(self.clock())},
            "Data": self.seal(json.dumps({"MerchantID": self.merchant_id, **data})),
        }
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base_url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                envelope = json.load(answer)
            if int(envelope["TransCode"]) != 1:
                raise Unanswered(f"TransCode {envelope['TransCode']}: {envelope.get('TransMsg')}")
            return json.loads(self.open(envelope["Data"]))
        # A time-out, a lost connection, another status than 200, a body that cannot be read.
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            raise Unanswered(str(error)) from error

    def seal(self, text):
        # PHP's urlencode escapes ~ as well.
        plain = quote_plus(text, safe="").replace("~", "%7E").encode()
        pad, lock = PKCS7(128).padder(), self.cipher.encryptor()
        return base64.b64encode(lock.update(pad.update(plain) + pad.finalize()) + lock.finalize()).decode()

    def open(self, data):
        unlock, unpad = self.cipher.decryptor(), PKCS7(128).unpadder()
        padded = unlock.update(base64.b64decode(data)) + unlock.finalize()
        return unquote_plus((unpad.update(padded) + unpad.finalize()).decode())
