"""What lists, work pages and look-ups know of a community; its subjects are the directory's index.

``contact``     ``author/contact/seat/role/source/listed``, from since to until
``particular``  ``author/contact/field``, from the newest word that it is right
``seat``        ``seat/author/contact``
``sector``      ``sector/author/contact``, that it answers for
``state``       ``state/author/contact``, that it serves
``policy``      ``name/value``
``category``    ``party/category``
``accredited``  ``author/applicant/category``, from the decision to its end; maybe a guest's

The author is the nominator, and who brought an application. ``listed`` is ``listed`` where the
forum recognises the author for the seat, ``other`` where it recognises another party, else
``open``. The act of a contact and of a seat is the nomination in force; that of a particular holds
its newest words. What was told in two ways is there twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from comity.kernel import office
from comity.kernel.fold import How
from comity.kernel.ids import Id, PartyId
from comity.kernel.protocol import Caption, Duty, Subject, Summary, by_urgency, members_of
from comity.protocols._vocabulary.contacts import FIELDS
from comity.protocols.trust.community.codes import ACCREDITED
from comity.protocols.trust.community.facts import CIRCULATE, DECIDE, GIVE, POLICY, REPLY
from comity.protocols.trust.community.forum import SECRETARIAT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from comity.kernel.fold import Entry, State

OPEN, CONFLICT = "open", "conflict"
STATUSES = {
    OPEN: "Open",
    CONFLICT: "Told in two ways",
}
TAKE = "take_office"
CAPTIONS = {
    "community": "Community · {by:party} · {act:act}",
    GIVE: "Give {to:party} particulars, or say that you do not",
    CIRCULATE: "Circulate the application that {to:party} brought",
    DECIDE: "Decide on the application that {to:party} brought",
    REPLY: "Reply to what {to:party} wrote",
    TAKE: "Take the secretariat that {to:party} offered, or leave it",
}
LISTED, OTHER = "listed", "other"
SERVED = ("sector", "state")
"""What a contact answers for, of which a nomination names several."""


def summary(state: State) -> Summary:
    """Return what lists and look-ups know of a community."""
    (opened,) = state.entries("opened")
    parties = members_of(state)
    return Summary(
        status=_status(state),
        parties=parties,
        duties=by_urgency(_duties(state, {*parties})),
        caption=Caption("community", {"by": opened.author, "act": opened.act}),
        subjects=tuple(_subjects(state, {*parties})),
    )


def _standing(state: State, cell: str, key: str) -> list[Entry]:
    """Return what the secretariat said of ``key``, less what a later one said anew."""
    return [each for each in state.entries(cell, key) if not state.has("outdone", each.act)]


def _policy(state: State, name: str) -> list[Entry]:
    said = state.entries("policy", name)
    return [each for each in said if not state.has("outdone", each.act, name)]


def _status(state: State) -> str:
    told = [_policy(state, name) for name in POLICY]
    for cell in ("placed", "recognised", "decided"):
        told += [_standing(state, cell, str(key)) for (key,) in state.keys(cell)]
    in_two_ways = any(_differ(entries) for entries in told)
    return CONFLICT if in_two_ways or len(office.held(SECRETARIAT, state)) != 1 else OPEN


def _differ(entries: list[Entry]) -> bool:
    return any(_word(entry) != _word(entries[0]) for entry in entries)


def _word(entry: Entry) -> object:
    """Return what an entry says; of a decision the outcome, whenever it was taken."""
    return entry.value["outcome"] if isinstance(entry.value, dict) else entry.value


# What is owed


def _duties(state: State, members: set[PartyId]) -> Iterator[Duty]:
    holders = office.held(SECRETARIAT, state)
    secretariat = holders[0].to if len(holders) == 1 else PartyId("")
    for id_, what, who, to in (map(str, key) for key in state.open("owed", "settled")):
        by = PartyId(who) or secretariat
        if by in members:
            due = state.bound(How.MOST, "due", id_) if what == DECIDE else None
            yield Duty(by, what, due, id_, PartyId(to))
    for offer in office.offers(SECRETARIAT, state):
        if offer.to in members:
            yield Duty(offer.to, TAKE, None, offer.act, secretariat)


# What it is about


def _subjects(state: State, members: set[PartyId]) -> Iterator[Subject]:
    yield from _contacts(state, members)
    for name in POLICY:
        for entry in _policy(state, name):
            yield _subject("policy", (name, entry.value), entry)
    for (party,) in state.keys("placed"):
        if party in members:
            for entry in _standing(state, "placed", str(party)):
                yield _subject("category", (party, entry.value), entry)
    for (application,) in state.keys("decided"):
        yield from _accredited(_standing(state, "decided", str(application)))


def _accredited(said: list[Entry]) -> Iterator[Subject]:
    """Yield an accreditation, unless it was decided in two ways."""
    if not _differ(said):
        for entry in said:
            value = cast("dict[str, str | int]", entry.value)
            if value["outcome"] == ACCREDITED:
                named = (value["by"], value["applicant"], value["category"])
                times = (cast("int", value["time"]), cast("int", value["until"]))
                yield _subject("accredited", named, entry, *times)


def _contacts(state: State, members: set[PartyId]) -> Iterator[Subject]:
    seats = (str(seat) for (seat,) in state.keys("recognised"))
    authorities = {seat: _authority(state, seat, members) for seat in seats}
    for (key,) in state.keys("contact"):
        contact = str(key)
        records: dict[tuple[PartyId, str], set[PartyId]] = {}
        for entry in state.entries("contact", contact):
            value = cast("dict[str, str]", entry.value)
            if entry.author in members and "root" in value:
                yield from _nominated(entry, contact, authorities.get(value["seat"], ""))
                tellers = records.setdefault((entry.author, value["root"]), {entry.author})
                tellers.add(PartyId(value.get("kept_by", "")))
        for (author, begun), tellers in records.items():
            yield from _particulars(state, f"{author}/{contact}", begun, tellers & members)


def _authority(state: State, seat: str, members: set[PartyId]) -> str:
    """Return whom the forum recognises for a seat, "" for nobody and where it said two parties."""
    said = _standing(state, "recognised", seat)
    authority = str(said[0].value)
    return authority if authority in members and not _differ(said) else ""


def _nominated(entry: Entry, contact: str, authority: str) -> Iterator[Subject]:
    value = cast("dict[str, str]", entry.value)
    listed = OPEN
    if authority:
        listed = LISTED if authority == entry.author else OTHER
    named = (entry.author, contact, value["seat"], value["role"], value["source"], listed)
    times = cast("dict[str, int]", entry.value)
    yield _subject("contact", named, entry, times.get("since"), times.get("until"))
    yield _subject("seat", (value["seat"], entry.author, contact), entry)
    served = cast("dict[str, list[str]]", entry.value)
    for kind in SERVED:
        for code in served.get(f"{kind}s", []):
            yield _subject(kind, (code, entry.author, contact), entry)


def _particulars(
    state: State, named: str, begun: str, tellers: Container[PartyId]
) -> Iterator[Subject]:
    """Yield each particular that one of ``tellers`` told, the nominator or the member that keeps
    the contact, with the act that tells it, from when that was last said to be right.
    """
    for teller, subject in state.kept(named, begun, lambda: _record(state, begun, named)):
        if teller in tellers:
            yield subject


def _record(state: State, begun: str, named: str) -> list[tuple[PartyId, Subject]]:
    """Return what was told in a record and by whom; of it alone, so that it can be kept."""
    found = []
    for field in FIELDS:
        for entry in state.entries("told", begun, field):
            if not state.has("retold", begun, entry.act, field):
                confirmed = state.bound(How.MOST, "confirmed", begun, entry.act, field) or 0
                begins = max(cast("int", entry.value), confirmed)
                found.append((entry.author, _subject("particular", (named, field), entry, begins)))
    return found


def _subject(
    kind: str,
    named: Iterable[object],
    entry: Entry,
    begins: int | None = None,
    ends: int | None = None,
) -> Subject:
    return Subject(kind, "/".join(map(str, named)), begins, ends, Id(entry.act))
