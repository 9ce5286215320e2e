"""Ids of observables, worked out from what they say (STIX 2.1 section 2.9).

Two parties who saw the same address name it alike. The id is a UUIDv5 over the canonical JSON
(RFC 8785) of the properties below. The standard says SHOULD: another id is taken, and said.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comity.bridges.stix.record import Json

_NAMESPACE = bytes.fromhex("00abedb4aa42466c9c01fed23315a9b7")
_VALUE = ("value",)
CONTRIBUTING: dict[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": _VALUE,
    "email-addr": _VALUE,
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "extensions", "parent_directory_ref"),
    "ipv4-addr": _VALUE,
    "ipv6-addr": _VALUE,
    "mac-addr": _VALUE,
    "mutex": ("name",),
    "process": (),
    "network-traffic": (
        *("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
    ),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": _VALUE,
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
"""The properties an id is worked out from. A process has none: two alike are still two."""
OBSERVED = frozenset(CONTRIBUTING)
"""The types of observables in the standard."""
_HASHES = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def sco_id(value: Json) -> str:
    """Return the id that an observable should have; ``""`` where nothing it says decides one."""
    kind = value["type"]
    names = CONTRIBUTING.get(kind, ())
    said = {name: _said(name, value[name]) for name in names if name in value}
    return f"{kind}--{_uuid5(canonical(said))}" if said else ""


def _said(name: str, found: Any) -> Any:  # noqa: ANN401 - Any JSON.
    if name != "hashes" or not isinstance(found, dict) or not found:
        return found
    chosen = next((kind for kind in _HASHES if kind in found), next(iter(found)))
    return {chosen: found[chosen]}


def _uuid5(text: str) -> str:
    digest = hashlib.sha1(_NAMESPACE + text.encode(), usedforsecurity=False).digest()[:16]
    number = int.from_bytes(digest)
    # Version 5 and the variant of RFC 9562, in their places.
    number = number & ~(0xF000 << 64) | (5 << 76)
    number = number & ~(0xC000 << 48) | (0x8000 << 48)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def canonical(value: object) -> str:
    """Return JSON as RFC 8785 writes it, of what a JSON parser gave."""
    if isinstance(value, dict):
        # Names are sorted by UTF-16 code units.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(n)}:{canonical(value[n])}" for n in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return _number(value) if isinstance(value, float) else _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a number as ECMAScript does: the shortest digits, and no exponent below 10^21."""
    if value == 0:
        return "0"
    sign, digits, exponent = _digits(value)
    if -6 < exponent <= 21:
        if exponent <= 0:
            return f"{sign}0.{'0' * -exponent}{digits}"
        whole, rest = digits[:exponent].ljust(exponent, "0"), digits[exponent:]
        return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
    rest = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{rest}e{exponent - 1:+d}"


def _digits(value: float) -> tuple[str, str, int]:
    """Return sign, digits and place of the point: 0.digits × 10^place."""
    mantissa, _, power = f"{abs(value)!r}".partition("e")
    whole, _, rest = mantissa.partition(".")
    rest = "" if rest == "0" else rest
    digits = (whole + rest).lstrip("0")
    place = len(whole) + int(power or 0) - (len(whole + rest) - len(digits))
    return "-" if value < 0 else "", digits.rstrip("0"), place
