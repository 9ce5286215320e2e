"""The way to the party's own mail server: one connection, encrypted, and how it goes is noted."""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from django.core.mail.backends.smtp import EmailBackend

from comity.kernel.errors import Refusal
from comity.services.servers import STARTTLS, TLS, read_secret
from comity.store.access import notices as access
from comity.store.access.notices import MailingRow
from comity.store.append import notices as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.mail import EmailMessage

    from comity.services.node import Node
    from comity.services.servers import MailServer

LOG = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 60_000, 3600 * 1000
"""Between tries while the server fails, in ms: twice as long after each."""
TIMEOUT = 20
"""Seconds to wait for the server's next word."""
FAILURES = (smtplib.SMTPException, OSError, UnicodeError, Refusal)
"""What can go wrong on the way."""
WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "The name of the mail server leads nowhere: {where}."),
    (ConnectionRefusedError, "No mail server answers at {where}."),
    (ssl.SSLCertVerificationError, "The certificate of {where} is not trusted here: {cause}."),
    (ssl.SSLError, "No encrypted connection to {where} came about."),
    (TimeoutError, "The mail server at {where} did not answer in time."),
    (smtplib.SMTPAuthenticationError, "The mail server at {where} refused user or password."),
    (smtplib.SMTPNotSupportedError, "The mail server at {where} lacks what is asked: {cause}."),
    (smtplib.SMTPSenderRefused, "The mail server at {where} takes no mail from {sender}."),
    (smtplib.SMTPRecipientsRefused, "The mail server at {where} refused who it was for."),
    (smtplib.SMTPResponseException, "The mail server at {where} said: {cause}."),
    (smtplib.SMTPException, "The mail server at {where} broke off."),
)
"""What went wrong, in words: the first line that fits is said."""


class Connection(EmailBackend):
    """A connection to a mail server; ``ca`` is a file of authorities to trust besides."""

    def __init__(self, server: MailServer, password: str, ca: Path | None) -> None:
        super().__init__(
            host=server.host,
            port=server.usual_port,
            username=server.user,
            password=password,
            use_tls=server.security == STARTTLS,
            use_ssl=server.security == TLS,
            timeout=TIMEOUT,
        )
        self._ca = ca

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """Whom to trust."""
        context = ssl.create_default_context()
        if self._ca is not None:
            context.load_verify_locations(self._ca)
        return context


def _connection(node: Node) -> Connection:
    """Return a connection to the node's mail server, not opened yet.

    Raises Refusal S5 when the node has none, or its password cannot be read.
    """
    server, ca = node.settings.mail, node.settings.ca
    if server is None:
        raise Refusal(
            "S5", "This node has no mail server. Name one as `mail` in node.json.", "mail"
        )
    password = read_secret(node.folder, server.password_file) if server.password_file else ""
    return Connection(server, password, node.folder / ca if ca else None)


@contextmanager
def connected(node: Node) -> Iterator[Connection]:
    """Give a connection, and close it whatever happens to it. Raises Refusal S5."""
    way = _connection(node)
    try:
        yield way
    finally:
        with suppress(*FAILURES):
            way.close()


def post(node: Node, message: EmailMessage) -> str:
    """Send one message now, and note how it goes; return what went wrong, "" for nothing."""
    try:
        with connected(node) as way:
            way.send_messages([message])
    except FAILURES as error:
        note_failure(node, error)
        return words(node, error)
    note_success(node)
    return ""


def note_failure(node: Node, error: Exception) -> None:
    """Note that the server failed: it is tried again after a pause, longer each time.

    After one that refused a person for now the pause stays short: it takes mail for others.
    """
    row, now = access.mailing(node.db), node.now()
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        row = row._replace(failures=0)
    told = words(node, error)
    LOG.warning("No mail was sent: %s", told)
    pause = min(LONGEST_PAUSE, FIRST_PAUSE << min(row.failures, 6))
    failed = MailingRow(row.failures + 1, now + pause, told[:500], now, row.sent_at)
    with writing(node.db):
        append.save_mailing(node.db, failed)


def note_success(node: Node) -> None:
    """Note that mail was sent: pauses begin anew."""
    with writing(node.db):
        append.save_mailing(node.db, MailingRow(sent_at=node.now()))


def words(node: Node, error: Exception) -> str:
    """Return an error as a person reads it, without whom the mail was for."""
    if isinstance(error, Refusal):
        return error.reason
    server = node.settings.mail
    where = "" if server is None else f"{server.host}, port {server.usual_port}"
    sender = "" if server is None else server.sender
    for kind, told in WORDS:
        if isinstance(error, kind):
            return told.format(where=where, cause=_cause(error), sender=sender)
    return f"No way leads to {where} from this machine."


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {' '.join(text.split())[:200]}"
    return " ".join(str(error).split())[:200]
