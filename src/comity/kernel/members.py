"""Who belongs to a dossier, as of any act (KERNEL "Convergence": kernel kinds, joining).

Members of an act are the founders and those whose join is among its ancestors, less those whose
own leave or decline came after. Nobody is expelled: a dossier without a member is a successor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from comity.kernel.audience import is_within, part_readers, ranges_of
from comity.kernel.errors import Refusal
from comity.kernel.graph import Past
from comity.kernel.kinds import (
    OFFICIAL,
    RULE,
    Charter,
    Decline,
    Erase,
    Growth,
    Invite,
    Join,
    Record,
    Release,
    Translation,
    read_body,
)
from comity.kernel.label import PAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from comity.kernel.act import Header
    from comity.kernel.graph import Clock, Graph, Node
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.label import Footing

Check: TypeAlias = "Callable[[Header, Clock, Past], None]"


class Membership:
    """Joins, leaves and invitations of one dossier, kept as they are admitted."""

    def __init__(self, graph: Graph, charter: Charter) -> None:
        self._graph = graph
        self._charter = charter
        self._founders = frozenset(charter.members)
        self._grants: dict[PartyId, list[Node]] = {}
        self._removals: dict[PartyId, list[Node]] = {}
        self._invites: dict[PartyId, list[Node]] = {}

    def note(self, node: Node) -> None:
        """Remember an admitted act that changes who belongs."""
        kind, party = node.header.kind, node.header.party
        if kind == "join":
            self._grants.setdefault(party, []).append(node)
        elif kind in {"leave", "decline"}:
            self._removals.setdefault(party, []).append(node)
        elif kind == "invite":
            body = cast("Invite", read_body(node.header))
            self._invites.setdefault(body.party, []).append(node)

    def includes(self, clock: Clock, party: PartyId) -> bool:
        """Say whether ``party`` is a member as of ``clock``."""
        if party in self._founders and party not in self._removals:
            return True
        graph = self._graph
        grants = [n for n in self._grants.get(party, ()) if graph.includes(clock, n)]
        if party in self._founders:
            grants.append(graph.charter)
        removals = [n for n in self._removals.get(party, ()) if graph.includes(clock, n)]
        return any(not any(graph.before(g, r) for r in removals) for g in grants)

    def at(self, clock: Clock) -> frozenset[PartyId]:
        """Return the members as of ``clock``."""
        return frozenset(p for p in self.ever() if self.includes(clock, p))

    def of(self, node: Node) -> frozenset[PartyId]:
        """Return the members of an act: those as of its past, and its author."""
        return self.at(node.clock) | {node.header.party}

    def now(self) -> frozenset[PartyId]:
        """Return the members as of everything held here; a node's own view."""
        return self.at(self._graph.feed_heads())

    def ever(self) -> frozenset[PartyId]:
        """Return everyone who was ever a member, in any branch."""
        return self._founders | self._grants.keys()

    def invited(self) -> frozenset[PartyId]:
        """Return everyone ever invited who is not a member now."""
        return frozenset(self._invites) - self.now()

    def invites_of(self, party: PartyId) -> list[Node]:
        """Return the invitations of ``party`` held here."""
        return list(self._invites.get(party, ()))

    def require_authority(self, body: object, header: Header, clock: Clock, past: Past) -> None:
        """Refuse a kernel act whose author may not do what it says. Raises Refusal K14."""
        for check in self._checks(body):
            check(header, clock, past)

    def _checks(self, body: object) -> Iterator[Check]:
        match body:
            case Invite(party):
                yield lambda h, c, _p: self._require_may_invite(h, c, party)
            case Join(invite):
                yield lambda h, c, p: self._require_may_join(h, c, p, invite)
            case Decline(declined):
                yield lambda h, c, p: self._require_may_decline(h, c, p, declined)
            case Release(ids, to):
                yield lambda h, c, p: self._require_may_release(h, c, p, (ids, to))
            case Erase() as step:
                yield lambda h, _c, p: _require_may_erase(h, p, step)
            case Record(letter, _, _, _):
                yield lambda h, _c, p: _require_own(h, p, letter, "A record cites an own letter.")
            case Translation() as said:
                yield lambda h, _c, p: _require_may_translate(h, p, said)
            case _:
                return

    def _require_may_invite(self, header: Header, clock: Clock, party: PartyId) -> None:
        charter = self._charter
        if charter.growth == Growth.CLOSED:
            raise Refusal(RULE, "The charter closes this dossier to new members.")
        if charter.growth == Growth.CHAIR and header.party != charter.chair:
            raise Refusal(RULE, "Only the chair invites into this dossier.")
        if self.includes(clock, party):
            raise Refusal(RULE, "The invited party is a member already.", party)

    def _require_may_join(self, header: Header, clock: Clock, past: Past, invite: Id) -> None:
        self._require_invited(header, past, invite)
        if self.includes(clock, header.party):
            raise Refusal(RULE, "The author is a member already.", header.party)
        open_ = self._open_invites(header.party, past)
        if invite not in {node.id for node in open_}:
            raise Refusal(RULE, "An invitation is used once.", invite)
        inviters = {node.header.party for node in open_}
        if self._charter.growth == Growth.ALL and not self.at(clock) <= inviters:
            raise Refusal(RULE, "Not every member has invited the author.", header.party)

    def _open_invites(self, party: PartyId, past: Past) -> list[Node]:
        """Return the invitations of ``party`` in ``past``, less those before a join of its own:
        whoever left and comes again needs a new one, of everyone whose consent is asked.
        """
        joins = [node for node in self._grants.get(party, ()) if past.includes(node)]
        return [
            node
            for node in self._invites.get(party, ())
            if past.includes(node) and not any(past.before(node, join) for join in joins)
        ]

    def _require_may_decline(
        self, header: Header, clock: Clock, past: Past, invite: Id | None
    ) -> None:
        if invite is not None:
            self._require_invited(header, past, invite)
        elif header.party not in self._founders or not self.includes(clock, header.party):
            raise Refusal(RULE, "Only a founding member declines without an invitation.")

    def _require_invited(self, header: Header, past: Past, invite: Id) -> None:
        node = past.signed(invite)
        invited = [] if node is None else self._invites.get(header.party, [])
        if node not in invited:
            raise Refusal(RULE, "The author cites no invitation of itself.", invite)

    def _require_may_release(
        self, header: Header, clock: Clock, past: Past, what: tuple[tuple[Id, ...], PartyId]
    ) -> None:
        acts, to = what
        for id_ in acts:
            _require_own(header, past, id_, "An author releases its own acts only.")
        if not self.includes(clock, to):
            raise Refusal(RULE, "Content is released to a member.", to)


