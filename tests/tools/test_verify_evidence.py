"""The independent verifier says what the kernel says, and notices every bit that is changed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from nacl import bindings

from comity.kernel import checkpoint, evidence, quorum
from comity.kernel.errors import Refusal
from comity.kernel.evidence import Evidence, Shown
from comity.kernel.evidence_check import verify
from comity.kernel.evidence_report import Trust
from comity.kernel.ids import PartyId, fingerprint
from comity.kernel.label import Footing
from tests.kernel.refusals import flip
from tests.kernel.shown import (
    LACKING,
    SPOILED,
    UNKNOWN,
    WITNESSED,
    Story,
    closing,
    node_document,
    of_another_form,
    story,
    with_lines,
)
from tests.kernel.test_evidence import evidence_of_copied_key
from tests.kernel.test_quorum import LINES, seen
from tests.kernel.world import Party, documents_of, refused, replica
from tools import verify_evidence

PROGRAM = Path(verify_evidence.__file__)
BROKEN = (
    verify_evidence.FailsError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What main reports as a failure."""

# Where the two name different rules for the same refusal: the verifier has fewer of them.
OTHER_RULE = {
    "a_second_signature": "K5",
    "a_cosignature_at_no_time": "W7",
    "a_cosignature_beyond_every_calendar": "W7",
    "data_that_no_signature_covers": "W1",
    "a_document_with_an_idle_signature": "K5",
    "a_document_shown_twice": "K8",
    "a_document_with_a_signature_twice": "W7",
    "a_statement_among_the_documents": "K8",
    "a_document_among_the_statements": "K4",
    "a_path_to_no_closing": "W3",
    "a_node_document_before_the_charter": "W7",
    "no_charter": "W7",
    "a_receipt_before_the_charter": "W7",
    "parts_out_of_order": "K15",
}


def report(made: Evidence | bytes, trust: Trust) -> dict[str, Any]:
    """Return the verifier's report. Raises one of BROKEN."""
    data = made if isinstance(made, bytes) else made.to_bytes()
    case = verify_evidence.Case(data)
    return case.report({*trust.parties}, {*trust.witnesses}, trust.quorum)


def run(path: Path, *args: str, made: Evidence | bytes) -> int:
    """Run the verifier's command line on a file of this evidence."""
    path /= "evidence.json"
    path.write_bytes(made if isinstance(made, bytes) else made.to_bytes())
    return verify_evidence.main([str(path), *args])


def ids(trust: Trust) -> list[str]:
    """Return the arguments that say what the verifier knows."""
    known = [arg for party in sorted(trust.parties) for arg in ("--party", party)]
    known += [arg for party in sorted(trust.witnesses) for arg in ("--witness", party)]
    return [*known, "--quorum", str(trust.quorum)]


# It says what the kernel says.


def closed_log() -> Story:
    told = story()
    told.author.succeed(closing(told.author, 16))
    return told


def later_closing() -> Story:
    told = story()
    told.author.leaves[1] += [bytes(32)] * 16
    told.author.succeed(closing(told.author, 32))
    return told


def path_to_the_closing() -> Evidence:
    told = story()
    path = told.close_later(80)
    return told.evidence(told.first, told.shown(closing=path))


def only_the_closing() -> Evidence:
    told = story()
    path = told.close_later()
    return told.evidence(told.first, told.shown(proof=None, closing=path))


def a_copied_key() -> Evidence:
    told, thief = story(), Party("sarivane")
    documents = evidence_of_copied_key(thief, told.witness)
    stolen = checkpoint.cosign(
        told.checkpoint.checkpoint,
        checkpoint.witness_name(thief.id, 1),
        WITNESSED + 5,
        told.witness.signer("witness"),
    )
    shown = with_lines(told, *told.checkpoint.signatures, stolen)
    made = told.evidence(told.first, shown)
    return replace(made, documents=(*told.documents, *documents))


def kept() -> Story:
    told = story()
    told.author.succeed(closing(told.author, 1, told.act))
    return told


def confirmed() -> Story:
    told = story(log=closing(story().author, 2))
    told.author.confirm()
    return told


def shown_whole() -> Evidence:
    told = story(before=40)
    name = node_document(told.receiver, "Tolmere", 1)
    whole = told.shown(parts=told.shown_parts(0, 1, 2))
    return told.evidence(told.first, whole, told.receipt(told.act), name)


def self_witnessed() -> Evidence:
    told = story()
    told.checkpoint = told.cosign(told.author, told.receiver, told.witness, told.witness)
    return told.evidence()


def further_act() -> Evidence:
    told = story()
    dossier = replica(told.charter, documents_of(told.author, told.receiver), [told.act])
    reply = told.receiver.say(dossier, "mark", {"of": told.act.id})
    return told.evidence(told.first, told.shown(), Shown(reply.envelope))


