"""A capture and three refunds, two of them unanswered: python3 rehearsal.py [URL OF THE SIMULATOR]"""

import json
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

from ecpay import Ecpay, Unanswered

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


# The bank may be days ahead, so requests are stamped with its time. At ECPay leave `clock` out.
ecpay = Ecpay(URL, "3002607", "pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs", lambda: bank_time().timestamp())


def refund(order, amount):
    before = ecpay.look(order)["net"]
    too_old = bank_time() + timedelta(minutes=15)  # ECPay takes no request older than 10 minutes
    try:
        ecpay.act(order, "R", amount)
        print(f"R {amount}: accepted")
    except Unanswered:
        print(f"R {amount}: no answer; look, do not send it again")
        if ecpay.look(order)["net"] == before:
            print("  nothing to see, which proves nothing yet: it may still be on its way")
            wait_until(too_old)
        if ecpay.look(order)["net"] == before - amount:
            print("  a look shows that it took effect")
        else:
            print("  it had no effect and can have none any more: it may be sent again")


number = f"A{int(time.time() * 1000)}"
sim("/orders", {"merchant_trade_no": number, "amount": 1000})  # a customer has paid
order = ecpay.order(number)
print(f"order of NT${order['TradeAmt']}, paid: {order['TradeStatus']}")
print(ecpay.look(order)["status"])

ecpay.act(order, "C", order["TradeAmt"])
print(f"C: {ecpay.look(order)['status']}")
wait_until((bank_time() + timedelta(days=1)).replace(hour=9))
print(f"the next day: {ecpay.look(order)['status']}")

refund(order, 300)
sim("/faults", {"call": "do_action", "action": "R", "kind": "lost_after"})  # done, and the answer is lost
refund(order, 200)
sim("/faults", {"call": "do_action", "action": "R", "kind": "delayed", "s": 300})  # arrives five minutes late
refund(order, 100)

seen = ecpay.look(order)
for row in sorted(seen["rows"], key=lambda row: -row["Amount"]):
    print(f"  {row['Amount']} {row['Status']}")
truth = sim(f"/orders/{number}")
print(f"the bank: captured {truth['captured']}, refunded {truth['refunded']}, {len(truth['actions'])} actions")
sys.exit(0 if seen["net"] == truth["net"] == 400 else 1)
