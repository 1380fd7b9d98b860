"""A capture and three refunds by form, two of them unanswered: python3 rehearsal_form.py [URL OF THE SIMULATOR]"""

import json
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

from ecpay import Ecpay, Unanswered
from ecpay_form import EcpayForm

TAIPEI = timezone(timedelta(hours=8))
URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8484"


def sim(path, body=None):
    """A control call: sets the scene, or tells what the bank holds. ECPay has nothing like it."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{URL}/sim{path}", data) as answer:
        return json.load(answer)


def bank_time():
    return datetime.strptime(sim("/clock")["now"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=TAIPEI)


def wait_until(time):
    sim("/clock", {"now": time.strftime("%Y-%m-%d %H:%M:%S"), "running": True})


# Two hosts at ECPay, payment.ecpay.com.tw and ecpayment.ecpay.com.tw, with the same keys. The bank may be days ahead,
# so requests are stamped with its time. At ECPay leave `clock` out.
access = ("3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", lambda: bank_time().timestamp())
form, detail = EcpayForm(URL, *access), Ecpay(URL, *access)


def refund(order, amount):
    """Whether it is certain that this much went back."""
    before = detail.look(order)["net"]
    try:
        form.act(order, "R", amount)
        print(f"R {amount}: accepted")
        return True
    except Unanswered:
        print(f"R {amount}: no answer; look, do not send it again")
    if detail.look(order)["net"] == before:
        wait_until(bank_time() + timedelta(minutes=30))
    if detail.look(order)["net"] == before - amount:
        print("  a look shows that it took effect")
        return True
    print("  nothing to see after half an hour, which proves nothing: no stamp ends a form. Not sent again; ask a person")
    return False


number = f"A{int(time.time() * 1000)}"
sim("/orders", {"merchant_trade_no": number, "amount": 1000, "product": "aio"})  # a customer has paid
order = form.order(number)
print(f"order of NT${order['TradeAmt']}, paid: {order['TradeStatus']}")
print(detail.look(order)["status"])

form.act(order, "C", order["TradeAmt"])
print(f"C: {detail.look(order)['status']}")
wait_until((bank_time() + timedelta(days=1)).replace(hour=9))
print(f"the next day: {detail.look(order)['status']}")

refund(order, 300)
sim("/faults", {"call": "do_action", "action": "R", "kind": "lost_after"})  # done, and the answer is lost
refund(order, 200)
sim("/faults", {"call": "do_action", "action": "R", "kind": "delayed", "s": 5400})  # arrives after an hour and a half
if not refund(order, 100):
    wait_until(bank_time() + timedelta(hours=2))
    print("two hours later:", "it has come after all" if detail.look(order)["net"] == 400 else "it has not come")

seen = detail.look(order)
for row in sorted(seen["rows"], key=lambda row: -row["Amount"]):
    print(f"  {row['Amount']} {row['Status']}")
truth = sim(f"/orders/{number}")
print(f"the bank: captured {truth['captured']}, refunded {truth['refunded']}, {len(truth['actions'])} actions")
sys.exit(0 if seen["net"] == truth["net"] == 400 else 1)
