"""Contacts out of the properties of cards, in any order, by whoever wrote them."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable

from comity.bridges.contacts import forms
from comity.bridges.contacts.lines import OWN, Property
from comity.bridges.contacts.record import DESK, FIELDS, HEAD, PERSON, Draft
from comity.bridges.openpgp import keys
from comity.kernel.errors import Phrase
from comity.kernel.fieldtypes import instant_from_text

KEPT = "vcard."
"""What begins the name of a property that was kept."""
KINDS = {PERSON: "individual", DESK: "group"}
EMERGENCY = "x-emergency"
"""The type of a number for outside hours."""
REST = OWN + "REST"
OWN_NAMES = {each: f"{OWN}{each.upper().replace('_', '-')}" for each in (*HEAD, *FIELDS)}
"""Properties of our own, by field."""
MOST_PREF = 100
_OWN = {name: field for field, name in OWN_NAMES.items()}
_HOLDERS = {kind: holder for holder, kind in KINDS.items()}
# What says nothing that a contact does not say otherwise.
_SILENT = {"work", "voice", "internet", "pref", "text", "agent", "video", EMERGENCY}
_READ = {"TYPE", "PREF", "DERIVED", "LABEL", "CC", "ENCODING", "CHARSET", "X-NAME", "MEDIATYPE"}


def kept(each: Property, kind: str) -> tuple[str, str] | None:
    """Return as what a property is kept in the card of a ``kind``, None where it has a field."""
    reader = Reader(kind)
    reader.take(each)
    told = reader.done()
    return told.rest[0] if told.rest and not told.values and not told.lost else None


def draft(found: Iterable[Property]) -> Draft:
    """Return the contact that the properties of one card tell."""
    told = sorted(found, key=_pref)
    kinds = [each.text.lower() for each in told if each.name == "KIND"]
    reader = Reader(kinds[0] if kinds else "")
    for each in told:
        reader.take(each)
    return reader.done()


def _pref(each: Property) -> int:
    pref = each.params.get("PREF", "")
    if pref.isdecimal() and len(pref) < 4:
        return int(pref)
    return 1 if "pref" in each.types else MOST_PREF + 1


class Reader:
    """One card being read."""

    def __init__(self, kind: str) -> None:
        self.draft = Draft()
        self._kind = kind
        self._names: list[str] = []
        self._parts: tuple[str, ...] = ()
        self._tags: list[str] = []
        self._parted: list[Property] = []

    def take(self, each: Property) -> None:
        """Take a property into a field, or keep it as it is."""
        known = _TAKERS.get(each.name)
        if each.name in _OWN:
            self.draft.add(_OWN[each.name], each.text)
        elif each.name == REST and "X-NAME" in each.params:
            self.draft.keep(each.params["X-NAME"], each.text)
        elif known is None or not known(self, each):
            self.keep(each)
        else:
            self._tell(each)

    def keep(self, each: Property) -> None:
        """Keep a property that has no field."""
        self.draft.keep(KEPT + each.label, each.raw)

    def _tell(self, each: Property) -> None:
        """Tell what of a property that has a field is not kept."""
        extra = [f"{name}={value}" for name, value in each.params.items() if name not in _READ]
        extra += [f"TYPE={each}" for each in sorted(each.types - _SILENT)]
        if extra:
            told = Phrase("{field}: {value} is not kept.", field=each.name, value=", ".join(extra))
            self.draft.lost.append(told)

    def done(self) -> Draft:
        """Return what was read, once all was taken."""
        for each in self._parted:
            if not self._names or any(part not in self._names[0] for part in each.value):
                self.keep(each)
        self.draft.add("languages", ", ".join(self._tags))
        self._name()
        return self.draft

    def _name(self) -> None:
        """Tell apart the names of a person or desk, of a team, and of where it belongs."""
        name = self._names[0] if self._names else ""
        *above, party = self._parts or ("",)
        institution = ", ".join(filter(None, above))
        if self._kind in _HOLDERS or (not self._kind and name not in {party, institution}):
            self.draft.add("holder", name)
        elif not party:
            party, institution = name, "" if name == institution else institution
        elif name not in {"", party}:
            party, institution = name, institution or party
        self.draft.add("party", party)
        self.draft.add("institution", institution)

    def kind(self, each: Property) -> bool:
        """Say that a holder is a person or a desk; an organisation says nothing more."""
        self.draft.add("holder_is", _HOLDERS.get(each.text.lower(), ""))
        return each.text.lower() in {*_HOLDERS, "org"}

    def name(self, each: Property) -> bool:
        """Take the name, unless it was put together of others."""
        if each.params.get("DERIVED", "").lower() != "true":
            self._names.append(each.text)
        return len(self._names) <= 1

    def parts_of_name(self, each: Property) -> bool:
        """Keep the parts of a name for later; they say nothing more where the whole is there."""
        self._parted.append(each)
        return True

    def organisation(self, each: Property) -> bool:
        """Take an organisation, above the team or alone."""
        if self._parts:
            return False
        self._parts = each.value
        return True

    def seat(self, each: Property) -> bool:
        """Take the short name of an organisation; a person's is only that person's."""
        if self._kind != "org" or self.draft.values.get("seat"):
            return False
        self.draft.add("seat", each.text)
        return True

    def phone(self, each: Property) -> bool:
        """Take a number at which somebody answers."""
        if each.types & {"fax", "pager", "textphone"}:
            return False
        text = (forms.phone_of_uri(each.text) if each.kind == "uri" else "") or each.text
        field = "phone_emergency" if EMERGENCY in each.types else "phone"
        self.draft.add("video" if "video" in each.types else field, text)
        return True

    def address(self, each: Property) -> bool:
        """Take a postal address, as it is to be printed where that is told."""
        lines = list(filter(None, each.value))
        if each.params.get("CC") and not (len(each.value) > 6 and each.value[6]):
            lines.append(each.params["CC"])
        self.draft.add("address", each.params.get("LABEL") or "\n".join(lines))
        return True

    def zone(self, each: Property) -> bool:
        """Take a zone that is named; an offset is kept, and told."""
        if each.kind == "text" and forms.is_zone(each.text):
            self.draft.add("zone", each.text)
            return True
        told = Phrase("{value} names no time zone; it is kept as it is.", value=each.text)
        self.draft.lost.append(told)
        return False

    def language(self, each: Property) -> bool:
        """Take the tag of a language."""
        self._tags.append(each.text)
        return True

    def related(self, each: Property) -> bool:
        """Take a deputy, who acts for this contact."""
        if each.kind != "text" or "agent" not in each.types:
            return False
        self.draft.add("deputies", each.text)
        return True

    def key(self, each: Property) -> bool:
        """Take the fingerprint of a key, as it is or of the key itself."""
        mark = forms.fingerprint_of_uri(each.text)
        data = "" if mark else _embedded(each)
        found = [mark] if mark else self._fingerprints(data)
        if each.kind == "text" and not found and not data:
            found = [each.text]
        for one in found:
            self.draft.add("openpgp", one)
        return bool(found)

    def _fingerprints(self, data: bytes | str) -> list[str]:
        try:
            found = [key.fingerprint for key in keys.read(data)] if data else []
        except ValueError as error:
            self.draft.lost.append(error.args[0])
            return []
        for one in found:
            told = Phrase("Of a key, its fingerprint is kept: {value}", value=one)
            self.draft.lost.append(told)
        return found

    def revised(self, each: Property) -> bool:
        """Take the instant at which the card was last changed."""
        try:
            self.draft.updated = instant_from_text(each.text)
        except ValueError:
            return False
        return True


def _embedded(each: Property) -> bytes | str:
    """Return the OpenPGP key that stands in a card, "" where there is none."""
    head, comma, value = each.text.partition(",")
    if "-----BEGIN PGP" in each.text:
        return each.text
    if each.params.get("ENCODING", "").lower() in {"b", "base64"}:
        value = each.text if "pgp" in each.types or not each.types else ""
    elif not (comma and re.fullmatch("data:application/pgp-keys.*;base64", head, re.IGNORECASE)):
        value = ""
    try:
        return a2b_base64(value)
    except ValueError:
        return ""


def _adds(field: str) -> Callable[[Reader, Property], bool]:
    def take(reader: Reader, each: Property) -> bool:
        reader.draft.add(field, each.text)
        return True

    return take


_TAKERS: dict[str, Callable[[Reader, Property], bool]] = {
    "ADR": Reader.address,
    "EMAIL": _adds("email"),
    "FN": Reader.name,
    "IMPP": _adds("chat"),
    "KEY": Reader.key,
    "KIND": Reader.kind,
    "LANG": Reader.language,
    "N": Reader.parts_of_name,
    "NICKNAME": Reader.seat,
    "NOTE": _adds("other"),
    "ORG": Reader.organisation,
    "RELATED": Reader.related,
    "REV": Reader.revised,
    "TEL": Reader.phone,
    "TITLE": _adds("position"),
    "TZ": Reader.zone,
    "URL": _adds("website"),
}
