import base64, hashlib, hmac, time

def verified(secret, headers, body):
    """Whether ecpayd has sent this body, which is bytes. headers by their names in lower case."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    stamp = headers.get("webhook-timestamp", "0")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return False  # an old one, sent again by somebody else
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    wanted = b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(wanted, one) for one in given)  # one of two, while keys change
