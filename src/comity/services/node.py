"""A node: one party's folder, database, keys and ports, opened for work.

The folder ::

    node.json      what a person may set: name, addresses, cadence, limits
    comity.sqlite3 the database (or node.json names a PostgreSQL one)
    keys/          private keys, mode 600; never in a backup
    anchor         how far the own log has come; never in a backup
    parts/         large parts of content
    lists/         warninglists that were imported
    peers.json     other TAXII servers that are pulled from and pushed to
    severity.yaml  schemes of this party's own by which incidents are judged
    providers/     what was pulled from providers of advisories
    vulnerabilities/ what lists of vulnerabilities say that were imported
    spool/         blobs on their way out and in
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import orjson

from comity import protocols
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.protocol import Protocol, discover
from comity.services import packs
from comity.services.casework.loaded import Loaded
from comity.services.identity.documents import DocumentStore
from comity.services.identity.keyring import Keyring
from comity.services.ports import Ports
from comity.services.quota import Buckets
from comity.services.servers import IdentityProvider, MailServer
from comity.store.anchor import Anchor
from comity.store.database import migrate, open_database, require_known_schema
from comity.store.sql import in_transaction

if TYPE_CHECKING:
    from typing import TypeAlias

    from comity.kernel.ids import Id

    Missed: TypeAlias = dict[str, tuple[Id, ...]]

ENVIRON = "comity.node"
"""Where the environment of a request to this node's pages or API names the node."""
SETTINGS = "node.json"
DATABASE = "comity.sqlite3"
DAY = 24 * 3600 * 1000
MOST_DAYS = 36_500
"""The longest half-life."""
CONTACT = re.compile(r"|(mailto:)?[^\s@:]+@[^\s@:]+|(https://|tel:)\S+")
"""How a contact for security may be written, as a file security.txt takes it; or it is not said."""
BY_HAND: Mapping[str, tuple[type, str]] = MappingProxyType(
    {
        "intake": (bool, "true or false"),
        "safe_harbour": (str, "text"),
        "security_contact": (str, "text"),
        "advisories": (str, "text"),
        "advisories_url": (str, "text"),
        "advisories_key": (str, "text"),
        "believed_parties": (int, "a whole number"),
        "believed_coordinator": (bool, "true or false"),
    }
)
"""Settings that open something or decide what is believed: the type of each, also in words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``node.json`` may hold; times are milliseconds, sizes bytes.

    ``party`` is this party's id; ``name`` how it names itself; ``database`` an SQLite file in the
    folder or a ``postgresql://`` URI; ``listen`` host and port of the server; ``endpoints`` the
    base URLs peers may use, empty for a node that accepts no connections; ``mailbox`` the party
    that hosts its mail; ``cadence`` between checkpoints; ``witnesses`` and ``quorum`` whom to ask
    for cosignatures; ``rate`` requests per minute and ``disk`` bytes a peer may use;
    ``disk_strangers`` bytes that all parties not accredited here may use together; ``pending`` acts
    a peer may leave waiting; ``computed`` acts of dossiers kept in memory; ``expire`` when an
    undelivered item is called so; ``pages`` is the address by which people reach the pages, as
    ``https://node.example``, and ``second_factor`` whether all of them must have one; ``mail`` is
    the server by which people are told that something awaits them, ``providers`` those by which
    they may sign in. The way out: ``proxy`` is the URL of an HTTP proxy, ``proxy_login`` a file
    that holds name:password for it, ``ca`` a file of authorities to trust besides the machine's
    own, both in the folder or by their whole path; ``local_addresses`` whether addresses of this
    machine and its own network are connected to, None where the node itself is reached at one.
    ``half_lives`` are days by kind of what an indicator names, in place of those of the pack.
    ``believed_parties`` and ``believed_coordinator`` say whom this party believes that a
    vulnerability under embargo is out (``engines.embargo``).
    ``intake`` says whether anybody may report a vulnerability at the pages, and ``safe_harbour`` is
    this party's word to whoever does, shown before anything is typed; ``security_contact`` is how
    else it is told of weaknesses, an address of mail or a URI.
    ``advisories`` is the folder, for a web server, in which this party publishes advisories as a
    CSAF provider; ``advisories_url`` where it is found, by https, and ``advisories_key`` the file
    of the private OpenPGP key that signs them, "" for none.
    """

    party: str
    name: str
    database: str = DATABASE
    listen: str = "127.0.0.1:8440"
    endpoints: tuple[str, ...] = ()
    mailbox: str = ""
    cadence: int = 300_000
    witnesses: tuple[str, ...] = ()
    quorum: int = 0
    rate: int = 600
    disk: int = 4 * 1024**3
    disk_strangers: int = 4 * 1024**3
    pending: int = 1000
    computed: int = 100_000
    expire: int = 90 * DAY
    tiles_public: bool = False
    pages: str = ""
    second_factor: bool = True
    mail: MailServer | None = None
    providers: tuple[IdentityProvider, ...] = ()
    proxy: str = ""
    proxy_login: str = ""
    ca: str = ""
    local_addresses: bool | None = None
    half_lives: Mapping[str, int] = field(default_factory=dict)
    believed_parties: int = 2
    believed_coordinator: bool = True
    intake: bool = False
    safe_harbour: str = ""
    security_contact: str = ""
    advisories: str = ""
    advisories_url: str = ""
    advisories_key: str = ""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the settings of a node's folder. Raises Refusal S5."""
        try:
            value: dict[str, Any] = orjson.loads((folder / SETTINGS).read_bytes())
        except FileNotFoundError as error:
            raise Refusal(
                "S5", f"There is no node in {folder}. Run `comity init --dir {folder}` first."
            ) from error
        except orjson.JSONDecodeError as error:
            raise Refusal("S5", f"{folder / SETTINGS} is not JSON: {error}.") from error
        known = {f.name for f in fields(cls)}
        if unknown := value.keys() - known:
            raise Refusal("S5", f"{folder / SETTINGS} has unknown settings: {sorted(unknown)}.")
        for name in ("endpoints", "witnesses"):
            value[name] = tuple(value.get(name, ()))
        _require_half_lives(folder, value.get("half_lives", {}))
        _require_kinds(folder, value)
        if value.get("mail") is not None:
            value["mail"] = MailServer.from_object(value["mail"])
        value["providers"] = tuple(map(IdentityProvider.from_object, value.get("providers", ())))
        return cls(**value)

    def with_party(self, party: str, name: str) -> Settings:
        """Return the settings of a node just made for ``party``."""
        return replace(self, party=party, name=name)

    def write(self, folder: Path) -> None:
        """Write the settings into a node's folder."""
        value = {f.name: getattr(self, f.name) for f in fields(self)}
        fresh = folder / f"{SETTINGS}.new"
        fresh.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
        fresh.replace(folder / SETTINGS)


