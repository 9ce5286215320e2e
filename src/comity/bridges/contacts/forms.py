"""Forms of single values that several formats share: numbers, addresses, zones, fingerprints."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

from comity.bridges.openpgp.keys import FINGERPRINT
from comity.kernel.fieldtypes import Language

_PHONE = re.compile(r"\+[0-9]{1,15}( [0-9]{1,14})*")
_TEL = re.compile(r"tel:(\+?[0-9.()*#-]+)(?:;ext=([0-9.-]+))?", re.IGNORECASE)
_MAIL = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[^\s@<>(),;:\"\\\[\]]{1,253}")
_AREAS = (
    "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian"
    "|Mexico|Pacific|US"
)
_ZONE = re.compile(rf"UTC|(?:{_AREAS})/[A-Za-z0-9_+-]{{1,30}}(?:/[A-Za-z0-9_+-]{{1,30}})?")
_FPR = "openpgp4fpr:"
_SPACED = re.compile(r"(?:[0-9A-Fa-f]{2}[ :\xa0]{0,2}){20}(?:(?:[0-9A-Fa-f]{2}[ :\xa0]{0,2}){12})?")


def is_zone(text: str) -> bool:
    """Say whether a text has the form of a zone's IANA name."""
    return _ZONE.fullmatch(text) is not None


def zones_in(text: str) -> list[str]:
    """Return the names of zones that words tell, each once."""
    return list(dict.fromkeys(re.findall(rf"(?<![\w/])(?:{_ZONE.pattern})(?![\w/])", text)))


def is_mail(text: str) -> bool:
    """Say whether a text is a mail address and nothing else."""
    return _MAIL.fullmatch(text) is not None


def mails_in(text: str) -> list[str]:
    """Return the mail addresses that words tell, each once."""
    return list(dict.fromkeys(each.strip(".") for each in _MAIL.findall(text)))


def mail_to_uri(text: str) -> str:
    """Return a mail address as a URI."""
    return "mailto:" + quote(text, safe="@!$&'*+-/=^_`{|}~.")


def mail_of_uri(uri: str) -> str:
    """Return the mail address of a ``mailto`` URI, without subject and the like."""
    return unquote(uri.partition(":")[2].partition("?")[0])


def phone_to_uri(text: str) -> str:
    """Return a number as a URI (RFC 3966), "" where it is not written as in E.164."""
    return "tel:" + text.replace(" ", "-") if _PHONE.fullmatch(text) else ""


def phone_of_uri(uri: str) -> str:
    """Return the number of a ``tel`` URI as people write it, "" where it has none."""
    found = _TEL.fullmatch(uri)
    if found is None:
        return ""
    number = " ".join(re.split("[.()-]+", found[1])).strip()
    return f"{number} ext. {found[2]}" if found[2] else number


def fingerprint_to_uri(text: str) -> str:
    """Return a fingerprint as a URI, "" where it is none."""
    return _FPR + text if FINGERPRINT.fullmatch(text) else ""


def fingerprint_of_uri(uri: str) -> str:
    """Return the fingerprint of an ``openpgp4fpr`` URI, "" where it has none."""
    found = uri[len(_FPR) :] if uri.lower().startswith(_FPR) else ""
    return found if FINGERPRINT.fullmatch(found) else ""


def fingerprints_in(text: str) -> list[str]:
    """Return the fingerprints that words tell, without blanks, each once."""
    found = (re.sub("[^0-9A-Fa-f]", "", each[0]) for each in _bordered(text))
    return list(dict.fromkeys(found))


def _bordered(text: str) -> list[re.Match[str]]:
    return list(re.finditer(rf"(?<![0-9A-Za-z]){_SPACED.pattern}(?![0-9A-Za-z])", text))


def tags_of(languages: str) -> list[str]:
    """Return tags of languages parted by commas, [] where it is anything else."""
    tags = [tag(each) for each in languages.split(",")]
    return tags if all(tags) else []


def tag(text: str) -> str:
    """Return the tag of a language in its one spelling, "" where it is none."""
    try:
        return Language().from_text(text)
    except ValueError:
        return ""