def _require_may_erase(header: Header, past: Past, step: Erase) -> None:
    if step.stage == "asked":
        _require_own(header, past, step.act, "An author asks for its own acts to be erased.")
    node = past.signed(step.act)
    if node is None:
        raise Refusal(RULE, "An answer about erasing names an act its author had seen.", step.act)
    if step.parts and step.parts[-1] >= node.header.content.parts:
        raise Refusal(RULE, "The act has no such part of content to erase.", step.act)


def _require_may_translate(header: Header, past: Past, said: Translation) -> None:
    node = past.signed(said.act)
    if node is None:
        raise Refusal(RULE, "A translation is of an act that its author had seen.", said.act)
    if node.header.kind == header.kind:
        raise Refusal(RULE, "A translation is made of the original, not of another.", said.act)
    # What a guest said is no party's own word, and so not its host's to vouch for.
    if said.as_ == OFFICIAL and node.said.header.party != header.party:
        raise Refusal(RULE, "Only the party that wrote it calls a translation official.", said.act)
    _require_no_wider(header, node.header, past.charter)


def _require_no_wider(header: Header, original: Header, charter: Header) -> None:
    """Refuse a translation by which the words would go further, or count for more."""
    pap, before = header.pap or PAP.CLEAR, original.pap or PAP.CLEAR
    if header.tlp < original.tlp or pap < before:
        raise Refusal(RULE, "The label of a translation is no wider than the original's.")
    inner, outer = (part_readers(ranges_of(each), 0) for each in (header, original))
    if not is_within(inner, outer, original.party):
        raise Refusal(RULE, "A translation goes to nobody whom the original's words are not for.")
    footing = cast("Footing", original.footing or charter.footing)
    if cast("Footing", header.footing or charter.footing) > footing:
        raise Refusal(RULE, "A translation has no higher footing than the original.")


def _require_own(header: Header, past: Past, id_: Id, reason: str) -> None:
    node = past.signed(id_)
    if node is None or node.header.party != header.party:
        raise Refusal(RULE, reason, id_)