def _require_kinds(folder: Path, value: Mapping[str, Any]) -> None:
    """Raise Refusal S5 unless what people write by hand is as it should be: a word where true or
    false belongs would count as true.
    """
    wrong = [
        f"{name} is {what}"
        for name, (kind, what) in BY_HAND.items()
        if name in value and type(value[name]) is not kind
    ]
    if not wrong and value.get("believed_parties", 0) < 0:
        wrong.append("believed_parties is 0 or more")
    if not wrong and not CONTACT.fullmatch(value.get("security_contact", "")):
        wrong.append(
            "security_contact is an address of mail, or begins with https:, mailto: or tel:"
        )
    if wrong:
        raise Refusal("S5", f"{folder / SETTINGS}: {', '.join(wrong)}.")


def _require_half_lives(folder: Path, told: object) -> None:
    """Raise Refusal S5 unless these are days by kinds of the pack."""
    if told == {}:
        return
    known = packs.decay_rules().half_lives.keys()
    days = told if isinstance(told, dict) and told.keys() <= known else {"": 0}
    if not all(type(each) is int and 0 < each <= MOST_DAYS for each in days.values()):
        reason = f"half_lives has days, 1 to {MOST_DAYS}, by {', '.join(known)}."
        raise Refusal("S5", f"{folder / SETTINGS}: {reason}")


