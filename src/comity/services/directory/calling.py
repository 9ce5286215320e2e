"""Who is to be called now: the contacts of a party by purpose, language and the time of day.

It is answered from what is held here, also without a network, and nobody learns who was looked for.
First comes who was nominated by an authority that a community lists; then who is at work; then who
speaks the language. Of the channels the one that was tested last, and answered, comes first. What
is stale is shown as such and is never left out: an old number is better than none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from comity.engines import hours, walls
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.language import is_tag, spelled
from comity.protocols._vocabulary.contacts import CHANNELS, IMPORTED, MAIL, NODE, OWN, ROLES
from comity.services.casework import tongues
from comity.services.directory.book import Book, Contact, Particular
from comity.services.directory.testing import Test, tests_of

if TYPE_CHECKING:
    from comity.engines.hours import Schedule
    from comity.services.casework.desk import Desk

NOT_TESTED = "No channel of these was tested. Ask for a contact check."
CLOSED = "Nobody of these is at work now; the times shown say when."
CONFLICT = (
    "Several authorities say who speaks for this seat. They are shown side by side: decide by whom "
    "you know."
)
OTHERWISE = (
    "Nobody is named for this purpose; shown is who is named for others. Ask there who deals with "
    "it."
)
NOTES = (NOT_TESTED, CLOSED, CONFLICT, OTHERWISE)
"""All that may have to be known about an answer."""
LISTED = {"listed": 0, "open": 1, "other": 2}
KNOWN = {OWN: 0, MAIL: 1, IMPORTED: 2}
AT_WORK = ("phone", "video", "chat", "email", NODE, "phone_emergency")
AT_REST = ("phone_emergency", "phone", "email", NODE, "chat", "video")
"""The order of channels, among those that were tested alike."""


class Call(NamedTuple):
    """What is asked: a ``party`` or seat, for a ``purpose`` ("" for any), in a ``language`` ("" for
    any), ``at`` an instant (ms).
    """

    party: str
    purpose: str
    language: str
    at: int


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a contact: a ``channel`` with its ``label``, and the ``text`` to use there.

    ``tested`` is when it was last tested (ms), ``answered`` whether somebody answered then; both
    None where it never was. ``confirmed`` is when its author last said it (ms), ``fresh`` a code of
    ``book.FRESHNESS``.
    """

    channel: str
    label: str
    text: str
    tested: int | None
    answered: bool | None
    confirmed: int
    fresh: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to call, ``called`` so, for ``role``, and the ``ways`` to do it, best first.

    ``open`` says whether it is at work, None where nobody said when it is; ``opens`` when it next
    is (ms), ``local`` what time it is there, in its ``zone``, both "" where that is not known.
    ``speaks`` says whether it speaks the language asked for, None where nobody said. ``deputies``
    are told in their order.
    """

    contact: Contact
    called: str
    fits: bool
    open: bool | None
    opens: int | None
    local: str
    zone: str
    speaks: bool | None
    languages: tuple[str, ...]
    deputies: tuple[str, ...]
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom to call, best first, and what has to be known about it, as sentences."""

    at: int
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...]


def asked(party: str, purpose: str = "", language: str = "", *, at: int) -> Call:
    """Return what is asked, as a person wrote it. Raises Refusal S4, with the field as subject."""
    if purpose and purpose not in ROLES:
        known = Phrase("A purpose is one of {known}.", known=", ".join(ROLES))
        raise Refusal("S4", known, "purpose")
    tag = spelled(language) if language else ""
    if tag and not is_tag(tag):
        told = "Write the tag of a language, as ar, fr, pt-BR or zh-Hans."
        raise Refusal("S4", told, "language")
    if not 0 <= at < walls.LATEST:
        told = "No calendar here reaches so far; give an earlier time."
        raise Refusal("S4", told, "at")
    return Call(party, purpose, tag, at)


