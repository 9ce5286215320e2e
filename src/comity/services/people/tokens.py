"""Tokens: how a program acts here, for the person who made one or as a machine of its own name.

A token holds some of its maker's mandates, narrowed to lanes and a label, and is asked at every use
what its maker holds then: it never reaches further. A machine approves nothing, declares no
emergency, meets and accredits nobody and acknowledges nothing: those are done by a person.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.kernel.protocol import LANES
from comity.services.people import actors, audit
from comity.store.access import tokens as access
from comity.store.access.tokens import TokenRow
from comity.store.append import tokens as append
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.services.node import Node
    from comity.services.people.actors import Actor
    from comity.services.people.mandates import Mandate

MARK = "comity_"
"""What every secret begins with, so that one that got out is known for what it is."""
MINUTE, DAY = 60_000, 24 * 3600 * 1000
USUAL_DAYS, MOST_DAYS = 90, 365
MOST = 50
"""Tokens of one person that work at once."""
STRICTEST = TLP.AMBER_STRICT
"""RED is shown on pages alone (L2)."""
READ, WRITE = "taxii:read", "taxii:write"
FEED = "clocks:read"
"""What makes a token the secret in an address that a calendar asks: it opens that, and no more."""
SCOPES = (READ, WRITE)
"""What a token may do beside what mandates cover: read collections of objects, and add to them."""
BY_MACHINE = 0
"""Who answers for a token made at the machine itself, in the place of a person."""
WATCHED = ("node", "audit")
"""What a machine may manage: it only reads there."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A token to be made: what it is for, by ``name``; how far it reaches; ``days`` it works.

    ``scopes`` are of ``SCOPES``, for the collection ``shelf`` alone or, "", for all; a
    ``constituent`` token is for somebody of this party's constituency.
    """

    name: str
    codes: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    ceiling: TLP = STRICTEST
    machine: bool = False
    days: int = USUAL_DAYS
    scopes: tuple[str, ...] = ()
    shelf: str = ""
    constituent: bool = False


def make(node: Node, owner: Actor, wish: Wish, *, by: Actor | None) -> tuple[str, TokenRow]:
    """Make a token that acts with powers of ``owner``, and return its secret, which is kept
    nowhere, and its row. ``by`` None is who commands the machine itself.

    Raises Refusal S4 for what makes no sense, S10 for what is beyond the owner's mandates; the
    subject is a field of ``Wish``.
    """
    _require_person(by)
    _require_sensible(wish)
    _require_within(owner, wish)
    return _insert(node, owner.id, wish, by)


def make_for_program(node: Node, wish: Wish) -> tuple[str, TokenRow]:
    """Make a token that reads or adds to collections and does nothing else, for who commands the
    machine itself; return its secret, which is kept nowhere, and its row. Raises Refusal S4.
    """
    _require_sensible(wish)
    if not wish.scopes:
        raise Refusal("S4", "Say what it may do: taxii:read, taxii:write or both.", "scopes")
    _require_ceiling(wish)
    return _insert(node, BY_MACHINE, replace(wish, codes=(), lanes=(), machine=True), None)


def _insert(node: Node, person: int, wish: Wish, by: Actor | None) -> tuple[str, TokenRow]:
    secret = MARK + base64.urlsafe_b64encode(node.ports.random.bytes(32)).decode().rstrip("=")
    now = node.now()
    row = TokenRow(
        id=node.ports.random.bytes(8).hex(),
        person=person,
        name=wish.name.strip(),
        machine=wish.machine,
        mandates=_sorted(wish.codes),
        lanes=_sorted(wish.lanes),
        ceiling=wish.ceiling.value,
        made_at=now,
        expires=now + wish.days * DAY,
        used_at=None,
        revoked_at=None,
        scopes=_sorted(wish.scopes),
        shelf=wish.shelf,
        constituent=wish.constituent,
    )
    with writing(node.db):
        if sum(each.works(now) for each in access.tokens(node.db, person)) >= MOST:
            raise Refusal("S4", "You have as many tokens as one person may. Revoke one first.")
        append.insert_token(node.db, row, secret)
        audit.note(node, by, "token", row.id, detail=_told(row))
    return secret, row


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _told(row: TokenRow) -> dict[str, object]:
    return {
        "for": row.name,
        "person": row.person,
        "machine": row.machine,
        "mandates": [*row.mandates],
        "lanes": [*row.lanes],
        "ceiling": row.ceiling,
        "scopes": [*row.scopes],
        "shelf": row.shelf,
        "constituent": row.constituent,
    }


def _require_person(actor: Actor | None) -> None:
    if actor is not None and actor.token:
        raise Refusal("S10", "A token makes and revokes no tokens. Do that on your account's page.")


def _require_sensible(wish: Wish) -> None:
    if not 0 < len(wish.name.strip()) <= 120:
        raise Refusal("S4", "Say in a few words what the token is for.", "name")
    if not 1 <= wish.days <= MOST_DAYS:
        raise Refusal("S4", "A token works for 1 to 365 days.", "days")
    if wish.scopes != (FEED,) and {*wish.scopes} - {*SCOPES}:
        raise Refusal("S4", "A token is for taxii:read, taxii:write or both.", "scopes")


def _require_within(owner: Actor, wish: Wish) -> None:
    if not wish.codes:
        raise Refusal("S4", "Choose at least one of the mandates.", "mandates")
    held = {mandate.code for mandate in owner.mandates}
    if set(wish.codes) - held:
        raise Refusal("S10", "A token has no mandate that its maker lacks.", "mandates")
    lanes = {lane for m in owner.mandates if m.code in wish.codes for lane in m.lanes}
    if set(wish.lanes) - lanes:
        raise Refusal("S10", "A token sees no lane that its mandates do not.", "lanes")
    _require_ceiling(wish)


def _require_ceiling(wish: Wish) -> None:
    if wish.ceiling > STRICTEST:
        raise Refusal("S10", "No token reads TLP:RED, which is shown on pages alone.", "ceiling")


def own(node: Node, person: int) -> list[TokenRow]:
    """Return the tokens a person made, the newest first."""
    return access.tokens(node.db, person)


def everyone(node: Node) -> list[TokenRow]:
    """Return all tokens, for who commands the machine itself."""
    return access.tokens(node.db)


def expiry(node: Node, actor: Actor) -> int:
    """Return when the token an actor came by stops working, in ms. Raises Refusal S3."""
    row = access.token(node.db, actor.token)
    if row is None:
        raise Refusal("S3", "There is no such token here.", actor.token)
    return row.expires


def revoke(node: Node, actor: Actor | None, token: str) -> None:
    """Revoke a token: its maker does, and who manages people; None commands the machine itself.

    Raises Refusal S3 for one that is not there or another's, S12 when it was revoked before.
    """
    _require_person(actor)
    row = access.token(node.db, token)
    if row is None or not _may_revoke(actor, row):
        raise Refusal("S3", "There is no such token here.", token)
    with writing(node.db):
        if not append.revoke_token(node.db, token, node.now()):
            raise Refusal("S12", "This token was revoked before.", token)
        audit.note(node, actor, "revoked", token, detail={"for": row.name})


def _may_revoke(actor: Actor | None, row: TokenRow) -> bool:
    return actor is None or row.person == actor.id or actor.manages("people")


def of_secret(node: Node, secret: str, scope: str = "") -> TokenRow:
    """Return the token with this secret; one for a calendar only where that is the ``scope``.

    Raises Refusal S10 when none works (any more).
    """
    row = access.token_of(node.db, secret) if secret.startswith(MARK) else None
    feeds = row is not None and FEED in row.scopes
    if row is None or not row.works(node.now()) or feeds is not (scope == FEED):
        raise Refusal(
            "S10", "This token is unknown here, was revoked or has expired. Make another."
        )
    return row


def actor_of(node: Node, row: TokenRow) -> Actor:
    """Return who acts by a token, with what its maker holds now, and note that it was used.

    Raises Refusal S10 when the maker's account is closed.
    """
    person = actors.of_person(node, row.person)
    note_used(node, row)
    return replace(
        person,
        name=row.name if row.machine else person.name,
        handle="",
        mandates=tuple(_narrowed(m, row) for m in person.mandates if m.code in row.mandates),
        token=row.id,
        machine=row.id if row.machine else "",
    )


def note_used(node: Node, row: TokenRow) -> None:
    """Note that a token was used, to the minute."""
    now = node.now()
    if row.used_at is None or now - row.used_at >= MINUTE:
        with writing(node.db):
            append.note_use(node.db, row.id, now)


def _narrowed(mandate: Mandate, row: TokenRow) -> Mandate:
    """Return what a token leaves of its maker's mandate."""
    left = replace(
        mandate,
        lanes=tuple(lane for lane in LANES if lane in mandate.lanes and lane in row.lanes),
        ceiling=min(mandate.ceiling, TLP(row.ceiling), STRICTEST),
    )
    if not row.machine:
        return left
    watched = tuple(what for what in mandate.manage if what in WATCHED)
    return replace(left, approve=(), override=(), manage=watched)
