"""A coordinated disclosure as people look at it: who said what of it, and where the embargo stands.

What each party holds to, says and answers is the same at every node. Whether we keep to the embargo
still, and how far the report got with a party, is this node's own view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from comity.bridges.csaf import ofcase
from comity.bridges.csaf.ofcase import Case, SaidOf
from comity.engines.embargo import (
    Belief,
    Keeping,
    Outlook,
    Rule,
    Said,
    believe,
    keeping,
    soonest,
)
from comity.kernel import office
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, PartyId, host_of
from comity.kernel.label import TLP
from comity.protocols._vocabulary import linking
from comity.protocols.response.disclosure import PROTOCOL
from comity.protocols.response.disclosure.acts import COORDINATOR, Link
from comity.protocols.response.disclosure.codes import OWN
from comity.protocols.response.disclosure.embargo import (
    AGREED,
    ENOUGH,
    Embargo,
    end_of,
    newest_terms,
    read_embargo,
    word_on,
)
from comity.services.casework import dossiers
from comity.services.identity import roster
from comity.services.response.caseview import (
    INVITED,
    NO_REPLY,
    NOT_READY,
    READY,
    TO_COME,
    UNASKED,
    CaseView,
    DisclosureParty,
    EmbargoEnding,
    Lasting,
    OutClaim,
    ProductFix,
    ProductWord,
    PublishedAdvisory,
    SameFlaw,
    TermsProposed,
)
from comity.store.access import acts, finding, outbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import Entry, State
    from comity.protocols._vocabulary.linking import Linked
    from comity.services.node import Node
    from comity.store.access.acts import DossierRow


def case(node: Node, dossier_id: str) -> CaseView:
    """Return a disclosure. Raises Refusal S3 or S8."""
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        if dossier.protocol is not PROTOCOL:
            raise dossiers.another(PROTOCOL, dossier_id)
        return _Reader(node, dossier).case()


def outlooks(node: Node, dossier_id: str) -> list[Outlook]:
    """Return the outlook of a case's embargo for this party, and those of others of the same flaw
    in which it is bound too. Raises Refusal S3 or S8.
    """
    with node.lock:
        dossier = dossiers.load(node, dossier_id)
        if dossier.protocol is not PROTOCOL:
            raise dossiers.another(PROTOCOL, dossier_id)
        reader = _Reader(node, dossier)
        return [reader.outlook(), *(each.outlook for each in reader.same_flaw())]


def announced(node: Node, dossier_id: str) -> tuple[Id, str] | None:
    """Return the act by which this party announced its advisory in a case, and the hash that it
    gives; None where it has none ready. Raises Refusal S3 or S8.
    """
    with node.lock:
        state = dossiers.shown(node, dossiers.load(node, dossier_id))
        said = state.entries("ready", by=node.me)
    # Whose restored machine said two things at once announced neither.
    if len(said) != 1 or not said[0].value:
        return None
    return Id(said[0].act), str(said[0].value)


def is_torn(node: Node, dossier_id: str) -> bool:
    """Say whether this party says two things at once of its advisory: its next word settles it."""
    with node.lock:
        state = dossiers.shown(node, dossiers.load(node, dossier_id))
        return len(state.entries("ready", by=node.me)) > 1


def published(node: Node, dossier_id: str, hash_: str) -> PublishedAdvisory | None:
    """Return this party's word that it published what has a hash, or None."""
    with node.lock:
        reader = _Reader(node, dossiers.load(node, dossier_id))
        said = [each for party, each in reader.publishing() if party == node.me]
    return next((each for each in said if each.hash == hash_), None)


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


