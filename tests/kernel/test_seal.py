"""Sealing: RFC 9180 to the letter, the padding, and nothing opens that should not."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.seal import (
    OVERHEAD,
    PLAINTEXT_LIMIT,
    SUITES,
    HPKEKey,
    SecretOpener,
    hpke_key_id,
    open_sealed,
    parse_hpke_key,
    seal,
)
from tests.kernel.refusals import flip, refuses

SENDER, RECIPIENT, OTHER = (PartyId(letter * 64) for letter in "abc")
OPENER = SecretOpener(bytes(range(32)))
KEY_ID = hpke_key_id(OPENER.key)
OPENERS = {KEY_ID: OPENER}

# RFC 9180 appendix A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode.
INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
PK_RM = bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
SK_RM = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
ENC = bytes.fromhex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a")
SHARED_SECRET = bytes.fromhex("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7")
KEY = bytes.fromhex("ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91")
BASE_NONCE = bytes.fromhex("5c4d98150661b848853b547f")
PT = bytes.fromhex("4265617574792069732074727574682c20747275746820626561757479")
AAD = b"Count-0"
CT = bytes.fromhex(
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
)


def extract(suite: bytes, salt: bytes, name: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + name + ikm, "sha256")


def expand(suite: bytes, prk: bytes, name: bytes, info: bytes, size: int) -> bytes:
    # One block is enough: nothing here is longer than 32 bytes.
    labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + name + info
    return hmac.digest(prk, labelled + b"\x01", "sha256")[:size]


def shared_secret(secret: bytes, enc: bytes) -> bytes:
    """DHKEM's Decap, RFC 9180 section 4.1, written a second time."""
    private = X25519PrivateKey.from_private_bytes(secret)
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    suite = b"KEM" + (0x0020).to_bytes(2, "big")
    context = enc + private.public_key().public_bytes_raw()
    return expand(suite, extract(suite, b"", b"eae_prk", dh), b"shared_secret", context, 32)


def schedule(secret: bytes, info: bytes) -> tuple[bytes, bytes]:
    """KeySchedule in base mode, RFC 9180 section 5.1, written a second time."""
    suite = b"HPKE" + bytes.fromhex("002000010003")
    psk_id = extract(suite, b"", b"psk_id_hash", b"")
    context = b"\x00" + psk_id + extract(suite, b"", b"info_hash", info)
    prk = extract(suite, secret, b"secret", b"")
    return expand(suite, prk, b"key", context, 32), expand(suite, prk, b"base_nonce", context, 12)


def opened(ciphertext: bytes, sender: PartyId = SENDER, recipient: PartyId = RECIPIENT) -> bytes:
    return open_sealed(ciphertext, KEY_ID, OPENERS, sender=sender, recipient=recipient)


def test_the_second_writing_agrees_with_the_example_of_the_rfc() -> None:
    secret = shared_secret(SK_RM, ENC)
    assert secret == SHARED_SECRET
    assert schedule(secret, INFO) == (KEY, BASE_NONCE)
    assert ChaCha20Poly1305(KEY).decrypt(BASE_NONCE, CT, AAD) == PT
    assert SecretOpener(SK_RM).key == "x25519:" + PK_RM.hex()


def test_the_library_opens_the_example_of_the_rfc() -> None:
    # The example has associated data, which the library takes only in its function for tests.
    from cryptography.hazmat.bindings._rust import openssl
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    private = X25519PrivateKey.from_private_bytes(SK_RM)
    assert openssl.hpke._decrypt_with_aad(suite, ENC + CT, private, INFO, AAD) == PT


def test_the_second_writing_opens_what_is_sealed_here() -> None:
    sealed = seal(b"hello", OPENER.key, SENDER, RECIPIENT)
    info = b"comity/seal/v1\n" + b"\xaa" * 32 + b"\xbb" * 32
    key, nonce = schedule(shared_secret(OPENER.secret, sealed[:32]), info)
    padded = ChaCha20Poly1305(key).decrypt(nonce, sealed[32:], b"")
    assert padded == b"\0\0\0\5hello" + bytes(4091)


def sealed_by_hand(padded: bytes) -> bytes:
    """Seal these bytes without padding them."""
    ephemeral = X25519PrivateKey.from_private_bytes(b"\x07" * 32)
    enc = ephemeral.public_key().public_bytes_raw()
    info = b"comity/seal/v1\n" + bytes.fromhex(SENDER) + bytes.fromhex(RECIPIENT)
    key, nonce = schedule(shared_secret(OPENER.secret, enc), info)
    return enc + ChaCha20Poly1305(key).encrypt(nonce, padded, b"")


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\0",
        b"\0\0\0\5hello",
        b"\0\0\0\5hello" + bytes(4090),
        b"\0\0\0\5hello" + bytes(4092),
        b"\0\0\0\5hello" + bytes(4090) + b"x",
        b"\0\0\0\5hello" + bytes(8187),
        b"\0\0\x10\1" + bytes(4096),
        b"\xff\xff\xff\xff" + bytes(4096),
        (PLAINTEXT_LIMIT + 1).to_bytes(4, "big") + bytes(2 * PLAINTEXT_LIMIT),
    ],
)
def test_another_padding_is_refused(padded: bytes) -> None:
    refuses("T6", lambda: opened(sealed_by_hand(padded)))
    assert opened(sealed_by_hand(b"\0\0\0\5hello" + bytes(4091))) == b"hello"