@dataclass(slots=True)
class Node:
    """An open node. Services take it first, by name; it holds no rules of its own.

    Fields: ``folder``, ``db`` (database alias), ``settings``, ``ports``, ``keys`` (private keys),
    ``anchor``, ``documents`` (verified root documents and successions by id), ``protocols`` (by
    name and version), ``loaded`` (dossiers computed so far, a cache that may be dropped),
    ``epoch`` (the own log that was open when they were), ``nudged`` (peers to tell soon how far
    this node holds things), ``wanted`` (per peer, the dossiers in which it was ahead, to ask
    about), ``missed`` (per peer, the acts by dossier whose content to ask it for), ``unsure`` (per
    peer, the acts to ask about whether it holds them whole), ``asked`` (when this node last asked a
    peer about a dossier, for a content or about an act), ``searched`` (up to which act content was
    looked for), ``doubted`` (up to which delivery receipts were), ``told`` (per peer, the cursor of
    changes it was told of since this process began), ``buckets`` (tokens left per sender).

    Several threads may use one node. What they share is ``loaded``, the dossiers in it and
    ``nudged``: hold ``lock`` for as long as one of them is read or changed. Every append holds it
    too, so that nobody sees an act that is not committed.
    """

    folder: Path
    db: str
    settings: Settings
    ports: Ports
    keys: Keyring
    anchor: Anchor
    documents: DocumentStore
    protocols: Mapping[tuple[str, int], Protocol]
    loaded: Loaded
    epoch: int = 0
    nudged: set[str] = field(default_factory=set)
    wanted: dict[str, set[str]] = field(default_factory=dict)
    missed: dict[str, Missed] = field(default_factory=dict)
    unsure: dict[str, set[Id]] = field(default_factory=dict)
    asked: dict[tuple[str, str], int] = field(default_factory=dict)
    searched: int = 0
    doubted: int = 0
    told: dict[str, int] = field(default_factory=dict)
    buckets: Buckets = field(default_factory=Buckets)

    @property
    def me(self) -> PartyId:
        """This party's id."""
        return PartyId(self.settings.party)

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Guards the dossiers in memory; re-entrant. Never hold it while waiting for a peer."""
        return self.anchor.threads

    @property
    def parts(self) -> Path:
        """The folder of large parts."""
        return self.folder / "parts"

    @property
    def spool(self) -> Path:
        """The folder of blobs on their way."""
        return self.folder / "spool"

    @property
    def address(self) -> str:
        """The address by which people reach the pages, without a slash at its end."""
        return self.settings.pages.rstrip("/") or f"http://{self.settings.listen}"

    @property
    def host(self) -> PartyId | None:
        """The party that keeps mail and blobs for this one, if it accepts no connections."""
        settings = self.settings
        return PartyId(settings.mailbox) if settings.mailbox and not settings.endpoints else None

    def now(self) -> int:
        """Return the present, in milliseconds since the epoch."""
        return self.ports.clock.now()


def make_folder(folder: Path) -> None:
    """Make the folder of a node, or take one that is there; no other user may look into it.

    Raises Refusal S5 for a folder that holds other things and is open to other users.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        # Whoever is to reach what is here already must not be locked out of it.
        if any(folder.iterdir()):
            raise Refusal(
                "S5",
                f"{folder} holds other things, and other users may look into it. Choose an empty "
                f"folder, or run `chmod 700 {folder}` first.",
            )
        folder.chmod(0o700)
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "spool").mkdir(exist_ok=True)


def database_of(folder: Path, settings: Settings) -> str:
    """Return where a node's database is: a URI, or the path of a file in its folder."""
    where = settings.database
    return where if where.startswith("postgres") else str(folder / where)


def open_node(
    folder: Path,
    ports: Ports,
    *,
    known: Mapping[tuple[str, int], Protocol] | None = None,
    upgrade: bool = True,
) -> Node:
    """Open the node in ``folder``.

    ``known`` are the protocols it speaks, all that are installed by default. With ``upgrade`` the
    schema is brought up to date. Raises Refusal S5 (not a node, or one of format 0) or S6 (a
    newer schema).
    """
    folder = folder.resolve()
    settings = Settings.read(folder)
    db = open_database(f"node-{folder}", database_of(folder, settings))
    if upgrade:
        migrate(db)
    else:
        require_known_schema(db)
    node = Node(
        folder=folder,
        db=db,
        settings=settings,
        ports=ports,
        keys=Keyring(folder / "keys"),
        anchor=Anchor(folder / "anchor"),
        documents=DocumentStore(db),
        protocols=discover(protocols) if known is None else known,
        loaded=Loaded(settings.computed, partial(in_transaction, db)),
    )
    node.documents.require_readable(node.me)
    return node
