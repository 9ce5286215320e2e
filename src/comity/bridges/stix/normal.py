"""One spelling for each observable, so that two parties who saw the same find each other.

Every function returns a spelling that it returns unchanged, or None for what is no such thing.
"""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE_LIMIT = 200
"""The longest spelling; of a longer one the beginning is kept, and a hash of the whole."""
_INPUT_LIMIT = 64 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_*.-]*[a-z0-9_])?|\*\.[a-z0-9_.-]+")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\\]*)(.*)", re.DOTALL)
_SCHEMES = {"hxxp": "http", "hxxps": "https", "fxp": "ftp"}
_PORT = re.compile(r"(.*?)(:\d{0,5})?", re.DOTALL | re.ASCII)
_HEX_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})
_HEX = re.compile("[0-9a-f]+")
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII)
_ATTACK = re.compile(r"[A-Z]{1,4}\d{4}(?:\.\d{3})?", re.ASCII)
_ASN = re.compile(r"(?:AS)?(\d{1,10})", re.ASCII | re.IGNORECASE)
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


def normal(kind: str, text: str) -> str | None:
    """Return the one spelling of an observable of a kind, or None for what is no such thing."""
    text = text.strip()
    if not text or len(text) > _INPUT_LIMIT or _CONTROL.search(text):
        return None
    found = KINDS[kind](text)
    if found is None or len(found) <= VALUE_LIMIT:
        return found
    whole = hashlib.sha256(found.encode()).hexdigest()
    return f"{found[: VALUE_LIMIT - 65].rstrip()}…{whole}"


def _armed(text: str) -> str:
    # What people write so that nobody clicks on it.
    return text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":").replace("[@]", "@")


def _ip(text: str) -> str | None:
    if _IPV4.fullmatch(text):
        return f"{text}/32"
    address, _, rest = _armed(text).partition("%")
    prefix = "/" + rest.partition("/")[2] if "/" in rest else ""
    try:
        network = ip_network(address + prefix, strict=False)
    except ValueError:
        return None
    mapped = network.version == 6 and network.network_address.ipv4_mapped
    if mapped and network.prefixlen >= 96:
        return f"{mapped}/{network.prefixlen - 96}"
    return str(network)


def _domain(text: str) -> str | None:
    name = _armed(text).rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    name = name.lower()
    return name if len(name) <= 253 and _HOST.fullmatch(name) else None


def _host(text: str) -> str:
    if text.startswith("["):
        return text.lower()
    name, port = _PORT.fullmatch(text).groups()  # type: ignore[union-attr]
    return (_domain(name) or name.lower()) + (port or "")


def _url(text: str) -> str | None:
    found = _URL.fullmatch(text)
    if not found:
        return None
    scheme, authority, rest = found.groups()
    user, at, host = authority.rpartition("@")
    scheme = scheme.lower()
    return f"{_SCHEMES.get(scheme, scheme)}://{user}{at}{_host(host)}{rest}"


def _mail(text: str) -> str | None:
    local, at, host = _armed(text).rpartition("@")
    domain = _domain(host)
    return f"{local}@{domain}" if at and local and domain else None


def _hash(text: str) -> str | None:
    text = text.lower()
    return text if len(text) in _HEX_LENGTHS and _HEX.fullmatch(text) else None


def _matching(form: re.Pattern[str], change: Callable[[str], str]) -> Callable[[str], str | None]:
    def spelt(text: str) -> str | None:
        text = change(text)
        return text if form.fullmatch(text) else None

    return spelt


def _asn(text: str) -> str | None:
    found = _ASN.fullmatch(text)
    return f"AS{int(found[1])}" if found else None


def _key(text: str) -> str | None:
    return text.lower().strip().rstrip("\\") or None


KINDS: dict[str, Callable[[str], str | None]] = {
    "ip": _ip,  # CIDR: an address alone is the range of itself.
    "domain": _domain,
    "url": _url,
    "mail": _mail,
    "hash": _hash,
    "cve": _matching(_CVE, str.upper),
    "attack": _matching(_ATTACK, str.upper),
    "asn": _asn,
    "mac": _matching(_MAC, lambda text: text.lower().replace("-", ":")),
    "file": lambda text: text.lower().strip() or None,
    "mutex": lambda text: text,
    "registry": _key,
}
"""The kinds of observables, and how each is spelt."""
_RECOGNISED = ("ip", "cve", "attack", "hash", "mail", "url", "domain")


def recognised(text: str) -> tuple[str, str] | None:
    """Return what a person wrote as a kind and its one spelling, or None when it is none of those
    by which people look for observables.
    """
    text = text.strip()
    asked = [kind for kind in _RECOGNISED if kind != "domain" or "." in text]
    found = ((kind, normal(kind, text)) for kind in asked)
    return next(((kind, value) for kind, value in found if value is not None), None)
