"""What the kernel refuses, the independent verifier refuses, and what it takes, the other takes.

Evidence is changed in one place and signed anew, so that only the form of what is said can fail.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comity.kernel import dsse, evidence
from comity.kernel.approvals import approval_message
from comity.kernel.errors import Refusal
from comity.kernel.evidence import Evidence, Shown
from comity.kernel.evidence_check import verify
from comity.kernel.kinds import Growth
from comity.kernel.label import PAP, TLP, Footing
from comity.kernel.seal import SUITES
from tests.kernel.shown import Story, closing, node_document, story
from tests.kernel.world import Party, charter, digest, documents_of, replica, timed
from tests.tools.test_verify_evidence import BROKEN
from tools import verify_evidence

pytestmark = pytest.mark.slow

ORVANDA, TOLMERE, WITNESS = Party("orvanda"), Party("tolmere"), Party("lantern sea council")


def kernel_takes(data: bytes) -> bool:
    try:
        verify(evidence.parse(data))
    except Refusal:
        return False
    return True


def verifier_takes(data: bytes) -> bool:
    try:
        verify_evidence.Case(data).report(set(), set(), 0)
    except BROKEN:
        return False
    return True


# Payloads that hold every field there is.


def full_charter() -> dict[str, Any]:
    """Return the payload of a charter with all that a charter may have."""
    first = charter(
        ORVANDA,
        [TOLMERE],
        growth=Growth.CHAIR,
        ceiling=TLP.RED,
        chair=TOLMERE.id,
        readers=((ORVANDA.id, "duty"), (ORVANDA.id, "legal"), (TOLMERE.id, "duty")),
        succeeds=digest("before"),
        time=timed([WITNESS, TOLMERE], 2),
        terms={"days": 3},
        header={"footing": Footing.FORMAL, "pap": PAP.AMBER, "realm": "drill"},
    )
    payload: dict[str, Any] = json.loads(first.envelope.payload)
    payload["content"]["parts"] = 9
    payload["body"] |= {
        "by": {"role": "chair", "approved_by": ["legal", "deputy"]},
        "audience": [
            {"first": 0, "last": 0, "to": "public"},
            {"first": 1, "last": 3, "to": sorted([ORVANDA.id, TOLMERE.id])},
            {"first": 5, "last": 5, "to": "author"},
        ],
    }
    return payload


def full_act(told: Story) -> dict[str, Any]:
    """Return the payload of an act with all that an act may have but approvals."""
    dossier = replica(told.charter, documents_of(told.author, told.receiver), [told.act])
    reply = told.receiver.say(dossier, "mark", {"of": told.act.id})
    dossier.admit(reply, documents_of(told.author, told.receiver))
    act = told.author.say(
        dossier,
        "claim",
        {"status": "done", "flag": True},
        pap=PAP.GREEN,
        footing=Footing.WITHOUT_PREJUDICE,
        refs=(reply.id, told.act.id),
    )
    payload: dict[str, Any] = json.loads(act.envelope.payload)
    return payload


def approved(payload: dict[str, Any], party: Party) -> dict[str, Any]:
    """Return the payload with an approval by a mandate of the party."""
    signature = base64.b64encode(party.mandate.sign(approval_message(payload))).decode()
    payload["body"] |= {"approvals": [{"key": party.mandate.key, "sig": signature}]}
    return payload


def full_node(told: Story) -> dict[str, Any]:
    """Return the payload of a node document with all that one may have."""
    payload: dict[str, Any] = json.loads(node_document(told.author).envelope.payload)
    hpke = [*payload["hpke"], {"key": "later:1", "suite": "later"}]
    assert hpke[0]["suite"] == SUITES[0]
    payload |= {
        "hpke": hpke,
        "endpoints": ["https://one.example", "https://two.example"],
        "wire": [2, 1],
        "protocols": [{"name": name, "versions": [2, 1]} for name in ("test/bid", "test/tally")],
        "witnesses": sorted([told.receiver.id, told.witness.id]),
        "quorum": 2,
        "mailbox": told.witness.id,
        "limits": {"bundle": 1},
    }
    return payload


def full_root(told: Story) -> dict[str, Any]:
    """Return the payload of a later root document, with a log closed and statements kept."""
    told.receiver.leaves[1] = [bytes([i]) * 32 for i in range(16)]
    told.receiver.succeed(closing(told.receiver, 16))
    told.receiver.confirm()
    payload: dict[str, Any] = json.loads(told.receiver.envelopes[-1].payload)
    kept = [{"seq": 16, "id": digest("kept")}, {"seq": 18, "id": digest("kept too")}]
    payload["logs"][0]["closed"]["kept"] = kept
    payload["mandates"] = sorted([told.receiver.mandate.key, told.author.mandate.key])
    return payload


def full_succession(told: Story) -> dict[str, Any]:
    """Return the payload of a second succession."""
    for _ in range(2):
        told.receiver.succeed(closing(told.receiver, 0))
    payload: dict[str, Any] = json.loads(told.receiver.envelopes[-1].payload)
    payload["closes"]["kept"] = [{"seq": 0, "id": digest("kept")}]
    return payload


def full_receipt(told: Story) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(told.receipt(told.charter, told.act).envelope.payload)
    return payload


@dataclass(frozen=True)
class Place:
    """A payload in evidence: its type, what it says, who signs it, and the evidence around it."""

    payload_type: str
    payload: dict[str, Any]
    sign: Callable[[bytes], dsse.Envelope]
    around: Callable[[dsse.Envelope], Evidence]

    def evidence(self, payload: Any) -> bytes:
        """Return evidence with another payload in the place of this one, signed anew."""
        data = verify_evidence.dump(payload).encode("utf-8", "surrogatepass")
        return self.around(self.sign(data)).to_bytes()


def places() -> dict[str, Place]:
    """Return the payloads of every kind in evidence that holds them."""

    def place(payload_type: str, payload: Any, signer: Any, around: Any) -> Place:
        return Place(
            payload_type, payload, lambda data: dsse.sign(payload_type, data, [signer]), around
        )

    told = story()
    rooted, succeeded = story(), story()
    root, succession = full_root(rooted), full_succession(succeeded)
    key = told.author.signer("act")

    def alone(envelope: dsse.Envelope) -> Evidence:
        return Evidence(envelope.id, tuple(told.documents), (Shown(envelope),))

    def of(envelope: dsse.Envelope) -> Evidence:
        return Evidence(envelope.id, tuple(told.documents), (told.first, Shown(envelope)))

    def beside(envelope: dsse.Envelope) -> Evidence:
        return told.evidence(told.first, told.shown(), Shown(envelope))

    def last_of(other: Story) -> Callable[[dsse.Envelope], Evidence]:
        """Return evidence in which the receiver's newest document is another."""
        before = tuple(e for e in other.documents if e is not other.receiver.envelopes[-1])
        shown = (other.first, Shown(other.act.envelope))
        return lambda envelope: Evidence(other.act.id, (*before, envelope), shown)

    return {
        "charter": place(dsse.ACT, full_charter(), key, alone),
        "approved charter": place(dsse.ACT, approved(full_charter(), told.author), key, alone),
        "act": place(dsse.ACT, full_act(told), key, of),
        "approved act": place(dsse.ACT, approved(full_act(told), told.author), key, of),
        "receipt": place(dsse.RECEIPT, full_receipt(told), told.receiver.signer("act"), beside),
        "node": place(dsse.NODE, full_node(told), key, beside),
        "root": place(dsse.ROOT, root, rooted.receiver.root, last_of(rooted)),
        "succession": place(
            dsse.SUCCESSION, succession, succeeded.receiver.signer("act"), last_of(succeeded)
        ),
    }


