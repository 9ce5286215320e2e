"""Peers of sharing: other TAXII servers that this node pulls from and pushes to, as its settings
say.

They stand in ``peers.json`` in the node's folder, which a backup holds; a password is in ``keys/``,
which is in none. How far an exchange has come, and what a server was given, is in the database.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import orjson

from comity.kernel.errors import Phrase, Refusal
from comity.kernel.ids import PartyId
from comity.kernel.label import TLP, Kind, Reader
from comity.services.delivery import addresses
from comity.services.servers import read_secret

if TYPE_CHECKING:
    from pathlib import Path

    from comity.services.node import Node

FILE = "peers.json"
EVERY, LEAST, MOST = 60, 1, 7 * 24 * 60
"""Minutes between two turns: usually, at least, at most."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Direction(StrEnum):
    """What is done with a peer."""

    PULL = "pull"
    PUSH = "push"
    BOTH = "both"


class Standing(StrEnum):
    """Who reads at a peer, as this party's administrator answers for it: anyone at all, accredited
    parties alone, or this party itself, whose own system it is.
    """

    ANYONE = "anyone"
    ACCREDITED = "accredited"
    OWN = "own"


_MOST = {
    Standing.ANYONE: TLP.CLEAR,
    Standing.ACCREDITED: TLP.GREEN,
    Standing.OWN: TLP.AMBER_STRICT,
}
"""The strictest label that is ever pushed to a peer."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another TAXII server and what is done with it.

    ``url`` is that of its discovery or of an API root; ``collection`` an id, alias or title there,
    "" for the only one. Pulled objects go ``into`` an intake; those ``unmarked`` count as that
    label. What stands on ``shelf`` is pushed up to ``ceiling``, and no stricter than ``standing``
    allows. ``every`` is in minutes.
    """

    name: str
    url: str
    direction: Direction = Direction.PULL
    collection: str = ""
    user: str = ""
    every: int = EVERY
    unmarked: TLP = TLP.AMBER
    into: str = ""
    shelf: str = ""
    ceiling: TLP = TLP.CLEAR
    standing: Standing = Standing.ANYONE

    def __post_init__(self) -> None:
        _require_named(self)
        _require_url(self)
        _require_paths(self)
        if self.ceiling > _MOST[self.standing]:
            told = Phrase(
                "What is {label} is not pushed to a server of this standing. GREEN goes to one "
                "that only accredited parties read, stricter labels to an own system alone.",
                label=self.ceiling.value,
            )
            raise Refusal("X60", told, "ceiling")

    @property
    def key(self) -> str:
        """What stands for this description in the database: another one begins anew."""
        told = (self.name, self.url, self.collection, self.user, self.into, self.shelf)
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()

    @property
    def pulls(self) -> bool:
        """Whether objects are taken from it."""
        return self.direction is not Direction.PUSH

    @property
    def pushes(self) -> bool:
        """Whether objects are given to it."""
        return self.direction is not Direction.PULL

    @property
    def secret(self) -> str:
        """The file of its password, within the node's folder."""
        return f"keys/peer-{self.name}"

    def reader(self, node: Node) -> Reader:
        """Return who reads there, as the table of labels sees them."""
        if self.standing is Standing.OWN:
            return Reader(node.me, Kind.MACHINE, accredited=True)
        accredited = self.standing is Standing.ACCREDITED
        return Reader(PartyId(""), Kind.MACHINE, accredited=accredited)

    @classmethod
    def from_object(cls, value: object) -> Self:
        """Return the peer that ``peers.json`` describes. Raises Refusal X60."""
        known = {f.name for f in fields(cls)}
        if not isinstance(value, dict) or not {"name", "url"} <= value.keys() <= known:
            told = Phrase("A peer has a name and a url, and of {known}.", known=", ".join(known))
            raise Refusal("X60", told, FILE)
        return cls(**_typed(value))


def _typed(value: dict[str, Any]) -> dict[str, Any]:
    """Return the members of a peer as they are used. Raises Refusal X60."""
    made: dict[str, Any] = {}
    for name, item in value.items():
        if type(item) is not (int if name == "every" else str):
            told = Phrase("{name} of a peer is a {kind}.", name=name,
                          kind="number" if name == "every" else "text")  # fmt: skip
            raise Refusal("X60", told, FILE)
        try:
            made[name] = _KINDS.get(name, type(item))(item)
        except ValueError:
            told = Phrase("{name} of a peer cannot be {word}.", name=name, word=str(item)[:80])
            raise Refusal("X60", told, FILE) from None
    return made


