"""The file security.txt of a web site (RFC 9116): one contact, whom to tell of weaknesses.

It knows no names. A signature around it is told, and not verified here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from comity.bridges.contacts import forms
from comity.bridges.contacts.record import (
    Contact,
    Draft,
    Reading,
    Writing,
    reading,
    require_size,
    written,
)
from comity.bridges.openpgp import armor
from comity.kernel.errors import Phrase

_KEPT = "securitytxt."
_EXPIRES = _KEPT + "Expires"
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
# How others write the names; they may be written in any case.
_NAMES = {
    each.lower(): each
    for each in (
        *("Acknowledgments", "Canonical", "Contact", "CSAF", "Encryption", "Expires", "Hiring"),
        *("Policy", "Preferred-Languages"),
    )
}
_COMMENTS = Phrase("Comments in the file are left out.")
SIGNED = Phrase("The text is signed with OpenPGP; the signature was not verified here.")


def read(text: str) -> Reading:
    """Return the one contact of a security.txt. Raises ValueError where it names none."""
    require_size(text)
    body, signed = armor.cleartext(text.removeprefix("\ufeff"))
    draft = Draft()
    draft.lost += [SIGNED] if signed else []
    for line in body.replace("\r\n", "\n").split("\n"):
        _line(draft, line)
    if not draft.values.keys() & {"email", "phone", "website"}:
        raise ValueError(Phrase("This names no contact; a security.txt has a line “Contact: …”."))
    if all(name != _EXPIRES for name, _ in draft.rest):
        draft.lost.append(_endless())
    return reading([draft])


def _endless() -> Phrase:
    return Phrase(
        "A security.txt needs a line “Expires: …”, and nothing says until when this one is valid."
    )


def _line(draft: Draft, line: str) -> None:
    name, _, value = line.partition(":")
    if _NAME.fullmatch(name) and value.strip():
        _take(draft, _NAMES.get(name.lower(), name), value.strip())
    elif line.startswith("#"):
        draft.lost += [] if _COMMENTS in draft.lost else [_COMMENTS]
    elif line.strip():
        shown = line if len(line) <= 60 else f"{line[:60]}…"
        told = Phrase("A line is not understood, and left out: {line}", line=shown)
        draft.lost.append(told)


def _take(draft: Draft, name: str, value: str) -> None:
    field, told = _known(name, value)
    if field and not (field == "languages" and "languages" in draft.values):
        draft.add(field, told)
    else:
        draft.keep(_KEPT + name, value)


def _known(name: str, value: str) -> tuple[str, str]:
    """Return the field of a line and what it says, "" for one that has no field."""
    if name == "Contact":
        return _contact(value)
    if name == "Encryption":
        mark = forms.fingerprint_of_uri(value)
        return ("openpgp" if mark else ""), mark
    tags = forms.tags_of(value)
    if name == "Preferred-Languages" and tags:
        return "languages", ", ".join(tags)
    return "", ""


def _contact(value: str) -> tuple[str, str]:
    scheme = value.partition(":")[0].lower()
    mail = forms.mail_of_uri(value) if scheme == "mailto" else value
    if forms.is_mail(mail) and "?" not in value:
        return "email", mail
    number = forms.phone_of_uri(value)
    if number:
        return "phone", number
    return ("website" if scheme == "https" else ""), value


def write(contacts: Sequence[Contact]) -> Writing:
    """Return the first contact as a security.txt.

    Raises ValueError where it has no mail address, number or https address to be told.
    """
    lines = [line for contact in contacts[:1] for line in _lines(contact)]
    done = written("".join(f"{line}\n" for line in lines), contacts, read)
    if any(line.startswith("Expires:") for line in lines):
        return done
    return Writing(done.text, (*done.lost, _endless()))


def _lines(contact: Contact) -> Iterator[str]:
    for each in contact.email.split("\n"):
        if forms.is_mail(each):
            yield f"Contact: {forms.mail_to_uri(each)}"
    for each in filter(None, map(forms.phone_to_uri, contact.phone.split("\n"))):
        yield f"Contact: {each}"
    for each in contact.website.split("\n"):
        if re.fullmatch(r"https://\S+", each):
            yield f"Contact: {each}"
    for each in filter(None, map(forms.fingerprint_to_uri, contact.openpgp.split("\n"))):
        yield f"Encryption: {each}"
    if tags := forms.tags_of(contact.languages):
        yield f"Preferred-Languages: {', '.join(tags)}"
    yield from _kept(contact)


def _kept(contact: Contact) -> Iterator[str]:
    """Yield what was kept of a file of this kind, where it says nothing that has a field."""
    for name, value in contact.rest:
        again, line = Draft(), f"{name.removeprefix(_KEPT)}: {value}"
        _line(again, line)
        if name.startswith(_KEPT) and "\n" not in value and again.rest == [(name, value)]:
            yield line
