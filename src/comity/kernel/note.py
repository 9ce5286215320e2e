"""Signed notes: C2SP signed-note v1.0.0, with Ed25519.

::

    <text, ending in a newline>
    <an empty line>
    — <key name> <base64(key id ‖ signature)>            one or more such lines

    key id       = SHA-256(key name ‖ 0x0A ‖ signature type ‖ public key), the first 4 bytes
    verifier key = <key name>+<key id, 8 hexadecimal digits>+<base64(signature type ‖ public key)>

Stricter where the standard leaves choice, so that a note has one form: base64 with padding and
zero trailing bits, key ids in lower case. Types 0x01 (Ed25519 over the text) and 0x04 (Ed25519
checkpoint cosignature, see ``checkpoint``) are built. Type 0x06 (ML-DSA-44) is reserved: it comes
as one more value of ``kind``; until then a verifier key of that type is refused, and a signature
of it is a line by an unknown key, which is kept and passed over like any other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.kernel.errors import Refusal
from comity.kernel.keys import Key, key_from_bytes, raw_key, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.kernel.keys import Signer

ED25519 = 0x01
COSIGNATURE = 0x04
KINDS = frozenset({ED25519, COSIGNATURE})

LIMIT = 256 * 1024
"""The largest note, in bytes. A post-quantum signature line has up to 7 KiB."""
MAX_SIGNATURES = 64
"""The most signature lines of a note; the standard asks for 16 at least."""
MAX_NUMBER = 2**63 - 1
KEY_ID_SIZE = 4

_DASH = "— "
_NAME = re.compile("[^\\s+\x00-\x1f\ud800-\udfff]+")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_NUMBER = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key for notes: its ``name``, the signature type ``kind`` and the ``key``.

    Raises Refusal W1 for a name that is empty or holds a space, a plus sign or a control
    character, and for a signature type that is not known.
    """

    name: str
    kind: int
    key: Key

    def __post_init__(self) -> None:
        require_name(self.name)
        if self.kind not in KINDS:
            raise Refusal("W1", f"Signature type 0x{self.kind:02x} is not known.", self.name)

    @property
    def id(self) -> bytes:
        """The key id: 4 bytes that tell keys of one name apart. It proves nothing."""
        material = bytes([self.kind]) + raw_key(self.key)
        return hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The text form."""
        material = bytes([self.kind]) + raw_key(self.key)
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(material).decode()}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key ``name``, ``key_id`` (4 bytes) and the raw ``signature``."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Say whether the line names ``key``; whether it verifies is another question."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A ``text``, which ends in a newline, and its ``signatures`` as received."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """Return the note's bytes; the inverse of ``parse``."""
        return f"{self.text}\n{format_signatures(self.signatures)}".encode()


def parse(data: bytes) -> Note:
    """Return the note in ``data``, unverified: its text means nothing yet. Raises Refusal W1."""
    content = decode(data)
    text, empty_line, lines = content.rpartition("\n\n")
    if not empty_line:
        raise Refusal("W1", "A note has no empty line between its text and its signatures.")
    return Note(text + "\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Return the signatures that ``lines`` hold, one or more. Raises Refusal W1."""
    *whole, rest = lines.split("\n")
    if rest or not 1 <= len(whole) <= MAX_SIGNATURES:
        raise Refusal("W1", f"A note ends in 1 to {MAX_SIGNATURES} whole signature lines.")
    return tuple(_parse_signature(line) for line in whole)


def format_signatures(signatures: Iterable[NoteSignature]) -> str:
    """Return the lines of ``signatures``; the inverse of ``parse_signatures``."""
    return "".join(signature.line for signature in signatures)


def _parse_signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise Refusal("W1", "A signature line does not begin with a dash and a space.")
    require_name(name)
    blob = read_base64(encoded)
    if len(blob) <= KEY_ID_SIZE:
        raise Refusal("W1", "A signature line holds no signature.", name)
    return NoteSignature(name, blob[:KEY_ID_SIZE], blob[KEY_ID_SIZE:])


def parse_vkey(text: str) -> VerifierKey:
    """Return the verifier key that ``text`` spells.

    Raises Refusal W1 (form, signature type, or a key id that is not the key's) or K9 (not an
    admitted point).
    """
    name, _, rest = text.partition("+")
    digits, _, encoded = rest.partition("+")
    material = read_base64(encoded)
    if not material:
        raise Refusal("W1", "A verifier key is not written as name+id+key.", name)
    kind, raw = material[0], material[1:]
    if kind not in KINDS:
        raise Refusal("W1", f"Signature type 0x{kind:02x} is not known.", name)
    key = VerifierKey(name, kind, key_from_bytes(raw))
    if key.id.hex() != digits:
        raise Refusal("W1", "A verifier key has the id of another key.", name)
    return key


def sign(text: str, name: str, signer: Signer) -> NoteSignature:
    """Return the signature of type 0x01 by ``signer``, under ``name``, over ``text``."""
    key = VerifierKey(name, ED25519, signer.key)
    return NoteSignature(name, key.id, signer.sign(text.encode()))


def verify_signatures(note: Note, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Return which of ``keys``, of those of type 0x01, have signed ``note``: one or more.

    Lines by other keys are passed over. Raises Refusal K5 when a line names a known key and does
    not verify (then the whole note is refused), W2 when no line names a known key.
    """
    signed: list[VerifierKey] = []
    for key in keys:
        for signature in note.signatures:
            if key.kind == ED25519 and signature.is_by(key):
                verify(key.key, note.text.encode(), signature.signature)
                signed.append(key)
    if not signed:
        raise Refusal("W2", "The note carries no signature by a known key.")
    return tuple(dict.fromkeys(signed))


def require_name(name: str) -> None:
    """Raise Refusal W1 unless ``name`` can name a key: no Unicode space, no plus, not empty."""
    if not _NAME.fullmatch(name):
        raise Refusal("W1", f"{name[:80]!r} is not the name of a key.")


def decode(data: bytes) -> str:
    """Return ``data`` as text without control characters other than newline.

    The base of every text format of logs. Raises Refusal W1, also beyond ``LIMIT`` bytes.
    """
    if len(data) > LIMIT:
        raise Refusal("W1", f"The text has {len(data)} bytes; at most {LIMIT} are allowed.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refusal("W1", "The text is not UTF-8.") from error
    if _CONTROL.search(text):
        raise Refusal("W1", "The text holds a control character.")
    return text


def read_number(text: str) -> int:
    """Return the decimal number, without leading zeros, below 2^63. Raises Refusal W1."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_NUMBER:
        raise Refusal("W1", f"{text[:30]!r} is not a decimal number of this format.")
    return int(text)


def read_base64(text: str) -> bytes:
    """Return what ``text`` encodes: RFC 4648 section 4, the one spelling. Raises Refusal W1."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("W1", f"{text[:80]!r} is not base64.") from error
    if base64.b64encode(data).decode() != text:
        raise Refusal("W1", f"{text[:80]!r} is not base64 in its one spelling.")
    return data


def read_hash(text: str) -> bytes:
    """Return the 32 bytes that ``text`` encodes in base64. Raises Refusal W1."""
    data = read_base64(text)
    if len(data) != hashlib.sha256().digest_size:
        raise Refusal("W1", f"{text[:80]!r} is not a hash of 32 bytes.")
    return data


def format_hash(digest: bytes) -> str:
    """Return ``digest`` in base64."""
    return base64.b64encode(digest).decode()