@given(st.binary(max_size=300))
def test_what_is_sealed_opens(plaintext: bytes) -> None:
    assert opened(seal(plaintext, OPENER.key, SENDER, RECIPIENT)) == plaintext


@pytest.mark.parametrize(
    ("size", "bucket"),
    [
        (0, 4096),
        (1, 4096),
        (4096, 4096),
        (4097, 8192),
        (8192, 8192),
        (65_537, 131_072),
        (PLAINTEXT_LIMIT - 1, PLAINTEXT_LIMIT),
        (PLAINTEXT_LIMIT, PLAINTEXT_LIMIT),
    ],
)
def test_the_size_on_the_wire_is_a_power_of_two_and_a_constant(size: int, bucket: int) -> None:
    sealed = seal(b"x" * size, OPENER.key, SENDER, RECIPIENT)
    assert len(sealed) == bucket + OVERHEAD
    assert opened(sealed) == b"x" * size


def test_a_message_beyond_the_limit_is_not_sealed() -> None:
    too_large = bytes(PLAINTEXT_LIMIT + 1)
    refuses("T7", lambda: seal(too_large, OPENER.key, SENDER, RECIPIENT))


def test_two_seals_of_one_message_differ() -> None:
    one, two = (seal(b"x", OPENER.key, SENDER, RECIPIENT) for _ in range(2))
    assert one != two


def test_a_message_is_tied_to_its_sender_and_recipient() -> None:
    sealed = seal(b"x", OPENER.key, SENDER, RECIPIENT)
    refuses("T6", lambda: opened(sealed, sender=OTHER))
    refuses("T6", lambda: opened(sealed, recipient=OTHER))
    refuses("T6", lambda: opened(sealed, RECIPIENT, SENDER))


def test_only_the_key_named_opens() -> None:
    sealed = seal(b"x", OPENER.key, SENDER, RECIPIENT)
    other = SecretOpener(bytes(32))
    openers = {hpke_key_id(other.key): other}
    refuses("T6", lambda: open_sealed(sealed, KEY_ID, openers, sender=SENDER, recipient=RECIPIENT))
    key_id = hpke_key_id(other.key)
    refuses("T6", lambda: open_sealed(sealed, key_id, openers, sender=SENDER, recipient=RECIPIENT))


@given(st.data())
def test_no_bit_of_a_sealed_message_may_change(data: st.DataObject) -> None:
    # Bit 255 is not part of the point (RFC 7748 section 5), but HPKE hashes it.
    sealed = seal(b"hello", OPENER.key, SENDER, RECIPIENT)
    bit = data.draw(st.just(255) | st.integers(0, 8 * len(sealed) - 1))
    refuses("T6", lambda: opened(flip(sealed, bit)))


@given(st.binary(max_size=100) | st.binary(min_size=4148, max_size=4148))
def test_any_other_bytes_are_refused(data: bytes) -> None:
    refuses("T6", lambda: opened(data))


def test_an_encapsulated_point_of_low_order_is_refused() -> None:
    refuses("T6", lambda: opened(bytes(4148)))


def test_keys_are_spelled_in_one_way() -> None:
    text = "x25519:" + PK_RM.hex()
    assert parse_hpke_key(text) == text
    assert hpke_key_id(HPKEKey(text)) == hashlib.sha256(text.encode()).hexdigest()
    assert SUITES == ("x25519-hkdf_sha256-chacha20_poly1305",)


P = 2**255 - 19
# The points of order 1, 2, 4 and 8, and what else encodes one.
LOW_ORDER = [
    0,
    1,
    P - 1,
    0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
    0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
]


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        PK_RM.hex(),
        "ed25519:" + PK_RM.hex(),
        "x25519:" + PK_RM.hex()[:-1],
        "x25519:" + PK_RM.hex().upper(),
        "x25519:" + (P + 9).to_bytes(32, "little").hex(),
        "x25519:" + "ff" * 32,
        *("x25519:" + n.to_bytes(32, "little").hex() for n in LOW_ORDER),
    ],
)
def test_a_key_of_another_form_or_of_low_order_is_refused(text: object) -> None:
    refuses("K9", lambda: parse_hpke_key(text))


def test_numbers_beyond_the_field_are_refused_though_the_point_is_sound() -> None:
    # 9 is the base point; P + 9 is the same point in another spelling.
    assert parse_hpke_key("x25519:" + (9).to_bytes(32, "little").hex())
    for number in (P + 9, 9 + 2**255):
        text = "x25519:" + number.to_bytes(32, "little").hex()
        with pytest.raises(Refusal, match="canonical"):
            parse_hpke_key(text)
