"""C2SP tlog-checkpoint and tlog-cosignature: their examples, names, signatures, padding."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import checkpoint, note
from comity.kernel.checkpoint import Checkpoint, CosignedCheckpoint
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.keys import SeedSigner, verify
from comity.kernel.merkle import TreeHead
from comity.kernel.note import NoteSignature, VerifierKey

PARTY = PartyId("ab" * 32)
LOG = SeedSigner(b"\x01" * 32)
WITNESS = SeedSigner(b"\x02" * 32)
OTHER = SeedSigner(b"\x03" * 32)
ORIGIN = checkpoint.origin(PARTY, 0)
NAME = checkpoint.witness_name(PARTY, 7)
LOG_KEY = checkpoint.log_key(PARTY, 0, LOG.key)
WITNESS_KEY = checkpoint.witness_key(PARTY, 7, WITNESS.key)
POINT = Checkpoint(ORIGIN, 16, b"r" * 32)
SIGNED = checkpoint.sign(POINT, LOG)
COSIGNED = SIGNED.add([checkpoint.cosign(POINT, NAME, 1_679_315_147, WITNESS)])

# From tlog-cosignature, first page: the checkpoint of tlog-checkpoint with a cosignature.
EXAMPLE = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3"
    "b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
# From its section "Ed25519 signed message".
MESSAGE = b"""cosignature/v1
time 1679315147
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
"""


def refused(rule: str, cosigned: CosignedCheckpoint, *keys: VerifierKey) -> None:
    with pytest.raises(Refusal) as caught:
        checkpoint.verify_log(cosigned, *(keys or (LOG_KEY,)))
    assert caught.value.rule == rule


# The examples of the standards.


def test_the_example_of_the_standard_keeps_its_bytes() -> None:
    parsed = checkpoint.parse(EXAMPLE)
    assert parsed.checkpoint.origin == "example.com/behind-the-sofa"
    assert parsed.checkpoint.head == TreeHead(20_852_163, note.read_hash(MESSAGE[-45:-1].decode()))
    assert parsed.to_bytes() == EXAMPLE


def test_the_signed_message_and_the_time_are_those_of_the_example() -> None:
    example = checkpoint.parse(EXAMPLE)
    blob = example.signatures[1].signature
    assert blob[:8] == (1_679_315_147).to_bytes(8, "big")
    ours = checkpoint.cosign(example.checkpoint, "w.example", 1_679_315_147, WITNESS)
    assert len(ours.signature) == len(blob) == 72
    assert ours.signature[:8] == blob[:8]
    verify(WITNESS.key, MESSAGE, ours.signature[8:])


def test_the_key_ids_are_those_of_the_standard() -> None:
    assert LOG_KEY.vkey == note.parse_vkey(LOG_KEY.vkey).vkey
    assert WITNESS_KEY.vkey.partition("+")[0] == NAME
    assert note.parse_vkey(WITNESS_KEY.vkey) == WITNESS_KEY
    assert WITNESS_KEY.kind == 0x04
    assert replace(WITNESS_KEY, kind=0x01).id != WITNESS_KEY.id


# Names.


def test_names_of_logs_and_witnesses() -> None:
    assert f"comity.alt/{PARTY}/0" == ORIGIN
    assert f"comity.alt/{PARTY}/7/witness" == NAME
    assert checkpoint.parse_origin(ORIGIN) == (PARTY, 0)
    assert checkpoint.parse_witness_name(NAME) == (PARTY, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NAME,
        ORIGIN + "/",
        ORIGIN + "0",
        f"comity.alt/{PARTY}/-1",
        f"comity.alt/{PARTY}/1234567",
        f"comity.alt/{PARTY[:-1]}/0",
        f"comity.alt/{PARTY.upper()}/0",
        f"comity-alt/{PARTY}/0",
        f"x/{ORIGIN}",
    ],
)
def test_other_names_are_not_a_partys(text: str) -> None:
    with pytest.raises(Refusal, match="W1"):
        checkpoint.parse_origin(text)


def test_an_origin_is_not_the_name_of_a_witness() -> None:
    with pytest.raises(Refusal, match="W1"):
        checkpoint.parse_witness_name(ORIGIN)


# The text.


@given(
    st.text("abc./é #", min_size=1),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text("xyz —", min_size=1), max_size=3),
)
def test_parsing_undoes_writing(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    point = Checkpoint(origin, size, root, tuple(extensions))
    assert checkpoint.parse_text(point.text) == point


ROOT = note.format_hash(b"r" * 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"o\n1\n{ROOT}\nx",
        f"\n1\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n1\n{ROOT}\n\n",
        f"o\n1\n{ROOT}\n\nx\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n{2**63}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{note.format_hash(b'short')}\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="W1"):
        checkpoint.parse_text(text)


# Signatures.


def test_a_log_signs_under_its_origin() -> None:
    again = checkpoint.parse(SIGNED.to_bytes())
    assert again == SIGNED
    assert [each.name for each in again.signatures] == [ORIGIN]
    checkpoint.verify_log(again, LOG_KEY)
    checkpoint.verify_log(again, checkpoint.log_key(PARTY, 0, OTHER.key), LOG_KEY)


def test_a_checkpoint_of_another_log_or_key_is_refused() -> None:
    refused("W2", SIGNED, checkpoint.log_key(PARTY, 1, LOG.key))
    refused("W2", SIGNED, checkpoint.log_key(PARTY, 0, OTHER.key))
    refused("W2", SIGNED, VerifierKey(ORIGIN, note.COSIGNATURE, LOG.key))
    # A right signature under a right name, of a log that the key does not speak for.
    foreign = checkpoint.log_key(PARTY, 1, LOG.key)
    line = note.sign(POINT.text, foreign.name, LOG)
    refused("W2", CosignedCheckpoint(POINT, (line,)), foreign)


def test_a_log_signature_that_does_not_verify_refuses_the_checkpoint() -> None:
    forged = NoteSignature(ORIGIN, LOG_KEY.id, bytes(64))
    refused("W2", SIGNED.add([forged]))
    refused("W2", CosignedCheckpoint(replace(POINT, size=17), SIGNED.signatures))


def test_a_line_is_not_added_twice() -> None:
    assert COSIGNED.add(COSIGNED.signatures) == COSIGNED
    assert len(COSIGNED.signatures) == 2


def test_cosignatures_of_known_witnesses_are_verified() -> None:
    later = checkpoint.cosign(POINT, NAME, 1_679_315_999, WITNESS)
    stranger = checkpoint.cosign(POINT, "w.example", 5, OTHER)
    whole = checkpoint.parse(COSIGNED.add([stranger, later]).to_bytes())
    found = checkpoint.verify_cosignatures(whole, [WITNESS_KEY, LOG_KEY])
    assert [(each.cosigner, each.time) for each in found] == [
        (WITNESS_KEY, 1_679_315_147),
        (WITNESS_KEY, 1_679_315_999),
    ]
    assert checkpoint.verify_cosignatures(SIGNED, [WITNESS_KEY]) == ()


@pytest.mark.parametrize(
    ("rule", "blob"),
    [
        ("W1", b""),
        ("W1", bytes(71)),
        ("W1", bytes(73)),
        ("W1", bytes(72)),
        ("W1", (1).to_bytes(8, "big") + bytes(63)),
        ("W1", (2**63).to_bytes(8, "big") + bytes(64)),
        ("K5", (1).to_bytes(8, "big") + bytes(64)),
        ("K5", (1).to_bytes(8, "big") + COSIGNED.signatures[1].signature[8:]),
        ("K5", (1).to_bytes(8, "big") + WITNESS.sign(POINT.text.encode())),
    ],
)
def test_a_known_cosignature_that_does_not_verify_is_refused(rule: str, blob: bytes) -> None:
    line = NoteSignature(NAME, WITNESS_KEY.id, blob)
    with pytest.raises(Refusal) as caught:
        checkpoint.verify_cosignatures(SIGNED.add([line]), [WITNESS_KEY])
    assert caught.value.rule == rule


@pytest.mark.parametrize("time", [0, -1, 2**63])
def test_a_time_that_cannot_be_written_is_not_signed(time: int) -> None:
    with pytest.raises(Refusal, match="W1"):
        checkpoint.cosign(POINT, NAME, time, WITNESS)


def test_extension_lines_are_covered() -> None:
    extended = replace(POINT, extensions=("extra",))
    line = checkpoint.cosign(extended, NAME, 1, WITNESS)
    whole = checkpoint.sign(extended, LOG).add([line])
    assert checkpoint.verify_cosignatures(whole, [WITNESS_KEY])
    with pytest.raises(Refusal, match="K5"):
        checkpoint.verify_cosignatures(replace(whole, checkpoint=POINT), [WITNESS_KEY])
    refused("W2", replace(whole, checkpoint=POINT))


@given(st.data())
def test_any_change_of_one_bit_is_refused(data: st.DataObject) -> None:
    whole = COSIGNED.to_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refusal) as caught:
        both(bytes(changed))
    assert caught.value.rule in {"W1", "W2", "K5", "W5"}


def both(data: bytes) -> None:
    cosigned = checkpoint.parse(data)
    checkpoint.verify_log(cosigned, LOG_KEY)
    if not checkpoint.verify_cosignatures(cosigned, [WITNESS_KEY]):
        raise Refusal("W5", "no cosignature")


def test_two_trees_of_one_size_are_evidence() -> None:
    fork = replace(POINT, root=b"f" * 32)
    with pytest.raises(Refusal, match="W6"):
        checkpoint.require_one_tree(POINT, fork)
    checkpoint.require_one_tree(POINT, POINT)
    checkpoint.require_one_tree(POINT, replace(fork, size=17))
    checkpoint.require_one_tree(POINT, replace(fork, origin="o"))


# Padding.


@pytest.mark.parametrize(
    ("size", "previous", "leaves"),
    [
        (1, 0, 15),
        (16, 0, 0),
        (16, 16, 16),
        (17, 16, 15),
        (32, 16, 0),
        (33, 16, 15),
        (40, 16, 8),
        (0, 0, 16),
        (7, 5, 9),
    ],
)
def test_padding(size: int, previous: int, leaves: int) -> None:
    assert checkpoint.padding(size, previous) == leaves


@given(st.integers(0, 10_000), st.integers(0, 200))
def test_up_to_16_statements_look_like_none(previous: int, statements: int) -> None:
    previous *= 16
    padded = previous + statements + checkpoint.padding(previous + statements, previous)
    assert padded % 16 == 0
    assert padded > previous
    assert padded - (previous + statements) <= 16
    assert (padded == previous + 16) is (statements <= 16)
