"""A coordinated disclosure as people look at it: who said what of it, and where the embargo stands.

What each party holds to, says and answers is the same at every node. Whether we keep to the embargo
still, and how far the report got with a party, is this node's own view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from comity.bridges.csaf import ofcase
from comity.bridges.csaf.ofcase import Case, SaidOf
from comity.engines.embargo import Belief, Keeping, Rule, Said, believe, keeping
from comity.kernel import office
from comity.kernel.ids import Id, PartyId, host_of
from comity.kernel.label import TLP
from comity.protocols.response.disclosure import PROTOCOL
from comity.protocols.response.disclosure.acts import COORDINATOR
from comity.protocols.response.disclosure.codes import OWN
from comity.protocols.response.disclosure.embargo import (
    AGREED,
    Embargo,
    end_of,
    newest_terms,
    read_embargo,
    word_on,
)
from comity.services.casework import dossiers
from comity.services.identity import roster
from comity.store.access import outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import Entry, State
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow

NO_REPLY, TO_COME, UNASKED = "no_reply", "to_come", "unasked"
"""Of terms: a member said nothing on them; an invited party cannot yet; none were proposed."""
MEMBER, INVITED, DECLINED = "member", "invited", "declined"


@dataclass(frozen=True, slots=True, order=True)
class ProductWord:
    """A party's word on a ``product`` and a ``vulnerability``, "" for all of them."""

    product: str
    vulnerability: str
    word: str


@dataclass(frozen=True, slots=True, order=True)
class ProductFix:
    """How far a party's fix of a ``product`` is, "" for all of them."""

    product: str
    step: str


@dataclass(frozen=True, slots=True)
class DisclosureParty:
    """A party, or a guest of one: ``place`` is that in the dossier, or guest; ``role`` as it says,
    "" where it does not.

    ``consent`` is agreed, refused, countered or withdrawn, or else no_reply, which is no refusal,
    to_come, or unasked while no terms were proposed; ``until`` is the end it holds to (ms),
    ``duties`` and ``within`` (hours) what its law makes it pass on. ``stage`` is how it handles
    the report, ``words`` and ``fixes`` what it says of its products, "" and empty while it says
    nothing. ``reached`` is how far
    the report got from here: queued, sent, received, whole, refused, undeliverable, "" where this
    node did not send it.
    """

    party: PartyId
    name: str
    place: str
    role: str
    consent: str
    until: int | None
    duties: tuple[str, ...]
    within: int | None
    stage: str
    words: tuple[ProductWord, ...]
    fixes: tuple[ProductFix, ...]
    reached: str

    @property
    def is_silent(self) -> bool:
        """Whether a member has said nothing at all: no reply, and neither a refusal nor a "no"."""
        said = self.stage or self.words or self.fixes
        return self.place == MEMBER and self.consent == NO_REPLY and not said


@dataclass(frozen=True, slots=True)
class EmbargoEnding:
    """Who ended an embargo, by which act at ``time`` (ms), with the code of its reason and kind."""

    name: str
    act: Id
    time: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutClaim:
    """A claim that it is out: by whom, ``what``, on which ``basis``; ``seen`` (ms) if it says when.

    ``believed`` says that we end the embargo for ourselves on it.
    """

    name: str
    act: Id
    time: int
    what: str
    basis: str
    seen: int | None
    taken_back: bool
    believed: bool


@dataclass(frozen=True, slots=True)
class TermsProposed:
    """The newest terms of a party: the ``act`` that proposes them, their ``end`` and by when a
    reply is needed, if it is (ms).
    """

    name: str
    act: Id
    end: int
    reply_by: int | None


