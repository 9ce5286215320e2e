"""Teams as the API of FIRST lists them: JSON, one object a team.

``country`` is the last line of ``address``, since there alone people look for it. A time zone that
is an offset names no zone: it is kept as it is, and told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import orjson

from comity.bridges.contacts.forms import is_zone
from comity.bridges.contacts.record import (
    Contact,
    Draft,
    Reading,
    Writing,
    reading,
    require_size,
    written,
)
from comity.kernel.errors import Phrase

_FIELDS = {
    "team": "seat",
    "team-full": "party",
    "host": "institution",
    "address": "address",
    "country": "address",
    "website": "website",
    "email": "email",
    "phone": "phone",
    "phone-emergency": "phone_emergency",
    "timezone": "zone",
    "other-communication": "other",
    "operating-hours": "hours",
    "constituency-description": "constituency",
}
_KEPT = "first."
_COUNTRY = re.compile("[A-Z]{2}")


def read(text: str) -> Reading:
    """Return the teams of an answer of the API, or of a list. Raises ValueError."""
    require_size(text)
    try:
        value = orjson.loads(text.removeprefix("\ufeff"))
    except orjson.JSONDecodeError:
        raise ValueError(Phrase("This is no JSON; FIRST lists teams in that format.")) from None
    data = value.get("data") if isinstance(value, dict) else value
    teams = [data] if isinstance(data, dict) else data
    if not isinstance(teams, list) or not all(isinstance(each, dict) for each in teams):
        raise ValueError(Phrase("This JSON holds no list of teams under the name “data”."))
    total = value.get("total") if isinstance(value, dict) else None
    return reading(map(_team, teams), _pages(total, len(teams)))


def _pages(total: object, count: int) -> list[Phrase]:
    if not isinstance(total, int) or total <= count:
        return []
    return [
        Phrase(
            "These are {count} of {total} teams; the others are on other pages of the list.",
            count=count,
            total=total,
        )
    ]


def _team(team: dict[str, object]) -> Draft:
    draft = Draft()
    # In the order of the fields, so that the country stands below the address.
    for name in sorted(team, key=lambda each: [*_FIELDS, each].index(each)):
        value = _words(team[name])
        if value is None:
            draft.lost.append(
                Phrase("{field} is left out: it is neither a text nor a list of texts.", field=name)
            )
        else:
            _take(draft, name, value)
    if not draft.values.get("constituency"):
        _describe(draft)
    return draft


def _words(value: object) -> str | None:
    """Return a text, or several, one a line, None where it is anything else."""
    values = value if isinstance(value, list) else [value]
    told = [each for each in values if each is not None]
    is_plain = all(isinstance(each, str | int) and not isinstance(each, bool) for each in told)
    return "\n".join(map(str, told)) if is_plain else None


def _take(draft: Draft, name: str, value: str) -> None:
    if name == "timezone" and value and not is_zone(value.strip()):
        told = Phrase("{value} names no time zone; it is kept as it is.", value=value)
        draft.lost.append(told)
        draft.keep(_KEPT + name, value)
    elif name in _FIELDS:
        draft.add(_FIELDS[name], value)
    else:
        draft.keep(_KEPT + name, value)


def _describe(draft: Draft) -> None:
    """Let the kind of a constituency stand for its description, where there is none."""
    name = _KEPT + "constituency"
    for value in [value for kept, value in draft.rest if kept == name]:
        draft.rest.remove((name, value))
        draft.add("constituency", value)


def write(contacts: Sequence[Contact]) -> Writing:
    """Return the contacts as a list of teams."""
    teams = [_object(each) for each in contacts]
    value = {"total": len(teams), "data": teams}
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
    return written(text, contacts, read)


def _object(contact: Contact) -> dict[str, str]:
    team = {name: contact.told(field) for name, field in _FIELDS.items() if name != "country"}
    *lines, last = contact.address.split("\n")
    if _COUNTRY.fullmatch(last):
        team |= {"address": "\n".join(lines), "country": last}
    if not is_zone(contact.zone):
        del team["timezone"]
    kept = {name.removeprefix(_KEPT): each for name, each in contact.rest if name.startswith(_KEPT)}
    return {name: value for name, value in (kept | team).items() if value}
