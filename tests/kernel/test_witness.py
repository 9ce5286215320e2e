"""C2SP tlog-witness, add-checkpoint: its example, its statuses, and that sizes never fall."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from comity.kernel import checkpoint, merkle, note, witness
from comity.kernel.checkpoint import Checkpoint, CosignedCheckpoint
from comity.kernel.errors import Refusal, Retry
from comity.kernel.ids import PartyId
from comity.kernel.keys import SeedSigner
from comity.kernel.merkle import EMPTY_ROOT, TreeHead
from comity.kernel.witness import Conflict, Rejected, Request

PARTY, OTHER = PartyId("ab" * 32), PartyId("cd" * 32)
LOG, WITNESS, STRANGER = (SeedSigner(bytes([i]) * 32) for i in (1, 2, 3))
ORIGIN = checkpoint.origin(PARTY, 0)
LOG_KEY = checkpoint.log_key(PARTY, 0, LOG.key)
WITNESS_KEY = checkpoint.witness_key(OTHER, 0, WITNESS.key)
LEAVES = [merkle.leaf_hash(bytes([i % 256])) for i in range(300)]
FORK = [*LEAVES[:20], *LEAVES[21:]]


class Log:
    """A log of fewer than 256 leaves, or a fork of it."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves

    def hashes(self, level: int, start: int, stop: int) -> list[bytes]:
        assert level == 0
        return self.leaves[start:stop]

    def head(self, size: int) -> TreeHead:
        return merkle.head_at(self, size)

    def signed(self, size: int) -> CosignedCheckpoint:
        return checkpoint.sign(Checkpoint(ORIGIN, size, self.head(size).root), LOG)

    def ask(self, old: int, size: int) -> Request:
        return witness.ask(self, old, self.signed(size))


TRUE, FALSE = Log(LEAVES), Log(FORK)

# From the standard, section "add-checkpoint", "Example request body".
EXAMPLE = (
    "old 20852014\n"
    "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
    "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
    "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
    "\n"
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhc"
    "yv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/"
    "V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n"
).encode()
# From the same section, "Example response body".
RESPONSE = (
    "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQL"
    "rdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n"
    "— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+"
    "DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==\n"
    "— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7n"
    "C3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==\n"
).encode()


def rejected(
    status: int, rule: str, state: TreeHead | None, request: Request, **keys: note.VerifierKey
) -> None:
    log = keys.get("log", LOG_KEY)
    with pytest.raises(Rejected) as caught:
        witness.decide(state, request, log)
    assert (caught.value.status, caught.value.rule) == (status, rule)


# The request.


def test_the_example_of_the_standard_keeps_its_bytes() -> None:
    request = witness.parse_request(EXAMPLE)
    assert (request.old, len(request.path)) == (20_852_014, 4)
    assert request.origin == "example.com/behind-the-sofa"
    assert request.checkpoint.checkpoint.size == 20_852_163
    assert len(request.checkpoint.signatures) == 2
    assert request.to_bytes() == EXAMPLE


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 16), (16, 16), (16, 48), (33, 200)])
def test_what_a_log_asks_is_what_a_witness_reads(old: int, size: int) -> None:
    request = TRUE.ask(old, size)
    assert witness.parse_request(request.to_bytes()) == request
    state = TRUE.head(old) if old else None
    assert witness.decide(state, request, LOG_KEY) == TRUE.head(size)


def test_a_log_does_not_ask_for_less_than_the_witness_has() -> None:
    with pytest.raises(Refusal, match="W4") as caught:
        TRUE.ask(17, 16)
    assert caught.value.retry is Retry.LATER


