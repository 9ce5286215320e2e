"""One page on this node: its log, its queues, its keys."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from comity.kernel.checkpoint import origin
from comity.services.care import backup, rehearsal
from comity.services.care.doctor import examine
from comity.services.casework.issue import own_view
from comity.store.access import acts, outbox, parties

if TYPE_CHECKING:
    from comity.services.care.rehearsal import Rehearsed
    from comity.services.care.report import Report
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.store.access.outbox import PeerRow
    from comity.store.access.parties import LogRow

ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Status:
    """One page: the newest own ``log``; how many witnesses ``cosigned`` its last checkpoint; and
    counts of what is known, owed, under way, waiting and refused.
    """

    log: LogRow
    cosigned: int
    dossiers: int
    parties: int
    duties: int
    queued: int
    sent: int
    undeliverable: int
    pending: int
    refused: int

    def to_object(self) -> dict[str, object]:
        """Return the page as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__} | {"log": self.log._asdict()}


def status(node: Node) -> Status:
    """Return how the node stands."""
    log = parties.logs(node.db)[-1]
    states: dict[str, int] = {}
    for sizes in outbox.queue_sizes(node.db).values():
        for state, number in sizes.items():
            states[state] = states.get(state, 0) + number
    return Status(
        log=log,
        cosigned=len(parties.cosignatures(node.db, origin(node.me, log.log), log.checkpoint_size)),
        dossiers=len(acts.dossiers(node.db, limit=ALL)),
        parties=len(parties.parties(node.db)) - 1,
        duties=len(acts.duties(node.db, node.me)),
        queued=states.get("queued", 0),
        sent=states.get("sent", 0),
        undeliverable=states.get("undeliverable", 0),
        pending=len(acts.pending(node.db)),
        # That a witness did not sign is noted there too, and is no refusal of anything that came.
        refused=sum(row[2] for row in parties.refusals(node.db) if row[0] != "W5"),
    )


@dataclass(frozen=True, slots=True)
class Whole:
    """What who runs the node looks at.

    ``report`` of what needs somebody; ``status``; ``cosigned`` the last checkpoint, as (witness,
    line, time in ms); ``queues`` as (peer, items by state); ``refused`` as (rule, party, how often,
    last reason, time in ms); ``free`` bytes on the disk; ``backup`` when the last was made, or
    None; ``drill`` how the last restore drill went, or None.
    """

    report: Report
    status: Status
    cosigned: tuple[tuple[str, str, int], ...]
    queues: tuple[tuple[PeerRow, dict[str, int]], ...]
    refused: tuple[tuple[str, str, int, str, int], ...]
    free: int
    backup: int | None
    drill: Rehearsed | None


def whole(node: Node, actor: Actor) -> Whole:
    """Return all there is to know of how the node stands. Raises Refusal S10."""
    actor.require_manage("node")
    found = status(node)
    log, sizes = found.log, outbox.queue_sizes(node.db)
    name = origin(node.me, log.log)
    return Whole(
        report=examine(node, reaching=False),
        status=found,
        cosigned=tuple(parties.cosignatures(node.db, name, log.checkpoint_size)),
        queues=tuple((peer, sizes.get(peer.party, {})) for peer in outbox.peers(node.db)),
        # That a witness did not sign is noted there too, and is no refusal of anything that came.
        refused=tuple(row for row in parties.refusals(node.db) if row[0] != "W5"),
        free=shutil.disk_usage(node.folder).free,
        backup=backup.last(node),
        drill=rehearsal.last(node),
    )


@dataclass(frozen=True, slots=True)
class LogKeysHere:
    """The public keys of one own log, and whether the private ones are ``here``."""

    log: int
    closed: bool
    here: bool
    act: str
    checkpoint: str
    witness: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys of this party."""

    grade: str
    threshold: int
    roots: tuple[str, ...]
    root_here: bool
    logs: tuple[LogKeysHere, ...]

    def to_object(self) -> dict[str, object]:
        """Return the keys as JSON values."""
        return asdict(self)


def keys(node: Node) -> Keys:
    """Return the public keys of this party. Raises Refusal S5 before ``init``."""
    view = own_view(node)
    return Keys(
        grade=view.grade,
        threshold=view.threshold,
        roots=tuple(sorted(view.root_keys)),
        root_here=node.keys.root() is not None,
        logs=tuple(
            LogKeysHere(
                log=number,
                closed=entry.closed is not None,
                here=node.keys.has_log(number),
                **entry.keys.to_object(),  # type: ignore[arg-type]
            )
            for number, entry in sorted(view.logs.items())
        ),
    )
