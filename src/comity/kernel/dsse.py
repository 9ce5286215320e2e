"""DSSE 1.0.2 envelopes over exact bytes.

Stricter than the standard where it leaves choice, so that one statement has one form: standard
base64 with padding, exactly the members named here, and a ``keyid`` that is the id of the key.
The id of what an envelope carries never covers its signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from binascii import a2b_base64, b2a_base64
from typing import TYPE_CHECKING, NamedTuple

import orjson

from comity.kernel.errors import Refusal
from comity.kernel.ids import Id, is_hex
from comity.kernel.keys import Key, key_id, verify
from comity.kernel.version import early

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.keys import Signer

MAX_SIGNATURES = 16
ENVELOPE_SLACK = 4096
"""Bytes an envelope may have beyond the base64 of its payload."""

ACT = "application/vnd.comity.act.v1+json"
RECEIPT = "application/vnd.comity.receipt.v1+json"
NODE = "application/vnd.comity.node.v1+json"
ROOT = "application/vnd.comity.root.v1+json"
SUCCESSION = "application/vnd.comity.succession.v1+json"
COVER = "application/vnd.comity.cover.v1+json"
PAYLOAD_TYPES = frozenset({ACT, RECEIPT, NODE, ROOT, SUCCESSION, COVER})
_NAMES = {name.encode(): name for name in PAYLOAD_TYPES}
_EARLY = re.compile(r"application/vnd\.comity\.[a-z]+\.v0\+json")

_HEAD, _KEYID, _SIG, _TAIL = b'{"payload":"', b'","signatures":[{"keyid":"', b'","sig":"', b'"}]}'


class Signature(NamedTuple):
    """One signature of an envelope: ``keyid`` (hex) and ``sig`` (64 bytes)."""

    keyid: str
    sig: bytes


class Envelope(NamedTuple):
    """Payload type, payload bytes and signatures, as received."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def pae(self) -> bytes:
        """The bytes that are signed."""
        return pae(self.payload_type, self.payload)

    @property
    def id(self) -> Id:
        """SHA-256 over the signed bytes, in hexadecimal."""
        return Id(hashlib.sha256(self.pae).hexdigest())

    def to_bytes(self) -> bytes:
        """Return the JSON form; members sorted, no white space."""
        if len(self.signatures) == 1:
            return self._one_to_bytes()
        return orjson.dumps(
            {
                "payload": base64.b64encode(self.payload).decode(),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": s.keyid, "sig": base64.b64encode(s.sig).decode()}
                    for s in self.signatures
                ],
            }
        )

    def _one_to_bytes(self) -> bytes:
        # The same bytes as the general way gives, put together by hand: this runs for every act.
        only = self.signatures[0]
        parts = (
            _HEAD,
            b2a_base64(self.payload, newline=False),
            b'","payloadType":"',
            self.payload_type.encode(),
            _KEYID,
            only.keyid.encode(),
            _SIG,
            b2a_base64(only.sig, newline=False),
            _TAIL,
        )
        return b"".join(parts)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding (DSSE protocol, section "Signature Definition").

    Lengths count bytes, also where the type holds characters outside ASCII.
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, signers: Sequence[Signer]) -> Envelope:
    """Return an envelope over ``payload`` with one signature per signer, in their order."""
    message = pae(payload_type, payload)
    return Envelope(
        payload_type, payload, tuple(Signature(key_id(s.key), s.sign(message)) for s in signers)
    )


