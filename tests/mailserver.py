"""A real mail server on this machine, for the tests of mail (aiosmtpd).

::

    with serving() as server:
        node.settings = replace(node.settings, mail=server.settings())
        …
        server.got[0].to, server.got[0].text
"""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from comity.services.servers import NONE, STARTTLS, TLS, MailServer

SENDER = "comity@orvanda.example"


@dataclass
class Got:
    """A mail as it came: from and to whom, its headers, its text."""

    sender: str
    to: list[str]
    headers: dict[str, str]
    text: str


@dataclass
class Server:
    """What a server got. ``refuse`` gives the answer to a recipient, "" to take it; ``broken`` is
    the answer to every mail, "" to take it, and to the next ``mend_after`` alone unless that is
    negative; ``then`` is called with each that was taken.
    """

    port: int = 0
    security: str = NONE
    got: list[Got] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    broken: str = ""
    mend_after: int = -1
    then: Callable[[], None] = lambda: None
    names: list[tuple[str, str]] = field(default_factory=list)

    def settings(self, **fields: Any) -> MailServer:
        """Return how a node names this server."""
        given = {"host": "127.0.0.1", "port": self.port, "sender": SENDER}
        given["security"] = self.security
        return MailServer.from_object(given | fields)

    async def handle_RCPT(  # noqa: N802  as the library calls it
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.broken and self.mend_after != 0:
            self.mend_after -= 1
            return self.broken
        found = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = str(found.get_content()).replace("\r\n", "\n")
        headers = {name: str(value) for name, value in found.items()}
        self.got.append(Got(envelope.mail_from, list(envelope.rcpt_tos), headers, text))
        self.then()
        return "250 OK"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        """Take one user with one password."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False)
        self.names.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=self.names[-1] == ("comity", "open sesame"), handled=False)


@contextmanager
def serving(tls: ssl.SSLContext | None = None, security: str = STARTTLS) -> Iterator[Server]:
    """Run a server; with ``tls`` it takes mail only encrypted, from who knows the password, by
    ``security`` as a node names it.
    """
    server = Server(_free(), security=security if tls is not None else NONE)
    more: dict[str, Any] = {}
    if tls is not None:
        more = {"auth_required": True, "authenticator": server.authenticate}
    if server.security == STARTTLS:
        more |= {"tls_context": tls, "require_starttls": True}
    if server.security == TLS:
        more |= {"ssl_context": tls, "auth_require_tls": False}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **more)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _free() -> int:
    """Return a port that nothing listens on: the library connects to the one it is told."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
