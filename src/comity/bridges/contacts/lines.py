"""Content lines of vCard (RFC 6350 section 3): properties read and written, folded and escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

FOLD = 75
"""The longest line, in octets, without its end."""
OWN = "X-COMITY-"
_TEXT = {
    *("ADR", "CATEGORIES", "EMAIL", "FN", "KIND", "N", "NICKNAME", "NOTE", "ORG", "PRODID", "ROLE"),
    *("TEL", "TITLE", "TZ"),
}
_URI = {
    *("CALADRURI", "CALURI", "FBURL", "GEO", "IMPP", "KEY", "LOGO", "MEMBER", "PHOTO", "RELATED"),
    *("SOUND", "SOURCE", "UID", "URL"),
}
DEFAULTS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(_TEXT, "text")
    | dict.fromkeys(_URI, "uri")
    | {"LANG": "language-tag", "REV": "timestamp"}
)
"""The kind of value that a property has unless it says otherwise; of others nothing is known."""
STRUCTURED = {"ADR", "N", "ORG"}
"""Properties whose values have parts between semicolons."""

_ONE = r"(?:\"[^\"\n]*\"|[^\";:,\n]*)"
_PARAM = rf"[A-Za-z0-9-]+(?:={_ONE}(?:,{_ONE})*)?"
_LINE = re.compile(rf"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;{_PARAM})*):(.*)", re.DOTALL)
_EACH = re.compile(rf";({_PARAM})")
_VALUE = re.compile(_ONE)
_SIGNS = re.compile(r"[^;\\]+|\\.|;|\\", re.DOTALL)
# In values, and in parameters (RFC 6868).
_ESCAPES = {"\\": "\\\\", "\n": "\\n", ",": "\\,", ";": "\\;"}
_UNESCAPES = {"^n": "\n", "^'": '"', "^^": "^"}


@dataclass(frozen=True, slots=True)
class Property:
    """A property: ``name`` in capitals; ``value``, one text, or one for each part; ``kind`` as in
    VALUE, where ``unknown`` is as it stood in the line; ``params`` without VALUE, their values
    parted by commas.
    """

    name: str
    value: tuple[str, ...]
    kind: str = "text"
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its value as one text."""
        return self.value[0] if len(self.value) == 1 else ", ".join(filter(None, self.value))

    @property
    def types(self) -> set[str]:
        """What its parameter TYPE says, in small letters."""
        return {each.lower() for each in self.params.get("TYPE", "").split(",") if each}

    @property
    def label(self) -> str:
        """Its name and parameters, as they stand in a line."""
        told = dict(self.params)
        if self.kind not in {"unknown", DEFAULTS.get(self.name)} and not _is_own(self.name):
            told = {"VALUE": self.kind, **told}
        return self.name + "".join(f";{name}={_param(value)}" for name, value in told.items())

    @property
    def raw(self) -> str:
        """Its value as it stands in a line."""
        if self.kind == "text":
            return ";".join(map(escaped, self.value))
        return self.text.replace("\n", "\\n")


def _is_own(name: str) -> bool:
    return name.startswith(OWN)


def _param(value: str) -> str:
    for plain, written in (("^", "^^"), ("\n", "^n"), ('"', "^'")):
        value = value.replace(plain, written)
    return f'"{value}"' if re.search("[;:]", value) else value


def escaped(text: str) -> str:
    """Return a text as it stands in a value (section 3.4)."""
    return re.sub("[\\\\\n,;]", lambda found: _ESCAPES[found[0]], text)


def unescaped(text: str) -> str:
    """Return a value as the text that it says."""
    return re.sub(
        r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL
    )


def parsed(line: str) -> Property | None:
    """Return the property of a line that was unfolded, None where it is none."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    name, params = found[1].upper(), _params(found[2])
    usual = "text" if _is_own(name) else DEFAULTS.get(name, "unknown")
    kind = params.pop("VALUE", "").lower() or usual
    return Property(name, _parts(name, kind, found[3]), kind, params)


def _parts(name: str, kind: str, value: str) -> tuple[str, ...]:
    if kind != "text":
        return (value,)
    if name not in STRUCTURED:
        return (unescaped(value),)
    parts: list[list[str]] = [[]]
    for sign in _SIGNS.findall(value):
        if sign == ";":
            parts.append([])
        else:
            parts[-1].append(sign)
    return tuple(unescaped("".join(each)) for each in parts)


def _params(text: str) -> dict[str, str]:
    told: dict[str, str] = {}
    for each in _EACH.findall(text):
        name, sign, value = each.partition("=")
        # Without a name, a parameter of old cards says the type.
        name, value = (name.upper(), value) if sign else ("TYPE", name)
        value = ",".join(_plain(one) for one in _VALUE.findall(value) if one)
        told[name] = f"{told[name]},{value}" if name in told else value
    return told


def _plain(value: str) -> str:
    return re.sub(r"\^[n'^]", lambda found: _UNESCAPES[found[0]], value.strip('"'))


def unfolded(text: str) -> list[str]:
    """Return the lines of a text; one that begins with a blank goes on from the line before."""
    return re.sub("\r?\n[ \t]", "", text).replace("\r\n", "\n").split("\n")


def folded(lines: Iterable[str]) -> str:
    """Return lines as they are sent: at most 75 octets each, no character divided."""
    return "".join(_folded(line) + "\r\n" for line in lines)


def _folded(line: str) -> str:
    out: list[str] = []
    room = 0
    for char in line:
        size = len(char.encode())
        if size > room and out:
            out.append("\r\n ")
            room = FOLD - 1
        elif not out:
            room = FOLD
        out.append(char)
        room -= size
    return "".join(out)
