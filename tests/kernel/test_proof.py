"""C2SP tlog-proof: its form, its four steps of verification, and every change refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.kernel import checkpoint, merkle, note, policy, proof
from comity.kernel.checkpoint import Checkpoint
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.keys import SeedSigner
from comity.kernel.proof import Proof

PARTY, OTHER = PartyId("ab" * 32), PartyId("cd" * 32)
LOG, WITNESS, STRANGER = (SeedSigner(bytes([i]) * 32) for i in (1, 2, 3))
LOG_KEY = checkpoint.log_key(PARTY, 0, LOG.key)
WITNESS_KEY = checkpoint.witness_key(OTHER, 0, WITNESS.key)
RULES = policy.parse(policy.write([LOG_KEY], [WITNESS_KEY], 1))

IDS = [bytes([i]) * 32 for i in range(48)]
LEAVES = [merkle.leaf_hash(each) for each in IDS]
POINT = Checkpoint(checkpoint.origin(PARTY, 0), 48, merkle.root(LEAVES))
COSIGNED = checkpoint.sign(POINT, LOG).add(
    [checkpoint.cosign(POINT, WITNESS_KEY.name, 1_700_000_000, WITNESS)]
)
PROOF = Proof(37, tuple(merkle.inclusion_path(LEAVES, 37)), COSIGNED)

# The example of the standard, its first page, down to the checkpoint: there it is abridged.
EXAMPLE = """\
c2sp.org/tlog-proof@v1
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

"""


def refused(rule: str, check: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as caught:
        check()
    assert caught.value.rule == rule


def test_the_example_of_the_standard_keeps_its_bytes() -> None:
    data = (EXAMPLE + note.NoteSignature("example.com/fancylog", b"abcd", b"sig").line).encode()
    parsed = proof.parse(data)
    assert (parsed.index, len(parsed.path), parsed.extra) == (73_894, 5, b"")
    assert parsed.path[0] == note.read_hash("gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=")
    assert parsed.checkpoint.checkpoint.size == 109_482
    assert parsed.to_bytes() == data


def test_extra_data_is_kept() -> None:
    extra = replace(PROOF, extra=b"age-v1.2.1-darwin-arm64.tar.gz")
    data = extra.to_bytes()
    second = b"extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6"
    assert data.split(b"\n")[:3] == [b"c2sp.org/tlog-proof@v1", second, b"index 37"]
    assert proof.parse(data) == extra


def test_a_proof_shows_what_its_log_holds() -> None:
    for index, data in enumerate(IDS):
        each = Proof(index, tuple(merkle.inclusion_path(LEAVES, index)), COSIGNED)
        again = proof.parse(each.to_bytes())
        assert again == each
        (found,) = proof.verify(again, data, LOG_KEY, [WITNESS_KEY])
        assert (found.cosigner, found.time) == (WITNESS_KEY, 1_700_000_000)
        assert proof.verify_by_policy(again, data, RULES) == (found,)


def test_the_only_leaf_of_a_log_needs_no_path() -> None:
    point = Checkpoint(LOG_KEY.name, 1, LEAVES[0])
    only = Proof(0, (), checkpoint.sign(point, LOG))
    assert only.to_bytes().startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\ncomity.alt/")
    assert proof.verify(proof.parse(only.to_bytes()), IDS[0], LOG_KEY) == ()


# The steps of verification, one by one.


def test_step_1_the_leaf_is_what_the_verifier_brings() -> None:
    refused("W3", lambda: proof.verify(PROOF, IDS[36], LOG_KEY))


def test_step_2_the_log_is_one_the_verifier_accepts() -> None:
    foreign = checkpoint.log_key(OTHER, 0, LOG.key)
    refused("W2", lambda: proof.verify(PROOF, IDS[37], foreign))
    refused("W2", lambda: proof.verify(PROOF, IDS[37], replace(LOG_KEY, key=STRANGER.key)))
    rules = policy.parse(policy.write([foreign], [WITNESS_KEY], 1))
    refused("W2", lambda: proof.verify_by_policy(PROOF, IDS[37], rules))
    rotated = policy.write([replace(LOG_KEY, key=STRANGER.key), LOG_KEY], [WITNESS_KEY], 1)
    assert proof.verify_by_policy(PROOF, IDS[37], policy.parse(rotated))


def test_step_3_cosignatures_are_counted_by_the_verifiers_policy() -> None:
    alone = replace(PROOF, checkpoint=checkpoint.sign(POINT, LOG))
    refused("W5", lambda: proof.verify_by_policy(alone, IDS[37], RULES))
    unwitnessed = policy.parse(policy.write([LOG_KEY], [], 0))
    assert proof.verify_by_policy(alone, IDS[37], unwitnessed) == ()
    forged = note.NoteSignature(WITNESS_KEY.name, WITNESS_KEY.id, (1).to_bytes(8, "big") * 9)
    bad = replace(PROOF, checkpoint=COSIGNED.add([forged]))
    refused("K5", lambda: proof.verify_by_policy(bad, IDS[37], RULES))


def test_step_4_the_path_leads_to_the_signed_root() -> None:
    other = replace(PROOF, path=tuple(merkle.inclusion_path(LEAVES, 36)))
    refused("W3", lambda: proof.verify(other, IDS[37], LOG_KEY))
    refused("W3", lambda: proof.verify(replace(PROOF, index=48), IDS[37], LOG_KEY))


@given(st.data())
def test_any_change_of_one_bit_is_refused(data: st.DataObject) -> None:
    whole = PROOF.to_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Refusal) as caught:
        proof.verify_by_policy(proof.parse(bytes(changed)), IDS[37], RULES)
    assert caught.value.rule in {"W1", "W2", "W3", "W5", "K5"}


HEAD, _, TAIL = PROOF.to_bytes().decode().partition("index 37\n")
HASH = note.format_hash(b"h" * 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEAD,
        f"index 37\n{TAIL}",
        f"{HEAD.replace('v1', 'v2')}index 37\n{TAIL}",
        f"{HEAD}{TAIL}",
        f"{HEAD}index 037\n{TAIL}",
        f"{HEAD}index  37\n{TAIL}",
        f"{HEAD}Index 37\n{TAIL}",
        f"{HEAD}37\n{TAIL}",
        f"{HEAD}index -1\n{TAIL}",
        f"{HEAD}index 37\nindex 37\n{TAIL}",
        f"{HEAD}index 37\n{HASH[:-4]}\n{TAIL}",
        f"{HEAD}index 37\n{f'{HASH}{chr(10)}' * 63}{TAIL}",
        f"{HEAD}index 37\n\n{TAIL}",
        f"{HEAD}extra \nindex 37\n{TAIL}",
        f"{HEAD}extra %\nindex 37\n{TAIL}",
        f"{HEAD}extra YQ==\nextra YQ==\nindex 37\n{TAIL}",
        f"{HEAD}index 37\nextra YQ==\n{TAIL}",
        f"{HEAD}index 37\n{TAIL}".removesuffix("\n"),
        f"\n{HEAD}index 37\n{TAIL}",
    ],
)
def test_what_is_not_a_proof_is_refused(text: str) -> None:
    refused("W1", lambda: proof.parse(text.encode()))


def test_the_longest_path_is_read() -> None:
    longest = replace(PROOF, path=(b"h" * 32,) * 63)
    assert proof.parse(longest.to_bytes()) == longest
    refused("W3", lambda: proof.verify(longest, IDS[37], LOG_KEY))
