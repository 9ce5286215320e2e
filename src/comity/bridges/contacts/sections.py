"""The sections of a description by RFC 2350, found in texts as teams really write them.

Headings are known by their titles, since numbers differ between teams: numbered or not, with marks
of Markdown, in a table of contents too. A line ``Label: value`` is a heading of one line. A line
that is no heading, and reads like one, has ``- `` before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from comity.kernel.errors import Phrase

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "1": "Document Information",
        "1.1": "Date of Last Update",
        "1.2": "Distribution List for Notifications",
        "1.3": "Locations where this Document May Be Found",
        "1.4": "Authenticating this Document",
        "2": "Contact Information",
        "2.1": "Name of the Team",
        "2.2": "Address",
        "2.3": "Time Zone",
        "2.4": "Telephone Number",
        "2.5": "Facsimile Number",
        "2.6": "Other Telecommunication",
        "2.7": "Electronic Mail Address",
        "2.8": "Public Keys and Other Encryption Information",
        "2.9": "Team Members",
        "2.10": "Other Information",
        "2.11": "Points of Customer Contact",
        "3": "Charter",
        "3.1": "Mission Statement",
        "3.2": "Constituency",
        "3.3": "Sponsorship and/or Affiliation",
        "3.4": "Authority",
        "4": "Policies",
        "4.1": "Types of Incidents and Level of Support",
        "4.2": "Co-operation, Interaction and Disclosure of Information",
        "4.3": "Communication and Authentication",
        "5": "Services",
        "5.1": "Incident Response",
        "5.2": "Proactive Activities",
        "6": "Incident Reporting Forms",
        "7": "Disclaimers",
    }
)
"""Headings by their number, as RFC 2350 has them."""
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "seat": "Short Name",
        "role": "Role",
        "holder_is": "Person or Desk",
        "holder": "Contact Person",
        "position": "Position",
        "deputies": "Deputies",
        "phone_emergency": "Emergency Telephone Number",
        "chat": "Chat",
        "video": "Video",
        "website": "Website",
        "languages": "Languages",
        "hours": "Hours",
        "holidays": "Holidays",
    }
)
"""Labels of what RFC 2350 has no section for, by field."""
# Other titles that teams use, as they are once simplified.
_OTHERS = {
    "1": "about this document|document",
    "1.1": "(date of )?(the )?last (document )?(update|change|modification|revision)s?",
    "1.2": "distribution list.*|notification list",
    "1.3": "locations? .*|where .* found|document location",
    "1.4": "authenticat.*document|document authenti.*",
    "2": "contacts?( information)?|contact details|how to contact us",
    "2.1": "(full|official) name|name of( the)? (team|csirt|cert)|team name",
    "2.2": "(postal |mailing |physical |visiting )?address",
    "2.3": "time ?zone",
    "2.4": "(main |primary )?(tele)?phone( numbers?)?|telephones",
    "2.5": "(facsimile|fax|telefax)( numbers?)?",
    "2.6": "other (tele)?communications?( means| channels)?",
    "2.7": "(electronic |e ?)mail( address(es)?)?",
    "2.8": "public keys?( and.*)?|(open ?)?pgp( public)?( keys?)?( fingerprint)?|encryption keys?",
    "2.9": "(the )?team members?|members of the team",
    "2.10": "(any )?other information",
    "2.11": "points? of (customer )?contact|customer contact",
    "3.1": "mission( statement)?",
    "3.3": "(sponsor|sponsorship|sponsoring|affiliation).*",
    "4.1": "types? of incidents?( and.*)?",
    "4.2": "co ?operation.*information.*",
    "5": "services? (offered|provided)?|our services",
    "5.2": "proactive (activities|services)",
    "6": "(incident )?reporting( forms?)?|incident report.*form.*",
    "7": "disclaimers?( of liability)?",
    "phone_emergency": "(emergency|24 7|out of hours) (tele)?phone( numbers?)?",
    "hours": "(operating|business|working|office|service) hours|hours of operation",
    "website": "(web( ?site| ?page)?|www|url)( address)?",
}
_NUMBERED = re.compile(r"§?\s*(\d{1,2}(?:\.\d{1,2}){0,3})\s*[.:)–-]?\s*(?=[^\W\d_])(.+)")
_LABELLED = re.compile(r"([^:\n]{1,60}?)\s*:\s*(.*)")
_REST = re.compile(r"\[([a-z0-9]+\.[^\]\n]{1,200})\]:\s*(.*)")
_PAGE = re.compile(r"(?<=[\s.·…_])\d{1,3}$")
_LEADER = ".·…_ \t"
_MARKS = "#*_|> \t"
MOST_LINES = 50_000
LONGEST = 200
"""The longest line with a number that is a heading, in characters."""
MOST = 500
"""The most headings of one text."""


class Heading(NamedTuple):
    """A heading: ``key``, a number of ``TITLES``, a field of ``LABELS``, or as it was written;
    ``value``, what stands behind it in its line.
    """

    key: str
    value: str = ""


def simplified(title: str) -> str:
    """Return a title as small letters and digits, without what stands in parentheses."""
    plain = re.sub(r"\([^()]*\)", " ", title.casefold())
    return " ".join(re.findall("[a-z0-9]+", plain))


_KNOWN = {simplified(title): key for key, title in (*TITLES.items(), *LABELS.items())}


def _known(title: str) -> str:
    plain = simplified(title)
    if plain in _KNOWN:
        return _KNOWN[plain]
    return next((key for key, each in _OTHERS.items() if re.fullmatch(each, plain)), "")


def heading(line: str) -> Heading | None:
    """Return the heading that a line is, None for any other line."""
    if line.startswith("- "):
        return None
    is_marked, line = line.strip()[:1] in {"*", "_"}, line.strip().lstrip(_MARKS)
    found = _unmarked(line)
    # The marks around a label close behind its colon: **Telephone:** …
    return found._replace(value=found.value.lstrip("*_ ")) if found and is_marked else found


def _unmarked(line: str) -> Heading | None:
    if found := _REST.fullmatch(line):
        return Heading(found[1], found[2])
    numbered = _NUMBERED.fullmatch(line) if len(line) <= LONGEST else None
    return _numbered(numbered[1], numbered[2]) if numbered else _plain(line)


def _numbered(number: str, rest: str) -> Heading | None:
    title = rest.rstrip(_MARKS).rstrip(": ")
    if key := _known(_PAGE.sub("", title).rstrip(_LEADER)):
        return Heading(key)
    if (found := _labelled(rest)) is not None:
        return found
    # A title that nobody knows is one if its number has parts, and it is no sentence.
    if "." in number and len(title) <= 80 and not rest.endswith((".", ",", ";")):
        return Heading(f"{number} {title}")
    return None


def _plain(line: str) -> Heading | None:
    if (found := _labelled(line)) is not None:
        return found
    key = _KNOWN.get(simplified(line), "") if len(line) <= 60 else ""
    return Heading(key) if key in TITLES else None


def _labelled(line: str) -> Heading | None:
    found = _LABELLED.fullmatch(line)
    key = _known(found[1].strip(_MARKS)) if found else ""
    # A label with a value is no heading of a whole chapter.
    return Heading(key, found[2]) if found and ("." in key or key in LABELS) else None


def guarded(line: str) -> str:
    """Return a line so that it is not taken for a heading."""
    return f"- {line}" if _reads_as_heading(line) else line


def _unguarded(line: str) -> str:
    return line[2:] if line.startswith("- ") and _reads_as_heading(line[2:]) else line


def _reads_as_heading(line: str) -> bool:
    return heading(re.sub("^(- )+", "", line)) is not None


def sections(text: str) -> dict[str, str]:
    """Return what stands below each heading, "" for what stands before the first.

    Where a heading is there twice, as in a table of contents, the texts are put together. Raises
    ValueError for too many headings or lines.
    """
    if text.count("\n") > MOST_LINES:
        raise ValueError(Phrase("The text has more than {most} lines.", most=MOST_LINES))
    found: dict[str, list[str]] = {"": []}
    for key, lines in _parts(text):
        found.setdefault(key, []).extend(lines)
        if len(found) > MOST:
            raise ValueError(Phrase("The text has more than {most} headings.", most=MOST))
    return {key: "\n".join(lines).strip() for key, lines in found.items()}


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    key, lines = "", list[str]()
    for line in map(str.strip, text.split("\n")):
        if (new := heading(line)) is None:
            lines.append(_unguarded(line))
            continue
        yield key, lines
        key, lines = new.key, [new.value] if new.value else []
    yield key, lines
