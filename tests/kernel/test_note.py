"""C2SP signed-note: the text's own example, its limits, and what is refused."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import note
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner
from comity.kernel.note import Note, NoteSignature, VerifierKey

# From the standard, section "Verifier keys", "Example".
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNED = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
    "RKuwHjG1Yu72IneyaQM=\n"
).encode()
# From its first page: a text with an empty line in it.
POEM = (
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n"
    "\n"
    "ed è subito sera.\n"
    "\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMou"
    "FSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()

SIGNER = SeedSigner(b"\x01" * 32)
OTHER = SeedSigner(b"\x02" * 32)
KEY = VerifierKey("log.example", note.ED25519, SIGNER.key)
TEXT = "one\n\ntwo\n"


def signed(text: str = TEXT, *signers: SeedSigner) -> Note:
    return Note(text, tuple(note.sign(text, KEY.name, each) for each in signers or (SIGNER,)))


def refusal(rule: str, data: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        note.verify_signatures(note.parse(data), [KEY])
    assert caught.value.rule == rule
    return caught.value.reason


def test_the_example_of_the_standard_verifies_and_keeps_its_bytes() -> None:
    key = note.parse_vkey(VKEY)
    assert (key.name, key.kind, key.vkey) == ("example.com/foo", 0x01, VKEY)
    parsed = note.parse(SIGNED)
    assert parsed.text == "This is an example message.\n"
    assert note.verify_signatures(parsed, [KEY, key]) == (key,)
    assert parsed.to_bytes() == SIGNED


def test_the_last_empty_line_ends_the_text() -> None:
    parsed = note.parse(POEM)
    assert parsed.text.endswith("di sole:\n\ned è subito sera.\n")
    assert [each.name for each in parsed.signatures] == ["quasimodo.example/salvatore"]
    assert parsed.to_bytes() == POEM


def test_what_is_signed_verifies() -> None:
    whole = signed(TEXT, SIGNER, OTHER)
    other = VerifierKey(KEY.name, note.ED25519, OTHER.key)
    assert note.parse(whole.to_bytes()) == whole
    assert note.verify_signatures(whole, [KEY]) == (KEY,)
    assert note.verify_signatures(whole, [other, KEY]) == (other, KEY)


def test_unknown_signatures_are_passed_over_and_known_ones_never() -> None:
    whole = signed()
    line = whole.signatures[0]
    same_name = NoteSignature(KEY.name, b"none", line.signature)
    same_id = NoteSignature("other.example", line.key_id, line.signature)
    ok = Note(TEXT, (same_name, same_id, line, NoteSignature("x", b"1234", b"5")))
    assert note.verify_signatures(ok, [KEY]) == (KEY,)
    for unknown in (same_name, same_id):
        refusal("W2", Note(TEXT, (unknown,)).to_bytes())
    forged = NoteSignature(KEY.name, KEY.id, bytes(64))
    refusal("K5", Note(TEXT, (line, forged)).to_bytes())
    refusal("K5", Note(TEXT, (NoteSignature(KEY.name, KEY.id, b"short"),)).to_bytes())


def test_a_key_of_another_signature_type_signs_no_note() -> None:
    cosigner = VerifierKey(KEY.name, note.COSIGNATURE, SIGNER.key)
    assert cosigner.id != KEY.id
    line = NoteSignature(KEY.name, cosigner.id, SIGNER.sign(TEXT.encode()))
    with pytest.raises(Refusal, match="W2"):
        note.verify_signatures(Note(TEXT, (line,)), [cosigner])


@given(st.data())
def test_any_change_of_one_bit_is_refused(data: st.DataObject) -> None:
    whole = signed().to_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refusal) as caught:
        note.verify_signatures(note.parse(bytes(changed)), [KEY])
    assert caught.value.rule in {"W1", "W2", "K5"}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_what_is_parsed_has_one_form(tail: bytes) -> None:
    for data in (tail, b"a\n\n" + tail, "a\n\n— n ".encode() + tail):
        try:
            parsed = note.parse(data)
        except Refusal as refused:
            assert refused.rule == "W1"  # noqa: PT017  either is right
        else:
            assert parsed.to_bytes() == data


LINE = signed().signatures[0].line
BLOB = LINE.split(" ")[2].rstrip("\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT.encode(),
        f"{TEXT}{LINE}".replace("\n\n", "\n").encode(),
        f"\n{LINE}".encode(),
        f"{TEXT}\n".encode(),
        f"{TEXT}\n{LINE}".encode().rstrip(b"\n"),
        f"{TEXT}\n{LINE}{LINE}".encode().rstrip(b"\n"),
        LINE.encode(),
        f"{TEXT}\n{LINE}\n".encode(),
        f"{TEXT}\n- {LINE[2:]}".encode(),
        f"{TEXT}\n—{LINE[2:]}".encode(),
        f"{TEXT}\n—  {BLOB}\n".encode(),
        f"{TEXT}\n— {BLOB}\n".encode(),
        f"{TEXT}\n— a+b {BLOB}\n".encode(),
        f"{TEXT}\n— a\u00a0b {BLOB}\n".encode(),
        f"{TEXT}\n— name  {BLOB}\n".encode(),
        f"{TEXT}\n— name {BLOB} \n".encode(),
        f"{TEXT}\n— name AAAAAA==\n".encode(),
        f"{TEXT}\n— name AAAAAAB=\n".encode(),
        f"{TEXT}\n— name AAAAA\n".encode(),
        f"{TEXT}\n— name {BLOB[:-4]}-_==\n".encode(),
        f"{TEXT}\n— name è===\n".encode(),
        f"tab\t\n\n{LINE}".encode(),
        f"return\r\n\n{LINE}".encode(),
        f"zero\x00\n\n{LINE}".encode(),
        b"\xff\n\n" + LINE.encode(),
        f"{TEXT}\n{LINE * 65}".encode(),
        b"a" * note.LIMIT + b"\n\n" + LINE.encode(),
    ],
)
def test_what_is_not_a_note_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        note.parse(data)
    assert caught.value.rule == "W1"


def test_the_most_signatures_are_taken() -> None:
    assert len(note.parse(f"{TEXT}\n{LINE * 64}".encode()).signatures) == 64


def spelled(name: str, key_id: str, material: bytes) -> str:
    return f"{name}+{key_id}+{base64.b64encode(material).decode()}"


RAW = bytes.fromhex(KEY.key.removeprefix("ed25519:"))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("W1", ""),
        ("W1", "log.example"),
        ("W1", "log.example+00000000+"),
        ("W1", spelled("log.example", "00000000", b"\x01" + RAW)),
        ("W1", spelled("log.example", KEY.id.hex().upper() + "x", b"\x01" + RAW)),
        ("W1", spelled("log.example", KEY.id.hex(), b"\x04" + RAW)),
        ("W1", spelled("log.example", KEY.id.hex(), b"\x06" + RAW * 41)),
        ("W1", spelled("", KEY.id.hex(), b"\x01" + RAW)),
        ("W1", spelled("a b", KEY.id.hex(), b"\x01" + RAW)),
        ("W1", spelled("a\udc80", KEY.id.hex(), b"\x01" + RAW)),
        ("W1", spelled("a\x01", KEY.id.hex(), b"\x01" + RAW)),
        ("W1", KEY.vkey + " "),
        ("K9", spelled("log.example", KEY.id.hex(), b"\x01" + RAW[:31])),
        ("K9", spelled("log.example", KEY.id.hex(), b"\x01" + b"\x01" + bytes(31))),
    ],
)
def test_what_is_not_a_verifier_key_is_refused(rule: str, text: str) -> None:
    assert note.parse_vkey(KEY.vkey) == KEY
    with pytest.raises(Refusal) as caught:
        note.parse_vkey(text)
    assert caught.value.rule == rule


def test_the_reserved_signature_type_is_refused_until_it_is_built() -> None:
    with pytest.raises(Refusal, match="0x06"):
        VerifierKey("log.example", 0x06, SIGNER.key)


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("10", 10), (str(2**63 - 1), 2**63 - 1)])
def test_numbers(text: str, value: int) -> None:
    assert note.read_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "00", "01", "-1", "+1", " 1", "1_0", "٣", str(2**63), "1" * 99]
)
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="W1"):
        note.read_number(text)


def test_a_hash_has_32_bytes() -> None:
    assert note.read_hash(note.format_hash(b"h" * 32)) == b"h" * 32
    with pytest.raises(Refusal, match="W1"):
        note.read_hash(note.format_hash(b"h" * 31))