@dataclass(frozen=True, slots=True)
class CaseView:
    """A disclosure: ``names`` are codes of vulnerabilities, ``coordinator`` is "" where nobody has
    the office; ``keeping`` is our own view, and ``terms`` are the newest that each party proposed.
    """

    dossier: Id
    names: tuple[str, ...]
    coordinator: str
    embargo: Embargo
    terms: tuple[TermsProposed, ...]
    endings: tuple[EmbargoEnding, ...]
    claims: tuple[OutClaim, ...]
    belief: Belief
    keeping: Keeping
    parties: tuple[DisclosureParty, ...]


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an embargo lasts for this party: from ``since``, when it and another had agreed to
    the same terms, to the ``end`` it agreed to last; ``until`` is when it ended and ``keeping`` by
    what, None while it is kept (ms).
    """

    since: int
    end: int
    until: int | None
    keeping: Keeping


def case(node: Node, dossier_id: str) -> CaseView:
    """Return a disclosure. Raises Refusal S3 or S8."""
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        if dossier.protocol is not PROTOCOL:
            raise dossiers.another(PROTOCOL, dossier_id)
        return _Reader(node, dossier).case()


def lasting(node: Node, dossier_id: str) -> Lasting | None:
    """Return how long the embargo of a disclosure lasts for this party, None where it agreed to no
    terms that another did. Raises Refusal S3 or S8.
    """
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        if dossier.protocol is not PROTOCOL:
            raise dossiers.another(PROTOCOL, dossier_id)
        return _Reader(node, dossier).lasting()


def advisory(node: Node, row: DossierRow, title: str) -> bytes:
    """Return the draft of an advisory of a disclosure, with the title that it is given.

    Raises Refusal S3 or S8.
    """
    found = case(node, row.id)
    own = next((each.role for each in found.parties if each.party == node.me), "")
    draft = ofcase.draft(
        Case(
            id=row.id,
            title=title,
            opened=row.opened_at,
            now=node.now(),
            tlp=TLP(row.ceiling),
            names=found.names,
            publisher=roster.names(node).get(node.me, node.settings.name),
            role=own,
            namespace=node.settings.pages or f"urn:comity:{node.me}",
            words=[
                SaidOf(each.name, said.product, said.vulnerability, said.word)
                for each in found.parties
                for said in each.words
            ],
        )
    )
    return orjson.dumps(draft, option=orjson.OPT_INDENT_2)


class _Reader:
    """Reads one disclosure; what its parts have in common is looked up once."""

    def __init__(self, node: Node, dossier: Dossier) -> None:
        self._node, self._dossier = node, dossier
        self._state: State = dossiers.shown(node, dossier)
        self._names = roster.names(node)
        self._embargo = read_embargo(self._state)
        grants = office.held(COORDINATOR, self._state)
        self._coordinator = grants[0].to if len(grants) == 1 else ""
        self._words = self._by_author("word")

    def case(self) -> CaseView:
        found, belief = self._embargo, self._belief()
        return CaseView(
            dossier=self._dossier.id,
            names=tuple(str(name) for (name,) in self._state.keys("named")),
            coordinator=self._name(PartyId(self._coordinator)) if self._coordinator else "",
            embargo=found,
            terms=tuple(
                TermsProposed(self._name(t.by), t.id, t.end, t.reply_by)
                for t in newest_terms(self._state)
            ),
            endings=tuple(self._ending(entry) for entry in found.ended),
            claims=tuple(self._claim(entry, belief) for entry in self._claims()),
            belief=belief,
            keeping=keeping(
                held=self._node.me in found.held,
                ended=bool(found.ended),
                end=found.end,
                belief=belief,
                now=self._node.now(),
            ),
            parties=tuple(sorted(self._parties(), key=lambda each: (each.name, each.party))),
        )

    def lasting(self) -> Lasting | None:
        """Return how long the embargo lasts for this party."""
        agreed = [each for (id_,) in self._state.keys("consent") for each in self._agreed(str(id_))]
        if not agreed:
            return None
        _, end = max(agreed)
        case = self.case()
        last = end if case.embargo.end is None else min(end, case.embargo.end)
        # What came first ended it, whatever came after.
        came = [
            *((each.time, Keeping.WITHDRAWN) for each in case.endings),
            *((each.time, Keeping.OUT) for each in case.claims if each.believed),
            *([(last, Keeping.PAST)] if last <= self._node.now() else []),
        ]
        since = min(time for time, _ in agreed)
        until, how = min(came, default=(None, Keeping.KEEPS))
        return Lasting(since, end, until, how)

    def _agreed(self, terms: str) -> Iterator[tuple[int, int]]:
        """Yield when this party and another had agreed to terms, and their end, if they have."""
        times: dict[bool, list[int]] = {True: [], False: []}
        for entry in self._state.entries("consent", terms):
            said = self._dossier.graph.nodes[Id(entry.act)].header.time
            times[entry.author == self._node.me].append(said)
        end = end_of(self._state, terms)
        if times[True] and times[False] and end is not None:
            yield max(min(times[True]), min(times[False])), end

    def _name(self, party: PartyId) -> str:
        host, guest = host_of(party)
        name = self._names.get(host, host[:8])
        return f"{guest} ({name})" if guest else name

    # Claims

    def _claims(self) -> list[Entry]:
        state = self._state
        return [e for (id_,) in state.keys("claim") for e in state.entries("claim", id_)]

    def _belief(self) -> Belief:
        settings = self._node.settings
        rule = Rule(settings.believed_parties, settings.believed_coordinator)
        claims = [
            Said(
                entry.act,
                host_of(entry.author)[0],
                _field(entry, "basis") == OWN,
                self._state.has("retracted", entry.act),
                guest=host_of(entry.author)[1] != "",
            )
            for entry in self._claims()
        ]
        return believe(claims, rule, me=self._node.me, coordinator=self._coordinator)

    def _claim(self, entry: Entry, belief: Belief) -> OutClaim:
        seen = _field(entry, "seen")
        return OutClaim(
            name=self._name(entry.author),
            act=Id(entry.act),
            time=self._dossier.graph.nodes[Id(entry.act)].header.time,
            what=str(_field(entry, "what")),
            basis=str(_field(entry, "basis")),
            seen=seen if isinstance(seen, int) else None,
            taken_back=self._state.has("retracted", entry.act),
            believed=entry.act in belief.acts,
        )

    def _ending(self, entry: Entry) -> EmbargoEnding:
        header = self._dossier.graph.nodes[Id(entry.act)].said.header
        reason = str(header.body["reason"])
        return EmbargoEnding(
            self._name(entry.author), Id(entry.act), header.time, header.kind, reason
        )

    # Parties

    def _parties(self) -> Iterator[DisclosureParty]:
        places = dict(dossiers.member_states(self._dossier))
        reached = {
            row.recipient: row.state for row in outbox.deliveries(self._node.db, self._dossier.id)
        }
        guests = {party for party in self._speakers() if party not in places}
        products, fixes = self._by_product(), self._by_step()
        for party in sorted({*places} | guests):
            held = self._embargo.held.get(party)
            yield DisclosureParty(
                party=party,
                name=self._name(party),
                place=places.get(party, "guest"),
                role=self._said("role", party),
                consent=self._consent(party, places.get(party, "guest")),
                until=None if held is None else held.end,
                duties=() if held is None else held.duties,
                within=None if held is None else held.within,
                stage=self._said("handling", party),
                words=tuple(sorted(products.get(party, ()))),
                fixes=tuple(sorted(ProductFix(*each) for each in fixes.get(party, {}).items())),
                reached=reached.get(party, ""),
            )

    def _speakers(self) -> set[PartyId]:
        cells = ("role", "handling")
        told = {entry.author for cell in cells for entry in self._state.entries(cell)}
        return told | {*self._words} | {entry.author for entry in self._claims()}

    def _said(self, cell: str, party: PartyId) -> str:
        """Return a party's newest word, both of them where it told two."""
        return "/".join(str(entry.value) for entry in self._state.entries(cell, by=party))

    def _by_author(self, cell: str) -> Mapping[PartyId, list[Entry]]:
        found: dict[PartyId, list[Entry]] = {}
        for key in self._state.keys(cell):
            for entry in self._state.entries(cell, *key):
                found.setdefault(entry.author, []).append(entry)
        return found

    def _consent(self, party: PartyId, place: str) -> str:
        """Return what stands of a party's words on terms: what it holds to, or said last."""
        if party in self._embargo.held:
            return AGREED
        if said := self._words.get(party):
            nodes = self._dossier.graph.nodes
            return word_on(max(said, key=lambda e: nodes[Id(e.act)].index))
        if not newest_terms(self._state):
            return UNASKED
        return TO_COME if place == INVITED else NO_REPLY

    def _by_product(self) -> Mapping[PartyId, list[ProductWord]]:
        found: dict[PartyId, list[ProductWord]] = {}
        for product, vulnerability in self._state.keys("status"):
            for entry in self._state.entries("status", product, vulnerability):
                word = ProductWord(str(product), str(vulnerability), str(entry.value))
                found.setdefault(entry.author, []).append(word)
        return found

    def _by_step(self) -> Mapping[PartyId, dict[str, str]]:
        found: dict[PartyId, dict[str, str]] = {}
        # By their codes "deployed" stands before "ready", and the further step is to count.
        for party, product, step in reversed(self._state.keys("step")):
            found.setdefault(PartyId(str(party)), {})[str(product)] = str(step)
        return found


def _field(entry: Entry, name: str) -> object:
    return entry.value.get(name) if isinstance(entry.value, dict) else None
