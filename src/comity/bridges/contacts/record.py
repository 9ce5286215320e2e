"""A point of contact as formats tell it, and what reading and writing give back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import NamedTuple

from comity.kernel.errors import Phrase

LIMIT = 4 * 1024 * 1024
"""The longest text that is read, in characters."""
MOST = 10_000
"""The most contacts of one text."""
LONGEST = 20_000
"""The longest value, in characters: as much as a dossier takes."""
MOST_LOST = 100_000
MOST_NAME = 200
"""The longest name of what has no field, in characters."""
PERSON, DESK = "person", "desk"
FIELDS = (
    "holder",
    "position",
    "institution",
    "deputies",
    "email",
    "phone",
    "phone_emergency",
    "chat",
    "video",
    "address",
    "website",
    "languages",
    "hours",
    "zone",
    "holidays",
    "mandate",
    "constituency",
    "openpgp",
    "other",
)
"""Particulars, as the vocabulary of contacts names them and tells their forms."""
HEAD = ("seat", "party", "role", "holder_is")

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# With what turns the order of digits around: a number would be shown as another.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff]")
_REST = re.compile("[a-z0-9]+[.].+")
_LATEST = 253_402_300_800_000  # The year 10000.


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A point of contact.

    Fields: ``seat``, for whom it speaks, as a country's code or a short name; ``party``, the name
    of the team or party; ``role``, a code; ``holder_is`` ``person``, ``desk`` or not said; one for
    each of ``FIELDS``, where several values stand one a line, best first; ``updated`` (ms, to the
    second); ``rest``, what a format held that has no field, as values by names such as
    ``first.host``. What is not said is "". Texts lose blanks at both ends of their lines; what no
    text may hold is replaced. Raises ValueError for a text or an instant out of bounds, and for a
    name in ``rest`` without a format and a dot.
    """

    seat: str = ""
    party: str = ""
    role: str = ""
    holder_is: str = ""
    holder: str = ""
    position: str = ""
    institution: str = ""
    deputies: str = ""
    email: str = ""
    phone: str = ""
    phone_emergency: str = ""
    chat: str = ""
    video: str = ""
    address: str = ""
    website: str = ""
    languages: str = ""
    hours: str = ""
    zone: str = ""
    holidays: str = ""
    mandate: str = ""
    constituency: str = ""
    openpgp: str = ""
    other: str = ""
    updated: int | None = None
    rest: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name in (*HEAD, *FIELDS):
            object.__setattr__(self, name, _bounded(tidy(self.told(name)), name))
        rest = [(_rest_name(name), _bounded(tidy(value), name)) for name, value in self.rest]
        object.__setattr__(self, "rest", tuple(each for each in rest if each[1]))
        if self.updated is not None:
            object.__setattr__(self, "updated", _second(self.updated))

    def told(self, name: str) -> str:
        """Return the text of a field, by its name."""
        return str(getattr(self, name))

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.party or self.holder or self.seat or Phrase("a contact without a name")


def tidy(text: str) -> str:
    """Return ``text`` as a ``Contact`` keeps it; the same again when it is so already."""
    told = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", _LINE_ENDS.sub("\n", text))
    return "\n".join(map(str.strip, told.split("\n"))).strip()