CASES = {
    "act, proof, part and receipt": story().evidence(),
    "lowered footing": story(footing=Footing.WITHOUT_PREJUDICE).evidence(),
    "a second log": story(log=closing(story().author, 2)).evidence(),
    "a second log, confirmed": confirmed().evidence(),
    "a closed log": closed_log().evidence(),
    "a log closed later": later_closing().evidence(),
    "a path to the closing": path_to_the_closing(),
    "a path to the closing alone": only_the_closing(),
    "a witness key copied": a_copied_key(),
    "an act kept beyond the closing": kept().evidence(),
    "everything of a long log": shown_whole(),
    "witnessed by itself": self_witnessed(),
    "a further act": further_act(),
    "the charter": replace(
        story().evidence(story().first, story().receipt()), subject=story().charter.id
    ),
}
THIEF = Party("sarivane")
evidence_of_copied_key(THIEF, story().witness)
TRUSTS = {
    "no": Trust(),
    "one party's": Trust(frozenset({story().author.id})),
    "the parties'": replace(story().trust, witnesses=frozenset(), quorum=0),
    "the parties' and the witness's": replace(story().trust, quorum=0),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("trust", TRUSTS)
def test_both_verifiers_report_the_same(case: str, trust: str) -> None:
    mine = report(CASES[case], TRUSTS[trust])
    full = verify(CASES[case], TRUSTS[trust]).to_object()
    assert mine == {name: full[name] for name in mine}
    assert full.keys() - mine.keys() == {"names", "documents", "member"}


@pytest.mark.parametrize("wanted", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_both_verifiers_count_the_same_witnesses(case: str, wanted: int) -> None:
    told = story()
    witnesses = frozenset({told.witness.id, told.receiver.id, told.author.id, THIEF.id})
    trust = Trust(told.trust.parties, witnesses, wanted)
    full, mine = kernel_says(CASES[case], trust), verifier_says(CASES[case], trust)
    assert mine == (full if isinstance(full, str) else {name: full[name] for name in mine})


@given(LINES)
def test_both_verifiers_count_alike(lines: list[tuple[int, str, str]]) -> None:
    others = sorted(line for line in lines if line[1] != "log")
    assert verify_evidence.most(others) == len(quorum.count(seen(*lines), log=PartyId("log")).times)


def kernel_says(made: Evidence, trust: Trust) -> Any:
    """Return the kernel's report, or the rule by which it refuses."""
    try:
        return verify(made, trust).to_object()
    except Refusal as refusal:
        return refusal.rule


def verifier_says(made: Evidence, trust: Trust) -> Any:
    """Return the verifier's report, or the rule by which it fails."""
    try:
        return report(made, trust)
    except BROKEN as error:
        return error.args[0] if isinstance(error, verify_evidence.FailsError) else "K4"


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_evidence_fails_by_the_same_rule(name: str) -> None:
    rule, spoil = SPOILED[name]
    told = story()
    made = spoil(told)
    assert verifier_says(made, told.trust) == OTHER_RULE.get(name, rule)


@pytest.mark.parametrize("name", [*UNKNOWN, *LACKING])
def test_a_payload_has_exactly_its_fields(name: str) -> None:
    told = story()
    made = (UNKNOWN | LACKING)[name](told)
    assert verifier_says(made, replace(told.trust, quorum=0)) == "K4"


def test_what_is_signed_again_unchanged_is_verified() -> None:
    told = story()
    made = of_another_form("act", lambda _: None)(told)
    assert report(made, replace(told.trust, quorum=0))["verdict"] == "verified"


# It notices every bit.


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what was done: one bit changes one envelope, and the others are the same again."""
    for name in ("crypto_sign_open", "crypto_core_ed25519_is_valid_point"):
        monkeypatch.setattr(bindings, name, cache(getattr(bindings, name)))
    read = verify_evidence.envelope

    @cache
    def remembered(text: str) -> dict[str, Any]:
        return read(json.loads(text))

    # The verifier adds to what it has read: it is given a copy.
    monkeypatch.setattr(
        verify_evidence, "envelope", lambda value: dict(remembered(json.dumps(value)))
    )


SLICES = 8
EACH = [
    pytest.param(part, marks=pytest.mark.long if part % 4 else pytest.mark.slow)
    for part in range(SLICES)
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("part", EACH)
def test_every_changed_bit_fails(part: int) -> None:
    told = story()
    told.checkpoint = told.cosign(told.receiver)
    made = replace(told.evidence(), documents=(*told.author.envelopes, *told.receiver.envelopes))
    data, witnesses = made.to_bytes(), frozenset({told.receiver.id})
    trust = Trust(frozenset({told.author.id}), witnesses, 1)
    assert report(data, trust)["verdict"] == "verified"
    for bit in range(part, 8 * len(data), SLICES):
        with pytest.raises(BROKEN):
            report(flip(data, bit), trust)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("case", ["a second log", "a path to the closing"])
def test_every_changed_bit_of_a_byte_fails_without_trust_too(case: str) -> None:
    data = CASES[case].to_bytes()
    for byte in range(len(data)):
        with pytest.raises(BROKEN):
            report(flip(data, 8 * byte + byte % 8), Trust())


def test_the_kernel_notices_what_the_verifier_notices() -> None:
    told = story()
    data = told.evidence().to_bytes()
    for bit in range(0, 8 * len(data), 61):
        with pytest.raises(Refusal):
            verify(evidence.parse(flip(data, bit)), told.trust)


@pytest.mark.parametrize("mark", ["\r", "\x0b", "\x1c", "\x85", "\u2028"])
def test_no_line_ends_but_by_a_line_feed(mark: str) -> None:
    told = story()
    file = json.loads(told.evidence().to_bytes())
    shown = file["statements"][1]
    for text in (shown["proof"][:-1] + mark + "\n", shown["proof"].replace("=\n—", f"={mark}\n—")):
        shown["proof"] = text
        data = verify_evidence.dump(file).encode()
        with pytest.raises(BROKEN):
            report(data, told.trust)
        with pytest.raises(Refusal):
            evidence.parse(data)


def test_no_parts_are_shown_by_leaving_them_out() -> None:
    told = story()
    file = json.loads(told.evidence().to_bytes())
    file["statements"][1]["parts"] = []
    data = verify_evidence.dump(file).encode()
    with pytest.raises(BROKEN):
        report(data, told.trust)
    with pytest.raises(Refusal):
        evidence.parse(data)


def test_a_file_cut_short_fails() -> None:
    told = story()
    data = told.evidence().to_bytes()
    for size in range(0, len(data), 97):
        with pytest.raises(BROKEN):
            report(data[:size], told.trust)


# The command.


def test_verified_is_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story()
    assert run(tmp_path, *ids(told.trust), made=told.evidence()) == 0
    said = capsys.readouterr().out
    assert said.startswith("verdict      verified\n")
    assert "footing      technical\n" in said
    assert "proven_time  2023-11-14 22:15:00 UTC\n" in said
    assert f"received     party {told.receiver.id}, time 2023-11-14 22:13:20 UTC" in said


def test_an_unknown_party_is_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story()
    assert run(tmp_path, "--party", told.author.id, made=told.evidence()) == 3
    said = capsys.readouterr().out
    assert "consistent, identity not checked" in said
    assert f"{told.receiver.id} {fingerprint(told.receiver.id)}" in said
    assert run(tmp_path, made=told.evidence()) == 3
    assert run(tmp_path, "--party", Party("sarivane").id, made=told.evidence()) == 3


def test_a_witness_given_is_needed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story()
    everyone = ["--party", told.author.id, "--party", told.receiver.id]
    both = ["--witness", told.witness.id, "--witness", Party("sarivane").id]
    assert run(tmp_path, *everyone, *both, made=told.evidence()) == 0
    assert run(tmp_path, *everyone, *both[2:], made=told.evidence()) == 1
    assert run(tmp_path, *everyone, *both, "--quorum", "2", made=told.evidence()) == 1
    assert "W5" in capsys.readouterr().out
    assert run(tmp_path, *everyone, *both[2:], "--quorum", "0", made=told.evidence()) == 0


def test_what_fails_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story()
    _, spoil = SPOILED["a_changed_signature"]
    assert run(tmp_path, made=spoil(told)) == 1
    said = capsys.readouterr().out
    assert "verdict      fails\nrule         K5\n" in said
    assert f"subject      {told.act.id}" in said


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"v":1}'])
def test_what_is_no_evidence_fails(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, made=data) == 1
    assert "fails" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rule", "now", "then"),
    [
        ("K19", b'"v":1}', b'"v":0}'),
        ("K19", b"act.v1+json", b"act.v0+json"),
        ("K17", b'"v":1}', b'"v":2}'),
        ("K17", b"act.v1+json", b"act.v2+json"),
    ],
)
def test_another_format_is_refused_by_the_same_rule(
    rule: str, now: bytes, then: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = story().evidence().to_bytes()
    assert now in data
    assert run(tmp_path, made=data.replace(now, then)) == 1
    assert f"rule         {rule}\n" in capsys.readouterr().out
    with refused(rule):
        evidence.parse(data.replace(now, then))


def test_the_report_is_printed_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = story()
    assert run(tmp_path, *ids(told.trust), "--json", made=told.evidence()) == 0
    assert json.loads(capsys.readouterr().out) == report(told.evidence(), told.trust)


@pytest.mark.parametrize("args", [[], ["--quorum", "many"], ["nowhere.json"]])
def test_wrong_usage_is_two(args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        verify_evidence.main(args)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_time_beyond_the_calendar_is_printed_as_a_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = story(time=2**53 - 1)
    assert run(tmp_path, made=told.evidence(told.first, told.shown())) == 3
    assert f"time         {2**53 - 1}\n" in capsys.readouterr().out


def test_it_runs_as_a_program_of_its_own(tmp_path: Path) -> None:
    told = story()
    path = tmp_path / "evidence.json"
    path.write_bytes(told.evidence().to_bytes())
    # From another folder and isolated (-I), so that nothing of this project can be imported.
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM), str(path), *ids(told.trust)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


# What it promises to be.


def test_it_is_short_enough_to_be_read() -> None:
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) <= 360


def test_it_imports_nothing_of_the_product() -> None:
    tree = ast.parse(PROGRAM.read_bytes())
    modules = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "comity" not in modules
    assert modules - sys.stdlib_module_names == {"nacl"}