PLACES = places()

# One change.

LENGTHS = [1, 64, 65, 120, 121, 200, 201, 500, 501, 8001]
WORDS = ["", "X", "a/b", "é", "\n", "\u202e", '"' * 100, *("a" * length for length in LENGTHS)]
CODES = ["red", "clear", "amber_strict", "formal", "technical", "public", "chair", "charter"]
KEYS = [
    "ed25519:" + "0" * 64,
    "x25519:" + "0" * 64,
    "x25519:ec" + "f" * 60 + "7f",
    TOLMERE.root.key,
]
NUMBERS = [-1, 0, 1, 2, 15, 17, 10**6 - 1, 10**6, 2**24, 2**24 + 1, 2**53 - 1, 2**53, 10**400]
OTHERS: list[Any] = [
    None,
    True,
    False,
    1.5,
    [],
    {},
    [[]],
    [1],
    [TOLMERE.id],
    {"a": 1},
    "0" * 9000,
    "\ud800",
]
VALUES = st.sampled_from([*WORDS, *CODES, *KEYS, *NUMBERS, *OTHERS, ORVANDA.id, TOLMERE.id])


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to every value inside of a value."""
    steps: Any = value.items() if isinstance(value, dict) else ()
    found: list[tuple[str | int, ...]] = []
    for step, inner in enumerate(value) if isinstance(value, list) else steps:
        found += [(*path, step), *paths(inner, (*path, step))]
    return found


def near(value: Any) -> list[Any]:
    """Return values that are almost this one."""
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int):
        return [value + 1, value - 1, -value, str(value), bool(value)]
    if isinstance(value, str):
        return [value + "\n", value + "a", value[:-1], value[1:], value.upper(), [value]]
    if isinstance(value, list):
        return [value[::-1], value * 2, value[:-1], value[:1] * 400, [*value, 1], {"a": 1}]
    return [{**value, "more": 1}, [*value], list(value.values())]


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """Return a value with one thing in it changed."""
    value = copy.deepcopy(value)
    *way, last = draw(st.sampled_from(paths(value)))
    within = value
    for step in way:
        within = within[step]
    match draw(st.sampled_from(["near", "near", "other", "gone"])):
        case "near":
            within[last] = draw(st.sampled_from(near(within[last])))
        case "other":
            within[last] = draw(VALUES)
        case _:
            del within[last]
    return value


def agree(data: bytes) -> bool:
    """Demand the same verdict of both; return it."""
    taken = kernel_takes(data)
    assert verifier_takes(data) == taken
    return taken


@pytest.mark.parametrize("kind", PLACES)
def test_the_evidence_that_is_changed_is_taken_unchanged(kind: str) -> None:
    assert agree(PLACES[kind].evidence(PLACES[kind].payload))


@pytest.mark.parametrize("kind", PLACES)
def test_every_field_with_another_value_has_one_verdict(kind: str) -> None:
    place = PLACES[kind]
    for *way, last in paths(place.payload):
        value = copy.deepcopy(place.payload)
        within: Any = value
        for step in way:
            within = within[step]
        for other in [*near(within[last]), None, 1.5, {}, [], "", -1]:
            within[last] = other
            agree(place.evidence(value))


@pytest.mark.parametrize("number", [999_999, 1_000_000])
def test_the_number_of_a_log_has_one_bound(number: int) -> None:
    place = PLACES["root"]
    more = {"log": number, **Party("sarivane").keys(9).to_object()}
    payload = {**place.payload, "logs": [*place.payload["logs"], more]}
    assert agree(place.evidence(payload)) == (number < 10**6)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(st.data(), st.sampled_from(sorted(PLACES)))
def test_what_is_said_otherwise_and_signed_anew_has_one_verdict(
    data: st.DataObject, kind: str
) -> None:
    place = PLACES[kind]
    payload = data.draw(changed(place.payload))
    if data.draw(st.booleans()):
        payload = data.draw(changed(payload)) if paths(payload) else payload
    agree(place.evidence(payload))


FILE: dict[str, Any] = json.loads(story().evidence().to_bytes())


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=100)
@given(changed(FILE))
def test_a_file_put_together_otherwise_has_one_verdict(file: Any) -> None:
    agree(verify_evidence.dump(file).encode("utf-8", "surrogatepass"))


# Broken bytes.

WHOLE = story().evidence().to_bytes()
PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b'"v":1', b"[" * 3000, b"null", b"1e999", b'"', b"{}", b"\xff", b"NaN"]),
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Return evidence with a piece of it cut out, and another put in."""
    begin = draw(st.integers(0, len(WHOLE)))
    end = draw(st.integers(begin, min(begin + 200, len(WHOLE))))
    return WHOLE[:begin] + draw(PIECES) + WHOLE[end:]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken") / "evidence.json"


@given(data=st.one_of(st.binary(max_size=200), broken()))
@example(data=b"[" * 100_000)
@example(data=b'{"v":' + b"1" * 5000 + b"}")
@example(data=b"\xef\xbb\xbf" + WHOLE)
def test_broken_bytes_are_refused_in_a_sentence(path: Path, data: bytes) -> None:
    if agree(data):
        return
    path.write_bytes(data)
    with redirect_stdout(StringIO()) as said:
        assert verify_evidence.main([str(path), "--json"]) == 1
    report = json.loads(said.getvalue())
    assert report["verdict"] == "fails"
    assert re.fullmatch(r"[A-Z][^\n]*\.", report["reason"])
    assert "Error" not in report["reason"]
