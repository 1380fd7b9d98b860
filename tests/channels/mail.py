"""A mail server on loopback: takes one mail, prints it as JSON, and ends.

mail.py [--tls CERTIFICATE KEY [--at-once]] [--login USER PASSWORD]
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def arguments(name, count):
    at = sys.argv.index(name) if name in sys.argv else None
    return None if at is None else sys.argv[at + 1 : at + 1 + count]


async def main():
    taken = asyncio.get_running_loop().create_future()
    tls, login = arguments("--tls", 2), arguments("--login", 2)

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            if not taken.done():
                taken.set_result({
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "subject": str(mail["Subject"]),
                    "sender": str(mail["From"]),
                    "message_id": str(mail["Message-ID"]),
                    "date": str(mail["Date"]),
                    "automatic": str(mail["Auto-Submitted"]),
                    "type": mail.get_content_type(),
                    "text": mail.get_content(),
                    "tls": session.ssl is not None,
                    "login": session.authenticated,
                    "ascii": envelope.content.isascii(),
                })
            return "250 OK"

    def authenticate(server, session, envelope, mechanism, data):
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == login)

    options, listen = {"hostname": "localhost"}, {}
    at_once = "--at-once" in sys.argv
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        if at_once:
            listen["ssl"] = context
        else:
            options.update(tls_context=context, require_starttls=True)
    if login:
        # With TLS at once the package does not know that there is TLS.
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=bool(tls) and not at_once)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **options), "127.0.0.1", 0, **listen)
    print(server.sockets[0].getsockname()[1], flush=True)
    print(json.dumps(await taken), flush=True)


asyncio.run(main())