def _bounded(text: str, name: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(
            Phrase("{field} has more than {most} characters.", field=name, most=LONGEST)
        )
    return text


def _rest_name(name: str) -> str:
    name = " ".join(tidy(name).split())
    if not is_kept(name):
        raise ValueError(
            Phrase("{name} does not name a format and what it holds.", name=name[:MOST_NAME])
        )
    return name


def is_kept(name: str) -> bool:
    """Say whether a text can name what has no field: a format, a dot, and what it is there."""
    return _REST.fullmatch(name) is not None and len(name) <= MOST_NAME


def _second(at: int) -> int:
    if not 0 <= at < _LATEST:
        raise ValueError(Phrase("An instant lies before 1970 or after 9999."))
    return at // 1000 * 1000


class Reading(NamedTuple):
    """What was read, and what of the text was not understood or has no place in a contact."""

    contacts: tuple[Contact, ...]
    lost: tuple[Phrase, ...]


class Writing(NamedTuple):
    """What was written, and what of the contacts its format cannot hold."""

    text: str
    lost: tuple[Phrase, ...]


class Lost(list[Phrase]):
    """What is lost of a text, at most ``MOST_LOST``; ``append`` raises ValueError for more."""

    def append(self, told: Phrase) -> None:
        """Add one."""
        if len(self) >= MOST_LOST:
            raise ValueError(
                Phrase("Too much of the text is not understood; is it of another format?")
            )
        super().append(told)


class Draft:
    """A contact being read: values are added as they are found.

    ``values`` are those of fields by name, ``rest`` and ``updated`` as in a ``Contact``, ``lost``
    what could not be kept.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.rest: list[tuple[str, str]] = []
        self.updated: int | None = None
        self.lost = Lost()

    def add(self, field: str, value: str) -> None:
        """Add a value, in a line of its own below those the field has."""
        value = tidy(value)
        had = self.values.get(field, "")
        if value and self._fits(field, had + value):
            self.values[field] = f"{had}\n{value}" if had else value

    def keep(self, name: str, value: str) -> None:
        """Keep what has no field."""
        if tidy(value) and self._fits(name, value):
            self.rest.append((name[:MOST_NAME], value))

    def _fits(self, name: str, value: str) -> bool:
        if len(value) < LONGEST:
            return True
        self.lost.append(
            Phrase(
                "{field} is left out: it has {most} characters or more.", field=name, most=LONGEST
            )
        )
        return False

    def contact(self) -> Contact:
        """Return what was added as a contact."""
        return Contact(**self.values, updated=self.updated, rest=tuple(self.rest))


def require_size(text: str) -> None:
    """Raise ValueError for a text that is too long to be read."""
    if len(text) > LIMIT:
        raise ValueError(Phrase("The text has more than {limit} characters.", limit=LIMIT))


def require_number(count: int) -> None:
    """Raise ValueError for more contacts than one text may hold."""
    if count > MOST:
        raise ValueError(Phrase("The text has more than {most} contacts.", most=MOST))


def reading(drafts: Iterable[Draft], lost: Iterable[Phrase] = ()) -> Reading:
    """Return what was read. Raises ValueError for too many contacts."""
    drafts = list(drafts)
    require_number(len(drafts))
    told = [*lost, *(each for draft in drafts for each in draft.lost)]
    return Reading(tuple(draft.contact() for draft in drafts), tuple(told))


def written(text: str, contacts: Sequence[Contact], read: Callable[[str], Reading]) -> Writing:
    """Return a text with what does not come back when it is read again.

    No list says what a format can hold: it is tried. Raises ValueError where the text is too large
    for ``read``.
    """
    back = read(text).contacts
    return Writing(text, (*_left_out(contacts[len(back) :]), *_changed(contacts, back)))


def _left_out(contacts: Sequence[Contact]) -> Iterator[Phrase]:
    if contacts:
        yield Phrase("{who}: this format tells of one contact only.", who=_who(contacts))


def _changed(contacts: Sequence[Contact], back: Sequence[Contact]) -> Iterator[Phrase]:
    pairs = list(zip(contacts, back, strict=False))
    for name in (each.name for each in fields(Contact) if each.name != "rest"):
        wrong = [(ours, got) for ours, got in pairs if getattr(ours, name) != getattr(got, name)]
        missing = [ours for ours, got in wrong if getattr(got, name) in {"", None}]
        other = [ours for ours, got in wrong if getattr(got, name) not in {"", None}]
        yield from _told(missing, name, _NO_PLACE)
        yield from _told(other, name, _OTHERWISE)
    names: dict[str, list[Contact]] = {}
    for ours, got in pairs:
        for name, _ in Counter(ours.rest) - Counter(got.rest):
            names.setdefault(name, []).append(ours)
    for name, found in names.items():
        yield from _told(found, name, _NO_PLACE)


_NO_PLACE = Phrase("{who}, {field}: this format has no place for what it says.")
_OTHERWISE = Phrase("{who}, {field}: this format tells it in other words.")


def _told(contacts: Sequence[Contact], field: str, sentence: Phrase) -> Iterator[Phrase]:
    if contacts:
        yield Phrase(sentence.template, who=_who(contacts), field=field)


def _who(contacts: Sequence[Contact]) -> str:
    if len(contacts) == 1:
        return contacts[0].name
    return Phrase("{name} and {count} more", name=contacts[0].name, count=len(contacts) - 1)


def iso(at: int) -> str:
    """Return an instant (ms) to the second, as ``2026-05-03T02:40:00Z``."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
