"""The types of MISP's attributes that STIX has a word for, as comparisons of its patterns.

A comparison is one line of a pattern, ``path = value``, and where the path is a plain property it
is also what a cyber-observable object says. ``ip-src`` and ``ip-dst`` are both an address, since
that is what others match: whatever a type says beyond its comparisons is kept beside.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

ADDRESS = "{ip}"
"""Stands in a path for ``ipv4-addr`` or ``ipv6-addr``, as the value says."""
_HASHES = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3-256": "SHA3-256",
    "sha3-512": "SHA3-512",
    "ssdeep": "SSDEEP",
    "tlsh": "TLSH",
    "imphash": "IMPHASH",
    "authentihash": "AUTHENTIHASH",
    "vhash": "VHASH",
    "telfhash": "TELFHASH",
    "impfuzzy": "IMPFUZZY",
    "pehash": "PEHASH",
}
_SIZES = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-224": 56,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-512": 128,
    "IMPHASH": 32,
    "AUTHENTIHASH": 64,
}
_OBSERVED_HASHES = {
    **dict.fromkeys(
        ("MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512"), re.compile("[0-9A-Fa-f]+")
    ),
    "SSDEEP": re.compile("[a-zA-Z0-9/+:.]{1,128}"),
}
"""The hashes whose names and forms the schema of an observable object knows."""


def hash_path(name: str, of: str = "file") -> str:
    """Return the path of a hash, its name quoted where a pattern needs that."""
    return f"{of}:hashes.{name}" if name.isalnum() else f"{of}:hashes.'{name}'"


PATHS: dict[str, tuple[str, ...]] = {
    # The first type of several with one path is the one that a pattern of others is read as.
    "ip-dst": (f"{ADDRESS}:value",),
    "ip-src": (f"{ADDRESS}:value",),
    "domain": ("domain-name:value",),
    "hostname": ("domain-name:value",),
    "url": ("url:value",),
    "link": ("url:value",),
    "uri": ("url:value",),
    "email": ("email-addr:value",),
    "email-src": ("email-addr:value",),
    "email-dst": ("email-addr:value",),
    "email-reply-to": ("email-addr:value",),
    "email-subject": ("email-message:subject",),
    "email-body": ("email-message:body",),
    "email-message-id": ("email-message:message_id",),
    "email-attachment": ("email-message:body_multipart[*].body_raw_ref.name",),
    "filename": ("file:name",),
    **{kind: (hash_path(name),) for kind, name in _HASHES.items()},
    **{
        f"filename|{kind}": ("file:name", hash_path(name))
        for kind, name in _HASHES.items()
        if kind != "telfhash"
    },
    "malware-sample": ("file:name", hash_path("MD5")),
    "size-in-bytes": ("file:size",),
    "mime-type": ("file:mime_type",),
    "x509-fingerprint-md5": (hash_path("MD5", "x509-certificate"),),
    "x509-fingerprint-sha1": (hash_path("SHA-1", "x509-certificate"),),
    "x509-fingerprint-sha256": (hash_path("SHA-256", "x509-certificate"),),
    "domain|ip": ("domain-name:value", "domain-name:resolves_to_refs[*].value"),
    "ip-dst|port": ("network-traffic:dst_ref.value", "network-traffic:dst_port"),
    "ip-src|port": ("network-traffic:src_ref.value", "network-traffic:src_port"),
    "hostname|port": ("network-traffic:dst_ref.value", "network-traffic:dst_port"),
    "port": ("network-traffic:dst_port",),
    "user-agent": ("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",),
    "http-method": ("network-traffic:extensions.'http-request-ext'.request_method",),
    "regkey": ("windows-registry-key:key",),
    "regkey|value": ("windows-registry-key:key", "windows-registry-key:values[*].data"),
    "AS": ("autonomous-system:number",),
    "mutex": ("mutex:name",),
    "mac-address": ("mac-addr:value",),
}
"""The paths of each type; the parts of a value with ``|`` go to the paths in order."""

LANGUAGES = ("yara", "sigma", "snort", "suricata")
"""The types whose value is a rule in a language that an indicator can carry as it is."""
_NUMBERS = {
    "file:size",
    "network-traffic:dst_port",
    "network-traffic:src_port",
    "autonomous-system:number",
}
# A referenced object is named by its value alone; these say by which observable it is told.
_REFERENCES = {
    "domain-name:resolves_to_refs[*].value",
    "network-traffic:dst_ref.value",
    "network-traffic:src_ref.value",
}
_ANY = re.compile(r"(?s).+")
_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OBSERVED = {
    # What may be observed, and the form that the schema of STIX asks of it.
    "ipv4-addr:value": re.compile(r"[0-9.]+(/[0-9]{1,2})?"),
    "ipv6-addr:value": re.compile(r"[0-9A-Fa-f:]+(/[0-9]{1,3})?"),
    "domain-name:value": re.compile(rf"{_HOST}(\.{_HOST})*"),
    "url:value": re.compile(
        r"[A-Za-z][A-Za-z0-9+.-]*://(?:[\w.~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", re.ASCII
    ),
    "email-addr:value": re.compile(rf"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@{_HOST}(\.{_HOST})+"),
    "mac-addr:value": _ANY,
    "mutex:name": _ANY,
    "file:name": _ANY,
    "autonomous-system:number": _ANY,
    "windows-registry-key:key": re.compile(r"(?is)(?!.*HK(LM|CC|CR|CU|U)).+"),
}
_MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")
_NUMBER = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)


class Comparison(NamedTuple):
    """One comparison of a pattern: ``path = value``; ``value`` is text or a number."""

    path: str
    value: str | int

    def __str__(self) -> str:
        """Return it as it stands in a pattern."""
        return f"{self.path} = {literal(self.value)}"

    @property
    def type(self) -> str:
        """The type of the observable that it compares."""
        return self.path.partition(":")[0]


def literal(value: str | int) -> str:
    """Return a constant of a pattern, its quotes and backslashes escaped."""
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def comparisons(kind: str, value: str) -> tuple[Comparison, ...]:
    """Return what an attribute compares, nothing where STIX has no word for it, or not for this."""
    paths = PATHS.get(kind, ())
    parts = _parts(kind, value, len(paths))
    found = [_comparison(path, part) for path, part in zip(paths, parts, strict=False)]
    whole = [each for each in found if each]
    return tuple(whole) if len(whole) == len(paths) else ()


def _parts(kind: str, value: str, number: int) -> Sequence[str]:
    if number < 2:
        return (value,)
    # The second part of all but a registry value holds no bar; a file's name may.
    before, _, after = value.partition("|") if kind.startswith("regkey") else value.rpartition("|")
    return (before, after) if before and after else ()


def _comparison(path: str, part: str) -> Comparison | None:
    if path.startswith(ADDRESS):
        family = address(part)
        return Comparison(path.replace(ADDRESS, family), part) if family else None
    if path in _NUMBERS:
        number = _NUMBER.fullmatch(part)
        return Comparison(path, int(number[1])) if number else None
    return Comparison(path, part) if _is_plausible(path, part) else None


def _is_plausible(path: str, part: str) -> bool:
    """Say whether a value has the form that its path asks for."""
    if ":hashes." in path:
        size = _SIZES.get(hash_name(path), 0)
        return not size or re.fullmatch(f"(?i)[0-9a-f]{{{size}}}", part) is not None
    if path == "mac-addr:value":
        return _MAC.fullmatch(part) is not None
    return bool(part)


def hash_name(path: str) -> str:
    """Return the name of the hash that a path compares, "" where it compares none."""
    return path.partition(":hashes.")[2].strip("'")


def address(value: str) -> str:
    """Return ``ipv4-addr`` or ``ipv6-addr`` for an address or network, "" for all else."""
    try:
        return f"ipv{ipaddress.ip_network(value, strict=False).version}-addr"
    except ValueError:
        return ""


def pattern(found: Iterable[Comparison]) -> str:
    """Return the pattern that all of these make: of one observable each, joined by AND.

    Several values of one path are alternatives, as one file has one name.
    """
    by_type: dict[str, dict[str, list[Comparison]]] = {}
    for each in found:
        same = by_type.setdefault(each.type, {}).setdefault(each.path, [])
        same.extend(() if each in same else (each,))
    return " AND ".join(f"[{_conjunction(paths)}]" for paths in by_type.values())


def _conjunction(paths: Mapping[str, Sequence[Comparison]]) -> str:
    several = len(paths) > 1
    joined = (" OR ".join(map(str, same)) for same in paths.values())
    return " AND ".join(
        f"({text})" if several and len(same) > 1 else text
        for text, same in zip(joined, paths.values(), strict=True)
    )


def observables(found: Iterable[Comparison]) -> list[dict[str, Any]]:
    """Return the observable objects, without ids, that say these; none where one cannot.

    What is said of one file makes one file, unless one property has two values.
    """
    plain = [each for one in found if (each := _told(one))]
    files = [each for each in plain if each.type == "file"]
    if len({each.path for each in files}) < len(files):
        return [_observable([each]) for each in plain]
    others = [_observable([each]) for each in plain if each.type != "file"]
    return ([_observable(files)] if files else []) + others


def _told(one: Comparison) -> Comparison | None:
    if one.path in _REFERENCES:
        one = Comparison(f"{address(str(one.value)) or 'domain-name'}:value", one.value)
    if ":hashes." in one.path:
        form = _OBSERVED_HASHES.get(hash_name(one.path))
    else:
        form = _OBSERVED.get(one.path)
    return one if form and form.fullmatch(str(one.value)) else None


def _observable(found: Sequence[Comparison]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": found[0].type, "spec_version": "2.1"}
    for each in found:
        if name := hash_name(each.path):
            made.setdefault("hashes", {})[name] = each.value
        else:
            made[each.path.partition(":")[2]] = each.value
    return made


_KINDS: dict[tuple[str, ...], str] = {}
for _kind, _paths in PATHS.items():
    _KINDS.setdefault(_paths, _kind)
    _KINDS.setdefault(tuple(path.replace(ADDRESS, "ipv4-addr") for path in _paths), _kind)
    _KINDS.setdefault(tuple(path.replace(ADDRESS, "ipv6-addr") for path in _paths), _kind)


def attribute(found: Sequence[Comparison]) -> tuple[str, str] | None:
    """Return the type and value that say these comparisons, None where there is no such type."""
    kind = _KINDS.get(tuple(each.path for each in found))
    if kind is None:
        return None
    if kind == "ip-dst|port" and not address(str(found[0].value)):
        kind = "hostname|port"
    value = "|".join(str(each.value) for each in found)
    return kind, f"AS{value}" if kind == "AS" else value


_ONE = re.compile(r"([a-z0-9-]+:[^\s=<>!]{1,250})\s*=\s*(?:'((?:[^'\\]|\\['\\])*)'|([0-9]{1,18}))")


def compared(text: str) -> list[tuple[Comparison, ...]]:
    """Return the alternatives of a simple pattern, each what it compares at once.

    Simple is one observation, or several joined by OR, of comparisons for equality that are all
    joined by AND or all by OR. Nothing is returned for any other, which is then kept as it is.
    """
    found: list[tuple[Comparison, ...]] = []
    at = 0
    while at < len(text):
        read = _observation(text, at)
        if read is None:
            return []
        alternatives, at = read
        found.extend(alternatives)
        if joint := re.compile(r"\s*OR\s*(?=\[)").match(text, at):
            at = joint.end()
        elif text[at:].strip():
            return []
        else:
            break
    return found


def _observation(text: str, at: int) -> tuple[list[tuple[Comparison, ...]], int] | None:
    opened = re.compile(r"\s*\[\s*").match(text, at)
    if not opened:
        return None
    at, joints, found = opened.end(), set[str](), list[Comparison]()
    while one := _ONE.match(text, at):
        found.append(Comparison(one[1], _unescaped(one[2]) if one[3] is None else int(one[3])))
        joint = re.compile(r"\s+(AND|OR)\s+").match(text, one.end())
        if not joint:
            closed = re.compile(r"\s*\]").match(text, one.end())
            return (_joined(joints, found), closed.end()) if closed and len(joints) < 2 else None
        joints.add(joint[1])
        at = joint.end()
    return None


def _joined(joints: set[str], found: list[Comparison]) -> list[tuple[Comparison, ...]]:
    return [(each,) for each in found] if joints == {"OR"} else [tuple(found)]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(['\\])", r"\1", text)
