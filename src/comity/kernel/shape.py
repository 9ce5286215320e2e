"""The one spelling of an act's header, matched in one pass over its bytes.

Canonical form fixes the order of a header's fields, so that all but its body can be told by one
expression. This is ``act.read_header`` made quick for what arrives all day; whatever does not match
is read there field by field, and refused in words. A test holds the two to the same verdict.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel import canon

if TYPE_CHECKING:
    from comity.kernel.canon import Object

_HEX = "[0-9a-f]{64}"
_NUMBER = "(0|[1-9][0-9]{0,14})"
_CODE = "[a-z][a-z0-9_]{0,31}"
_IDS = rf'\[(?:"({_HEX}(?:","{_HEX})*)")?\]'
_BEGIN, _CONTENT = b'{"body":', b',"content":{"hash":"'
_REST = re.compile(
    rf"({_HEX})"
    rf'","parts":{_NUMBER},"size":{_NUMBER},"type":"([a-z0-9!#$&^_.+/;=-]{{1,127}})"\}},'
    rf'"doc":"({_HEX})"(?:,"dossier":"({_HEX})")?(?:,"footing":"({_CODE})")?,'
    rf'"kind":"({_CODE})","log":{_NUMBER},"n":{_NUMBER}(?:,"pap":"({_CODE})")?,'
    rf'"parents":{_IDS},"party":"({_HEX})"(?:,"prev":"({_HEX})")?(?:,"realm":"({_CODE})")?,'
    rf'"refs":{_IDS},"seq":{_NUMBER},"time":{_NUMBER},"tlp":"({_CODE})","v":1\}}'
)


class Shape(NamedTuple):
    """The fields of a header as written; absent ones are None, lists joined by ``","``."""

    hash: str
    parts: str
    size: str
    type: str
    doc: str
    dossier: str | None
    footing: str | None
    kind: str
    log: str
    n: str
    pap: str | None
    parents: str | None
    party: str
    prev: str | None
    realm: str | None
    refs: str | None
    seq: str
    time: str
    tlp: str


def match(payload: bytes) -> tuple[Object, int, Shape] | None:
    """Return a header's body, its size in bytes, and its other fields; None without the shape.

    The body has been held against the profile. Raises Refusal K2 for a body outside of it.
    """
    at = payload.rfind(_CONTENT)
    # Latin-1 never fails, and what is not ASCII matches nowhere.
    found = _REST.fullmatch(payload[at + len(_CONTENT) :].decode("latin-1"))
    if at < 0 or found is None or not payload.startswith(_BEGIN):
        return None
    written = payload[len(_BEGIN) : at]
    try:
        body = orjson.loads(written)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict) or orjson.dumps(body, option=orjson.OPT_SORT_KEYS) != written:
        return None
    canon.require_profile(body, 2)
    return body, len(written), Shape._make(found.groups())
