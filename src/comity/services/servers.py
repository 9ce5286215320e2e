"""Servers of the party's own house that a node works with, as ``node.json`` names them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

STARTTLS, TLS, NONE = "starttls", "tls", "none"
"""How a connection is encrypted: after it began, from the start, or not at all."""
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def _require_known(what: str, value: object, known: Mapping[str, type]) -> Mapping[str, Any]:
    """Return ``value`` if it has no names but ``known``, each of its type. Raises Refusal S5."""
    if not isinstance(value, dict):
        raise Refusal("S5", f"{what} in node.json is not an object of settings.", what)
    if unknown := sorted(value.keys() - known.keys()):
        raise Refusal(
            "S5", f"{what} in node.json has unknown settings: {', '.join(unknown)}.", what
        )
    for name, item in value.items():
        if type(item) is not known[name]:
            raise Refusal("S5", f"{name} of {what} in node.json is not a {known[name]}.", what)
    return value


def read_secret(folder: Path, name: str) -> str:
    """Return what a file holds that nobody else may read; ``name`` is in the node's folder, or a
    whole path. Raises Refusal S5.
    """
    path = folder / name
    try:
        if path.stat().st_mode & 0o077:
            raise Refusal("S5", f"Other users may read {path}. Run `chmod 600 {path}`.", name)
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("S5", f"{path} cannot be read; it should hold a secret.", name) from error


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes mail for people of this party (SMTP, RFC 5321).

    ``sender`` is the address mail comes from; ``user`` "" for a server that asks for none, and
    ``password_file`` holds the password. ``security`` is starttls, tls or none; ``port`` 0 is the
    usual one.
    """

    host: str
    sender: str
    port: int = 0
    user: str = ""
    password_file: str = ""
    security: str = STARTTLS

    @classmethod
    def from_object(cls, value: object) -> Self:
        """Return the server that ``node.json`` names. Raises Refusal S5."""
        known = {f.name: int if f.name == "port" else str for f in fields(cls)}
        given = dict(_require_known("mail", value, known))
        if not given.get("host") or "@" not in given.get("sender", ""):
            raise Refusal("S5", "mail in node.json needs a host, and a sender's address.", "mail")
        found = cls(**given)
        if found.security not in PORTS:
            raise Refusal("S5", "security of mail in node.json is starttls, tls or none.", "mail")
        if found.security == NONE and found.host not in HERE:
            raise Refusal(
                "S5",
                "Mail holds links by which passwords are set: without encryption it may go to a "
                "server on this machine alone. Set security of mail in node.json to starttls.",
                "mail",
            )
        return found

    @property
    def usual_port(self) -> int:
        """The port to connect to."""
        return self.port or PORTS[self.security]


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A server by which people of this party sign in (OpenID Connect).

    ``id`` stands in addresses, ``name`` on the page; ``server`` is the issuer's URL as it names
    itself; ``secret_file`` holds the secret of this node, the client ``client_id``, and is "" for
    a client without one. ``second_factor`` are the values of ``amr`` or ``acr`` in an ID token that
    count as a second factor; without any, the provider's word counts as a password does.
    """

    id: str
    name: str
    server: str
    client_id: str
    secret_file: str = ""
    second_factor: tuple[str, ...] = ()

    @classmethod
    def from_object(cls, value: object) -> Self:
        """Return a provider that ``node.json`` names. Raises Refusal S5."""
        known = {f.name: list if f.name == "second_factor" else str for f in fields(cls)}
        given = dict(_require_known("providers", value, known))
        needed = ("id", "name", "server", "client_id")
        if lacking := [name for name in needed if not given.get(name)]:
            told = f"A provider in node.json needs {', '.join(lacking)}."
            raise Refusal("S5", told, "providers")
        if not re.fullmatch("[a-z0-9-]{1,40}", given["id"]):
            raise Refusal("S5", "The id of a provider is of a to z, 0 to 9 and -.", "providers")
        _require_encrypted(given["server"])
        given["second_factor"] = tuple(map(str, given.get("second_factor", ())))
        return cls(**given)


def _require_encrypted(url: str) -> None:
    parts = urlsplit(url)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if not encrypted or not parts.hostname or parts.query:
        told = "The server of a provider is its issuer's URL, as https://id.example."
        raise Refusal("S5", told, "providers")
