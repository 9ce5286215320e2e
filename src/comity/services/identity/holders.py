"""Root keys that people hold: made on any machine, kept on paper or a stick, used to sign.

Nothing here needs a node. What goes back to the node are two codes without a secret: the holder
code names a new public key and proves that somebody has its private half; the signature code signs
one proposal. Both may be typed, scanned, or carried in a file.

On paper a key is the root code of ``codes``. On a stick it is a file that a passphrase opens:
Argon2id, then XChaCha20-Poly1305, both by libsodium. Frozen, all bytes in hexadecimal::

    {comity: "root-key/v1", key, salt, ops, memory, nonce, sealed}
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import orjson
from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from comity.kernel import dsse, keys
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.keys import SIGNATURE_SIZE, Key, SeedSigner
from comity.services.identity import codes

if TYPE_CHECKING:
    from typing import Any

    from comity.services.identity.proposals import Proposal
    from comity.services.ports import Random

SEED = 32
HELD = "application/vnd.comity.holder.v1"
"""The type of what a new key signs to show that it is held; no envelope has it. Frozen."""
KIND = "root-key/v1"
SHORTEST = 12
"""Characters of a passphrase, at least."""
OPS, MEMORY = pwhash.argon2id.OPSLIMIT_MODERATE, pwhash.argon2id.MEMLIMIT_MODERATE
MOST_OPS, MOST_MEMORY = 32, 1024**3
"""What a stick may ask of the machine that reads it; memory in bytes."""
STICK_LIMIT = 4096


class Signed(NamedTuple):
    """One signature that came back: for which proposal, by which key."""

    proposal: Id
    key: Key
    sig: bytes


def make(random: Random) -> SeedSigner:
    """Return a new root key."""
    return SeedSigner(random.bytes(SEED))


def holder_code(signer: SeedSigner) -> str:
    """Return the code that names a new public key to the node, and proves that it is held."""
    return codes.write(codes.HOLDER, keys.raw_key(signer.key) + signer.sign(_claim(signer.key)))


def read_holder(code: str) -> Key:
    """Return the public key in a holder code. Raises Refusal S4, K5 or K9."""
    data = codes.read(codes.HOLDER, code, SEED + SIGNATURE_SIZE)
    key = keys.key_from_bytes(data[:SEED])
    keys.verify(key, _claim(key), data[SEED:])
    return key


def _claim(key: Key) -> bytes:
    return dsse.pae(HELD, key.encode())


def sign(proposal: Proposal, signer: SeedSigner) -> str:
    """Return the signature code of ``signer`` for a proposal. Raises Refusal K5 for a key that it
    neither replaces nor names.
    """
    if signer.key not in proposal.before.root_keys | proposal.after.root_keys:
        raise Refusal(
            "K5",
            "This key is neither a root key in force nor one that the proposal names: a signature "
            "by it would count for nothing.",
            signer.key,
        )
    sig = signer.sign(proposal.envelope.pae)
    return codes.write(codes.SIGNATURE, bytes.fromhex(proposal.id) + keys.raw_key(signer.key) + sig)


def read_signature(code: str) -> Signed:
    """Return what a signature code says, unverified. Raises Refusal S4 or K9."""
    data = codes.read(codes.SIGNATURE, code, 2 * SEED + SIGNATURE_SIZE)
    key = keys.key_from_bytes(data[SEED : 2 * SEED])
    return Signed(Id(data[:SEED].hex()), key, data[2 * SEED :])


def seal(signer: SeedSigner, passphrase: str, random: Random) -> bytes:
    """Return the file of a stick that holds a root key. Raises Refusal S4: too short."""
    if len(passphrase) < SHORTEST:
        raise Refusal(
            "S4", "The passphrase is too short: take four words or more that nobody would guess."
        )
    salt, nonce = random.bytes(pwhash.argon2id.SALTBYTES), random.bytes(Aead.NONCE_SIZE)
    box = Aead(_derive(passphrase, salt, OPS, MEMORY))
    sealed = box.encrypt(signer.seed, signer.key.encode(), nonce).ciphertext
    value = {
        "comity": KIND,
        "key": signer.key,
        "salt": salt.hex(),
        "ops": OPS,
        "memory": MEMORY,
        "nonce": nonce.hex(),
        "sealed": sealed.hex(),
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def unseal(data: bytes, passphrase: str) -> SeedSigner:
    """Return the root key on a stick. Raises Refusal S4: no such file, or another passphrase."""
    stick = _read_stick(data)
    try:
        box = Aead(_derive(passphrase, stick.salt, stick.ops, stick.memory))
        return SeedSigner(box.decrypt(stick.sealed, stick.key.encode(), stick.nonce))
    except CryptoError as error:
        raise Refusal("S4", "The passphrase is another one, or the file was changed.") from error


class _Stick(NamedTuple):
    key: str
    salt: bytes
    ops: int
    memory: int
    nonce: bytes
    sealed: bytes


def _read_stick(data: bytes) -> _Stick:
    try:
        value: dict[str, Any] = orjson.loads(data[:STICK_LIMIT])
        salt, nonce, sealed = (bytes.fromhex(value[name]) for name in ("salt", "nonce", "sealed"))
        stick = _Stick(value["key"], salt, value["ops"], value["memory"], nonce, sealed)
        costs = (stick.ops, MOST_OPS), (stick.memory, MOST_MEMORY)
        if value["comity"] != KIND or any(not 0 < cost <= most for cost, most in costs):
            raise KeyError(KIND)
        keys.parse_key(stick.key)
    except (ValueError, KeyError, TypeError, Refusal) as error:
        reason = "This is not the file of a root key; `comity ceremony key --usb` writes those."
        raise Refusal("S4", reason) from error
    return stick


def _derive(passphrase: str, salt: bytes, ops: int, memory: int) -> bytes:
    # The same words from another keyboard may come as other characters.
    words = unicodedata.normalize("NFKC", passphrase.strip()).encode()
    return pwhash.argon2id.kdf(Aead.KEY_SIZE, words, salt, opslimit=ops, memlimit=memory)