def call(desk: Desk, wanted: Call) -> Answer:
    """Return whom to call now. Raises Refusal S3 or S4 about the party, as ``Book.named``."""
    contacts = [c for c in Book(desk).named(wanted.party) if c.is_valid(wanted.at)]
    tested = tests_of(desk, contacts)
    found = [_candidate(contact, wanted, tested.get(contact.key, {})) for contact in contacts]
    found = [each for each in found if each.fits] or found
    ranked = sorted(found, key=_rank)
    return Answer(wanted.at, tuple(ranked), tuple(_notes(ranked)))


def _candidate(contact: Contact, wanted: Call, tested: dict[str, Test]) -> Candidate:
    schedule, languages = _schedule(contact), _languages(contact)
    is_open = None if schedule is None else schedule.is_open(wanted.at)
    return Candidate(
        contact=contact,
        called=contact.called,
        fits=wanted.purpose in {"", contact.role},
        open=is_open,
        opens=None if schedule is None or is_open else schedule.next_open(wanted.at),
        local="" if schedule is None else schedule.local(wanted.at),
        zone="" if schedule is None else schedule.zone,
        speaks=_speaks(languages, wanted.language),
        languages=languages,
        deputies=tuple(line.strip() for line in contact.text("deputies").splitlines() if line),
        ways=tuple(_ways(contact, tested, at_work=is_open is not False)),
    )


def _schedule(contact: Contact) -> Schedule | None:
    """Return when a contact is at work; None where it is not said, or not so as to be read."""
    try:
        return hours.read(contact.text("hours"), contact.text("zone"), contact.text("holidays"))
    except ValueError:
        return None


def _languages(contact: Contact) -> tuple[str, ...]:
    tags = (spelled(each) for each in contact.text("languages").replace("\n", ",").split(","))
    return tuple(dict.fromkeys(tag for tag in tags if is_tag(tag)))


def _speaks(languages: Sequence[str], wanted: str) -> bool | None:
    if not wanted or not languages:
        return None
    return any(tongues.reads(wanted, tag) for tag in languages)


def _ways(contact: Contact, tested: dict[str, Test], *, at_work: bool) -> Iterable[Way]:
    usual = AT_WORK if at_work else AT_REST

    def rank(way: Way) -> tuple[int, int, int]:
        # What was tested and not answered comes last, whatever it is.
        order = 1 if way.answered is None else 0 if way.answered else 2
        return order, usual.index(way.channel), -(way.tested or 0)

    told = [
        _way(channel, label, contact.particulars[channel], tested.get(channel))
        for channel, label in CHANNELS.items()
        if contact.text(channel)
    ]
    return sorted(told, key=rank)


def _way(channel: str, label: str, told: Particular, test: Test | None) -> Way:
    # What nobody answered, and was said to be right afterwards, is to be tried again.
    if test is not None and test.at < told.confirmed and not test.answered:
        test = None
    return Way(
        channel=channel,
        label=label,
        text=told.text,
        tested=None if test is None else test.at,
        answered=None if test is None else test.answered,
        confirmed=told.confirmed,
        fresh=told.fresh,
    )


def _rank(each: Candidate) -> tuple[int, int, int, int, int, int, str]:
    contact = each.contact
    tested = min((0 if way.answered else 1 for way in each.ways), default=2)
    return (
        not each.fits,
        LISTED.get(contact.listed, 3),
        KNOWN.get(contact.source, 3),
        _order(each.speaks),
        _order(each.open),
        tested,
        contact.key.contact,
    )


def _order(word: bool | None) -> int:  # noqa: FBT001  yes, no, or nobody said
    return 1 if word is None else 0 if word else 2


def _notes(found: Sequence[Candidate]) -> Iterable[str]:
    if found and not any(each.fits for each in found):
        yield OTHERWISE
    if found and not any(way.tested for each in found for way in each.ways):
        yield NOT_TESTED
    if found and all(each.open is False for each in found):
        yield CLOSED
    own = {each.contact.key.author for each in found if each.contact.source == OWN}
    if len(own) > 1 and not any(each.contact.listed == "listed" for each in found):
        yield CONFLICT