TEXT = TRUE.ask(16, 48).to_bytes().decode()
HASH = note.format_hash(b"h" * 32)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.removeprefix("old 16\n"),
        TEXT.replace("old 16", "old 016"),
        TEXT.replace("old 16", "old  16"),
        TEXT.replace("old 16", "old 16 "),
        TEXT.replace("old 16", "old -1"),
        TEXT.replace("old 16", "new 16"),
        TEXT.replace("\n\n", "\n", 1),
        TEXT.replace("old 16\n", "old 16\n\n"),
        TEXT.replace("old 16\n", f"old 16\n{HASH[:-4]}\n"),
        TEXT.replace("old 16\n", "old 16\n" + f"{HASH}\n" * 63),
        TEXT.replace("\n48\n", "\n048\n"),
        TEXT + "\n",
        "old 16\n" + "a" * note.LIMIT,
    ],
)
def test_400_what_is_not_a_request(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        witness.parse_request(text.encode())
    assert (caught.value.status, caught.value.rule) == (400, "W1")


def test_63_hashes_are_read() -> None:
    request = replace(TRUE.ask(16, 48), path=(b"h" * 32,) * 63)
    assert witness.parse_request(request.to_bytes()) == request


# The decision.


def test_400_an_old_size_above_the_checkpoints() -> None:
    rejected(400, "W1", TRUE.head(17), replace(TRUE.ask(16, 16), old=17))


def test_403_a_checkpoint_that_its_log_has_not_signed() -> None:
    request = TRUE.ask(0, 16)
    point = request.checkpoint.checkpoint
    rejected(403, "W2", None, replace(request, checkpoint=checkpoint.sign(point, STRANGER)))
    line = note.NoteSignature(ORIGIN, LOG_KEY.id, bytes(64))
    rejected(403, "W2", None, replace(request, checkpoint=request.checkpoint.add([line])))


def test_403_is_said_before_anything_about_sizes() -> None:
    request = replace(TRUE.ask(16, 16), old=17)
    stranger = checkpoint.sign(request.checkpoint.checkpoint, STRANGER)
    rejected(403, "W2", None, replace(request, checkpoint=stranger))


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    request = TRUE.ask(0, 16)
    other = checkpoint.sign(request.checkpoint.checkpoint, STRANGER).signatures
    more = replace(request, checkpoint=request.checkpoint.add(other))
    assert witness.decide(None, more, LOG_KEY) == TRUE.head(16)


def test_404_an_unknown_origin() -> None:
    with pytest.raises(Rejected) as caught:
        witness.decide(None, TRUE.ask(0, 16), None)
    assert (caught.value.status, caught.value.rule) == (404, "T4")


def test_409_another_size_than_the_witness_has() -> None:
    assert witness.decide(TRUE.head(32), TRUE.ask(16, 48), LOG_KEY) == Conflict(32)
    assert witness.decide(TRUE.head(32), TRUE.ask(0, 48), LOG_KEY) == Conflict(32)
    assert witness.decide(None, TRUE.ask(16, 48), LOG_KEY) == Conflict(0)
    # Also for a tree that is not the witness's: it is asked to be shown first.
    assert witness.decide(TRUE.head(32), FALSE.ask(0, 48), LOG_KEY) == Conflict(32)


def test_422_a_proof_that_does_not_verify() -> None:
    request = TRUE.ask(16, 48)
    rejected(422, "W3", TRUE.head(16), replace(request, path=request.path[:-1]))
    rejected(422, "W3", TRUE.head(16), replace(request, path=(*request.path, b"h" * 32)))
    rejected(422, "W3", TRUE.head(32), FALSE.ask(32, 48))


def test_422_a_proof_from_nothing() -> None:
    rejected(422, "W3", None, replace(TRUE.ask(0, 16), path=(b"h" * 32,)))


def test_422_an_empty_tree_with_another_root() -> None:
    signed = checkpoint.sign(Checkpoint(ORIGIN, 0, b"r" * 32), LOG)
    rejected(422, "W3", None, Request(0, (), signed))
    empty = checkpoint.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG)
    assert witness.decide(None, Request(0, (), empty), LOG_KEY) == merkle.EMPTY_HEAD


def test_422_another_tree_of_the_same_size_is_evidence() -> None:
    rejected(422, "W6", TRUE.head(32), FALSE.ask(32, 32))
    assert witness.decide(TRUE.head(32), TRUE.ask(32, 32), LOG_KEY) == TRUE.head(32)
    rejected(422, "W3", TRUE.head(32), replace(TRUE.ask(32, 32), path=(b"h" * 32,)))


# The answer.


def test_the_answer_409() -> None:
    assert Conflict(20_852_014).to_bytes() == b"20852014\n"
    assert witness.parse_conflict(b"20852014\n") == Conflict(20_852_014)


@pytest.mark.parametrize("data", [b"", b"1", b"1\n2\n", b"01\n", b"x\n", b"1\n\n", b"1\r\n", b"\n"])
def test_an_answer_409_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match="W1"):
        witness.parse_conflict(data)


def test_the_answer_200_keeps_the_bytes_of_the_example() -> None:
    lines = note.parse_signatures(RESPONSE.decode())
    assert [line.name[-2:] for line in lines] == ["w1", "w1", "w2"]
    assert {len(line.signature) for line in lines} == {72}
    assert witness.format_response(lines) == RESPONSE