def _other(node: Node, id_: Id) -> _Reader | None:
    """Return what reads another disclosure, None where it is none, or not here as a whole."""
    try:
        dossier = dossiers.load(node, id_)
    except Refusal:
        return None
    return _Reader(node, dossier) if dossier.protocol is PROTOCOL else None


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
        self._published = dict(self.publishing())

    def case(self) -> CaseView:
        found, belief = self._embargo, self._belief()
        others, own = tuple(self.same_flaw()), self.outlook()
        end, _ = soonest([own, *(each.outlook for each in others)])
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
                end=found.end if end is None else end,
                belief=belief,
                now=self._node.now(),
            ),
            parties=tuple(sorted(self._parties(), key=lambda each: (each.name, each.party))),
            spread=self._spread(),
            links=tuple(linking.links(self._state)),
            with_us=others,
            end=end,
        )

    def outlook(self) -> Outlook:
        """Return how the embargo of this case looks for this party."""
        found, belief = self._embargo, self._belief()
        claimed = [*belief.acts] if belief.because else []
        # Who left is told no more of what moves or ends it, so that its machine decides nothing.
        bound = self._node.me in found.held and self._node.me in self._dossier.members.now()
        return Outlook(
            end=found.end if bound else None,
            agreed=bound and self._was_agreed(found),
            withdrawn=tuple(self._held_since(entry.act) for entry in found.ended),
            out=tuple(self._time(act) for act in claimed),
        )

    def _was_agreed(self, found: Embargo) -> bool:
        """Say whether two parties had agreed to the end before it came, by their own times and by
        when their words came here: who dates its own back gives others no time to say no. A party
        and its guest are one: nobody moves by itself when others publish.
        """
        end = found.end
        if end is None:
            return False
        for id_ in {each.terms for each in found.held.values() if each.end == end}:
            said = self._state.entries("consent", id_)
            late = self._late([entry.act for entry in said], end)
            if len({host_of(each.author)[0] for each in said if each.act not in late}) >= ENOUGH:
                return True
        return False

    def _late(self, consents: Sequence[str], end: int) -> set[str]:
        """Return which of the acts were said, or came here, no sooner than ``end`` (ms)."""
        late = {act for act in consents if self._time(act) >= end}
        if end > self._node.now():
            return late  # What is here came before it.
        came = acts.acts_among(self._node.db, consents)
        return late | {id_ for id_, row in came.items() if row.received_at >= end}

    def same_flaw(self) -> Iterator[SameFlaw]:
        """Yield the other cases that are about the same flaw, as this party or a coordinator says,
        of which this party agreed to terms too; however many cases lie between.
        """
        known, left = {self._dossier.id}, self._linked()
        while left:
            id_ = left.pop()
            if id_ in known:
                continue
            known.add(id_)
            other = _other(self._node, id_)
            if other is not None:
                left += other._linked()  # noqa: SLF001  its own kind
                if other._agreed_ever():  # noqa: SLF001
                    yield SameFlaw(other._dossier.id, other.outlook())  # noqa: SLF001

    def _agreed_ever(self) -> bool:
        """Say whether this party agreed to any terms here: of two that did, one that withdraws
        leaves the other with none.
        """
        me = self._node.me
        return any(self._state.entries("consent", id_, by=me) for (id_,) in self._state.keys("end"))

    def _linked(self) -> list[Id]:
        """Return the cases to which this one is linked as split or merged, from either side."""
        found = [each.dossier for each in linking.links(self._state) if self._counts(each)]
        named = finding.naming(self._node.db, self._dossier.id, Link.KIND.kind)
        # Once each, however often somebody says it.
        for id_ in sorted({id_ for _, id_ in named}):
            other = _other(self._node, Id(id_))
            said = [] if other is None else linking.links(other._state)  # noqa: SLF001
            if other is not None and any(
                each.dossier == self._dossier.id and other._counts(each)  # noqa: SLF001
                for each in said
            ):
                found.append(Id(id_))
        return found

    def _counts(self, link: Linked) -> bool:
        said_by = {self._node.me, self._coordinator}
        return link.relation in {linking.SPLIT, linking.MERGED} and link.author in said_by

    def publishing(self) -> Iterator[tuple[PartyId, PublishedAdvisory]]:
        """Yield who says that it published, and what; the first of what it said in two ways."""
        for entry in reversed(self._state.entries("published")):
            time, due = _field(entry, "time"), _field(entry, "due")
            hash_ = _field(entry, "hash")
            yield (
                entry.author,
                PublishedAdvisory(
                    act=Id(entry.act),
                    time=time if isinstance(time, int) else 0,
                    due=due if isinstance(due, int) else None,
                    hash=str(hash_) if hash_ else "",
                ),
            )

    def _spread(self) -> int | None:
        """Return how long after the first the last published, of those that did for one end."""
        by_end: dict[int, list[int]] = {}
        for each in self._published.values():
            if each.due is not None:
                by_end.setdefault(each.due, []).append(each.time)
        spreads = [max(times) - min(times) for times in by_end.values() if len(times) >= ENOUGH]
        return max(spreads, default=None)

    def _held_since(self, act: str) -> int:
        """Return the time of an act, or when it came where that is before: one that is dated later
        is held all the same.
        """
        row = acts.act(self._node.db, act)
        return self._time(act) if row is None else min(self._time(act), row.received_at)

    def _time(self, act: str) -> int:
        return self._dossier.graph.nodes[Id(act)].header.time

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
        return Lasting(since, end, until, how, case.spread)

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
                advisory=self._advisory(party),
                published=self._published.get(party),
            )

    def _advisory(self, party: PartyId) -> str:
        """Return what a party says last of its advisory; of two things at once, not ready."""
        said = [entry.value for entry in self._state.entries("ready", by=party)]
        return (READY if all(said) else NOT_READY) if said else ""

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