def parse(data: bytes, *, limit: int) -> Envelope:
    """Return the envelope in ``data``, unverified; ``limit`` bounds its payload in bytes.

    Raises Refusal K1 (too large), K3 (not an envelope of this profile) or K17 (a payload type
    this program does not know).
    """
    if len(data) > 4 * (limit // 3 + 1) + ENVELOPE_SLACK:
        raise Refusal("K1", f"The envelope has {len(data)} bytes, beyond its limit.")
    envelope = _parse_one(data) or _parse_any(data)
    if len(envelope.payload) > limit:
        raise Refusal("K1", f"The payload has {len(envelope.payload)} bytes; limit {limit}.")
    return envelope


def _parse_one(data: bytes) -> Envelope | None:
    """Read an envelope with one signature, as statements have, in its one canonical form.

    Returns None for anything else, which ``_parse_any`` then reads or refuses.
    """
    text, _, rest = data[len(_HEAD) :].partition(b'","payloadType":"')
    kind, _, last = rest.partition(_KEYID)
    keyid, sig = last[:64], last[64 + len(_SIG) : -len(_TAIL)]
    name = _NAMES.get(kind)
    if name is None or not is_hex(keyid.decode("ascii", "replace")):
        return None
    try:
        payload, signature = a2b_base64(text), a2b_base64(sig)
    except binascii.Error:
        return None
    envelope = Envelope(name, payload, (Signature(keyid.decode(), signature),))
    # Comparing with our own form refuses every other spelling of the same values.
    return envelope if envelope.to_bytes() == data else None


def _parse_any(data: bytes) -> Envelope:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Refusal("K3", f"The envelope is not JSON: {error}.") from error
    envelope = from_object(value)
    # Comparing with our own form refuses duplicate members, white space and base64 variants.
    if envelope.to_bytes() != data:
        raise Refusal("K3", "The envelope is not in its one canonical form.")
    return envelope


def from_object(value: object) -> Envelope:
    """Return the envelope that a decoded JSON ``value`` holds. Raises Refusal K3 or K17."""
    if not isinstance(value, dict) or value.keys() != {"payload", "payloadType", "signatures"}:
        raise Refusal("K3", "An envelope has exactly payload, payloadType and signatures.")
    kind, raw = value["payloadType"], value["signatures"]
    if not isinstance(kind, str) or not isinstance(raw, list):
        raise Refusal("K3", "The envelope's members have wrong types.")
    if kind not in PAYLOAD_TYPES:
        raise _unknown(kind)
    if not 1 <= len(raw) <= MAX_SIGNATURES:
        raise Refusal("K3", f"An envelope has 1 to {MAX_SIGNATURES} signatures.")
    return Envelope(kind, _decode(value["payload"]), tuple(_signature(item) for item in raw))


def _unknown(kind: str) -> Refusal:
    if _EARLY.fullmatch(kind):
        return early()
    return Refusal("K17", f"The payload type {kind[:80]!r} is not known to this version.")


def _signature(value: object) -> Signature:
    if not isinstance(value, dict) or value.keys() != {"keyid", "sig"}:
        raise Refusal("K3", "A signature has exactly keyid and sig.")
    if not is_hex(value["keyid"]):
        raise Refusal("K3", "A keyid is 64 lower-case hexadecimal digits.")
    return Signature(value["keyid"], _decode(value["sig"]))


def _decode(value: object) -> bytes:
    if not isinstance(value, str):
        raise Refusal("K3", "A base64 member is not a string.")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("K3", "A member is not standard base64.") from error


def verify_one(envelope: Envelope, key: Key) -> None:
    """Require the first signature to be by ``key``, and valid. Raises Refusal K5.

    This one signature decides admission. Further ones are reserved for raising standing: they are
    bounded in number, outside the id, and passed over here.
    """
    signature = envelope.signatures[0]
    if signature.keyid != key_id(key):
        raise Refusal("K5", "The signature names another key than the document.", envelope.id)
    verify(key, envelope.pae, signature.sig)


def verify_threshold(envelope: Envelope, keys: frozenset[Key], threshold: int) -> None:
    """Require valid signatures by ``threshold`` distinct ``keys``. Raises Refusal K5.

    Signatures by other keys are passed over (an update is signed by old and new keys at once);
    a signature that names one of ``keys`` and does not verify is refused.
    """
    by_id = {key_id(key): key for key in keys}
    good: set[str] = set()
    for signature in envelope.signatures:
        if key := by_id.get(signature.keyid):
            verify(key, envelope.pae, signature.sig)
            good.add(signature.keyid)
    if len(good) < threshold:
        raise Refusal("K5", f"{len(good)} of the {threshold} signatures needed are there.")