def test_the_log_takes_the_cosignatures_of_its_witness_and_no_others() -> None:
    asked = TRUE.signed(16)
    ours = checkpoint.cosign(asked.checkpoint, WITNESS_KEY.name, 9, WITNESS)
    stranger = checkpoint.cosign(asked.checkpoint, "w.example", 9, STRANGER)
    data = witness.format_response([stranger, ours])
    assert witness.parse_response(data, asked, [WITNESS_KEY]) == asked.add([ours])
    for answer, refusal in (
        (witness.format_response([stranger]), "W5"),
        (witness.format_response([ours, replace(ours, signature=bytes(7) + b"\x01" * 65)]), "K5"),
        (witness.format_response([replace(ours, signature=b"1")]), "W1"),
        (b"", "W1"),
        (data.rstrip(b"\n"), "W1"),
        (b"16\n", "W1"),
    ):
        with pytest.raises(Refusal) as caught:
            witness.parse_response(answer, asked, [WITNESS_KEY])
        assert caught.value.rule == refusal


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    other = checkpoint.cosign(TRUE.signed(32).checkpoint, WITNESS_KEY.name, 9, WITNESS)
    with pytest.raises(Refusal, match="K5"):
        witness.parse_response(witness.format_response([other]), TRUE.signed(16), [WITNESS_KEY])


def test_a_key_that_is_not_a_cosigners_gives_no_cosignature() -> None:
    asked = TRUE.signed(16)
    with pytest.raises(Refusal, match="W5"):
        witness.parse_response(witness.format_response(asked.signatures), asked, [LOG_KEY])
    forged = replace(asked.signatures[0], signature=bytes(64))
    ours = checkpoint.cosign(asked.checkpoint, WITNESS_KEY.name, 9, WITNESS)
    both = witness.format_response([forged, ours])
    assert witness.parse_response(both, asked, [LOG_KEY, WITNESS_KEY]) == asked.add([ours])


def test_where_a_witness_shows_what_it_cosigned() -> None:
    path = witness.monitor_path("example.com/behind-the-sofa")
    assert path == f"{hashlib.sha256(b'example.com/behind-the-sofa').hexdigest()}/checkpoint"


# Cosigned sizes of one origin never fall, and all cosigned trees are one tree.


class AnyOrder(RuleBasedStateMachine):
    """A log, its fork under the same key, and a stranger ask in any order, about any sizes.

    Requests are decided when they come and the decision is kept in the same step, as the witness
    must; each is also sent again later.
    """

    def __init__(self) -> None:
        super().__init__()
        self.state: TreeHead | None = None
        self.cosigned: list[TreeHead] = []
        self.sent: list[Request] = []

    @rule(old=st.integers(0, 60), more=st.integers(0, 60), fork=st.booleans())
    def ask(self, old: int, more: int, *, fork: bool) -> None:
        self.send((FALSE if fork else TRUE).ask(old, old + more))

    @rule(more=st.integers(0, 40), fork=st.booleans())
    def go_on(self, more: int, *, fork: bool) -> None:
        old = self.state.size if self.state else 0
        self.send((FALSE if fork else TRUE).ask(old, min(old + more, 250)))

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        if self.sent:
            self.send(data.draw(st.sampled_from(self.sent)))

    def send(self, request: Request) -> None:
        self.sent.append(request)
        try:
            decision = witness.decide(self.state, request, LOG_KEY)
        except Rejected as refusal:
            assert refusal.status == 422  # noqa: PT017  one of three right ends
            return
        if isinstance(decision, Conflict):
            assert decision.size == (self.state.size if self.state else 0) != request.old
            return
        self.state = decision
        self.cosigned.append(decision)

    @invariant()
    def sizes_never_fall(self) -> None:
        sizes = [head.size for head in self.cosigned]
        assert sizes == sorted(sizes)

    @invariant()
    def all_trees_are_one(self) -> None:
        assert any(
            all(head == log.head(head.size) for head in self.cosigned) for log in (TRUE, FALSE)
        )


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=30)
TestAnyOrder = AnyOrder.TestCase


@given(st.data())
def test_any_change_of_one_bit_of_a_request_wins_nothing(data: st.DataObject) -> None:
    whole = TRUE.ask(16, 48).to_bytes()
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        request = witness.parse_request(bytes(changed))
        key = LOG_KEY if request.origin == ORIGIN else None
        decision = witness.decide(TRUE.head(16), request, key)
    except Rejected:
        return
    assert decision == Conflict(16)