_KINDS: dict[str, Any] = {
    "direction": Direction,
    "standing": Standing,
    "unmarked": TLP,
    "ceiling": TLP,
}


def _require_named(peer: Peer) -> None:
    if not _NAME.fullmatch(peer.name):
        told = Phrase("Call it by up to 40 of a to z, 0 to 9 and -, beginning with no -.")
        raise Refusal("X60", told, "name")
    if not LEAST <= peer.every <= MOST:
        told = Phrase("It is turned to every {least} to {most} minutes.", least=LEAST, most=MOST)
        raise Refusal("X60", told, "every")


def _require_url(peer: Peer) -> None:
    parts = urlsplit(peer.url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.fragment:
        told = Phrase("Its address is as https://taxii.example/taxii2/, without name or password.")
        raise Refusal("X60", told, "url")
    if parts.scheme == "http" and peer.user and not addresses.is_local(host):
        told = Phrase("A password over http:// is read by anyone on the way. Use https://.")
        raise Refusal("X66", told, "url")


def _require_paths(peer: Peer) -> None:
    if peer.pulls and not peer.into:
        raise Refusal("X60", Phrase("Say which intake takes what is pulled."), "into")
    if peer.pushes and not peer.shelf:
        raise Refusal("X60", Phrase("Say which collection is pushed."), "from")
    if peer.into and peer.into == peer.shelf:
        told = Phrase("What is pulled goes into another collection than the one that is pushed.")
        raise Refusal("X60", told, "into")


def read(folder: Path) -> list[Peer]:
    """Return the peers of a node, by name. Raises Refusal X60 for a file that says none."""
    try:
        value = orjson.loads((folder / FILE).read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, orjson.JSONDecodeError) as error:
        told = Phrase("{file} cannot be read: {why}.", file=folder / FILE, why=error)
        raise Refusal("X60", told, FILE) from error
    if not isinstance(value, list):
        raise Refusal("X60", Phrase("{file} is a list of peers.", file=FILE), FILE)
    return sorted((Peer.from_object(each) for each in value), key=lambda peer: peer.name)


def _write(folder: Path, peers: list[Peer]) -> None:
    fresh = folder / f"{FILE}.new"
    value = [asdict(peer) for peer in peers]
    fresh.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
    fresh.replace(folder / FILE)


def require(node: Node, name: str) -> Peer:
    """Return the peer of this name. Raises Refusal S3, or X60."""
    found = next((peer for peer in read(node.folder) if peer.name == name), None)
    if found is None:
        raise Refusal("S3", "There is no such peer. `comity peer list` names them.", name[:80])
    return found


def add(node: Node, peer: Peer, password: str = "") -> None:
    """Keep a peer, and its password where it has one, instead of one of the same name."""
    if bool(peer.user) != bool(password):
        raise Refusal("X60", Phrase("A user has a password, and a password a user."), "user")
    if password:
        node.keys.save_password(peer.name, password)
    others = [each for each in read(node.folder) if each.name != peer.name]
    _write(node.folder, sorted([*others, peer], key=lambda each: each.name))


def set_password(node: Node, name: str, password: str) -> None:
    """Keep another password for a peer. Raises Refusal S3, and X60 for one that has no user."""
    peer = require(node, name)
    if not peer.user or not password:
        raise Refusal("X60", Phrase("A user has a password, and a password a user."), "user")
    node.keys.save_password(peer.name, password)


def without_password(node: Node) -> list[Peer]:
    """Return the peers whose password cannot be read, as after a backup was put back."""
    return [peer for peer in read(node.folder) if not _has_password(node, peer)]


def _has_password(node: Node, peer: Peer) -> bool:
    try:
        return not peer.user or bool(password(node, peer))
    except Refusal:
        return False


def remove(node: Node, name: str) -> None:
    """Forget a peer and its password; what was given to it stays there. Raises Refusal S3."""
    peer = require(node, name)
    _write(node.folder, [each for each in read(node.folder) if each.name != name])
    (node.folder / peer.secret).unlink(missing_ok=True)


def password(node: Node, peer: Peer) -> str:
    """Return the password of a peer, "" for one that asks for none. Raises Refusal S5."""
    return read_secret(node.folder, peer.secret) if peer.user else ""
