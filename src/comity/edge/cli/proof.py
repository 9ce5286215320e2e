"""Proof: making evidence, verifying it, notarising files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.terminal import clean
from comity.edge.cli.words import FOOTING_WORDS, TLP_WORDS, count, instant, short, size
from comity.kernel import policy
from comity.kernel.errors import Refusal
from comity.kernel.evidence import LIMIT
from comity.kernel.evidence_report import Trust, Verdict
from comity.kernel.ids import PartyId, fingerprint, is_hex
from comity.services.casework import dossiers
from comity.services.identity import find, roster
from comity.services.proof import evidence
from comity.services.proof import notarise as notary

if TYPE_CHECKING:
    from comity.kernel.evidence_report import Report

app = typer.Typer()
UNCHECKED = 3
"""The exit code for "consistent, identity not checked", as of the independent verifier."""
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write it.")]
Known = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="A party whose fingerprint you compared; may be repeated."),
]


@command(app, "evidence")
def evidence_(
    run: Run,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="The start of its id.")],
    *,
    out: Out,
    content: Annotated[
        bool, typer.Option("--content", help="Show its words and files too.")
    ] = False,
    part: Annotated[
        list[int] | None,
        typer.Option(min=0, help="Show this part of its content; may be repeated."),
    ] = None,
) -> Answer:
    """Write a file that proves a message to anybody.

    It holds signatures, the place in the log, cosignatures and receipts; words and files only if
    you say so. Whoever gets it checks it with `comity verify`, or with the independent verifier.
    """
    id_ = find.act(run.node, message)
    with run.waiting("Making evidence"):
        data = evidence.make(run.node, id_, parts=evidence.ALL if content else part or ())
        report = evidence.verify(data)
    out.write_bytes(data)
    shown = f"{count(len(report.parts), 'part')} of its content" if report.parts else "no content"
    label = TLP_WORDS[report.act.header.tlp]
    return Answer(
        {"file": str(out), "bytes": len(data), **report.to_object()},
        [
            f"{out} proves message {short(id_)}, {size(len(data))}; it shows {shown}.",
            *_how_strong(report),
            f"The message is {label}: give the file only to whom that allows.",
        ],
    )


def _how_strong(report: Report) -> Iterator[str]:
    if report.size is None:
        yield "It is signed; its place in the log is not proven yet. Make it again later."
    else:
        yield f"It is entry {report.act.header.seq} of a log of {report.size:,}."
    for each in report.cosigned:
        yield f"  witnessed by {_name(report, each.party)} {instant(each.time)}"
    for got in report.received:
        whole = "with all its content" if got.whole else "without all its content"
        yield f"  received by {_name(report, got.party)} {instant(got.time)}, {whole}"


def _name(report: Report, party: PartyId) -> str:
    return f"{report.names.get(party, 'a party')} ({short(party)})"


@command(app, "verify")
def verify(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The evidence.")
    ],
    *,
    party: Known = None,
    witness: Known = None,
    quorum: Annotated[
        int | None, typer.Option(min=0, help="How many witnesses must have signed. [default: all]")
    ] = None,
    policy_file: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="A C2SP policy instead of witnesses."),
    ] = None,
    known: Annotated[
        bool, typer.Option("--known", help="Use the parties that the node in --dir accredited.")
    ] = False,
    of: Annotated[
        Path | None,
        typer.Option(
            "--of", metavar="FILE", exists=True, dir_okay=False, help="The file it is about."
        ),
    ] = None,
) -> Answer:
    """Verify an evidence file; no node is needed.

    Whose ids those are, and which witnesses count, comes from you: nothing in a file vouches for
    itself. Exit code 0: verified. 1: it fails, and what fails is named. 3: consistent, and you
    have to compare the fingerprints printed.
    """
    if file.stat().st_size > LIMIT:
        raise Refusal("W7", f"The file has more than {LIMIT} bytes.", str(file))
    trust = _trust(run, party or [], witness or [], quorum, policy_file, known=known)
    report = evidence.verify(file.read_bytes(), trust)
    if of is not None:
        notary.require_file(report, of)
    code = 0 if report.verdict is Verdict.VERIFIED else UNCHECKED
    return Answer(report.to_object(), _report_lines(report), code)


def _trust(
    run: Run,
    parties: list[str],
    witnesses: list[str],
    quorum: int | None,
    policy_file: Path | None,
    *,
    known: bool,
) -> Trust:
    if policy_file is not None and (witnesses or quorum is not None):
        raise Refusal("S4", "Give --policy, or --witness and --quorum, not both.")
    if quorum is not None and quorum > len(witnesses):
        raise Refusal("S4", "--quorum asks for more witnesses than are named with --witness.")
    own = {each.id: each for each in roster.everyone(run.node)} if known else {}
    accredited = {id_ for id_, each in own.items() if each.accredited_at or each.is_self}
    latest = {id_: dossiers.newest(run.node, id_) for id_ in own}
    return Trust(
        parties=frozenset(_party(run, text, known=known) for text in parties) | accredited,
        witnesses=frozenset(_party(run, text, known=known) for text in witnesses),
        quorum=len(witnesses) if quorum is None else quorum,
        policy=None if policy_file is None else policy.parse(policy_file.read_bytes()),
        latest={id_: view for id_, view in latest.items() if view is not None},
    )


def _party(run: Run, text: str, *, known: bool) -> PartyId:
    if is_hex(text):
        return PartyId(text)
    if known:
        return find.party(run.node, text)
    raise Refusal("S4", "Write the whole id, 64 digits; or use --known to name parties.", text)


def _report_lines(report: Report) -> Iterator[str]:
    header = report.act.header
    yield f"{report.verdict.value.upper()}"
    yield f"  {_name(report, header.party)} signed message {short(report.subject)}: {header.kind}"
    if header.kind == "record":
        guest, kind = header.body.get("guest"), header.body.get("kind")
        yield clean(f"  stating what a guest of it, {guest}, did: {kind}")
    yield f"  by its own clock {instant(header.time)}; {_proven(report)}"
    footing = FOOTING_WORDS[report.footing]
    yield f"  {report.protocol}, footing: {footing}, {TLP_WORDS[header.tlp]}"
    if header.realm is not None:
        yield f"  EXERCISE {clean(header.realm)}: not live"
    yield from (f"  {line.strip()}" for line in _how_strong(report))
    for part in report.parts:
        yield f"  part {part.part} shown: {size(part.size)}, SHA-256 {part.sha256}"
    if report.unknown:
        yield "Compare these fingerprints with the parties themselves, then name them with --party:"
    for party in report.unknown:
        yield f"  {_name(report, party)}: {fingerprint(party)}"


def _proven(report: Report) -> str:
    if report.proven_time is None:
        return "no time is proven"
    return f"proven to have been there by {instant(report.proven_time)}"


@command(app, "notarise")
def notarise(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="Any file.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The evidence. [default: FILE.proof]"),
    ] = None,
) -> Answer:
    """State that you hold a file, so that anyone can check when.

    Its hash goes into your log, your witnesses sign, and the evidence is written beside it. The
    file itself goes nowhere.
    """
    target = out or file.with_name(file.name + ".proof")
    with run.waiting(f"Notarising {file.name}"):
        done = notary.notarise(run.node, file)
    target.write_bytes(done.evidence)
    witnesses = len(run.node.settings.witnesses)
    value: dict[str, object] = {
        "id": done.act,
        "sha256": done.sha256,
        "size": done.size,
        "cosigned": done.cosigned,
        "witnesses": witnesses,
        "file": str(target),
    }
    return Answer(
        value,
        [f"Notarised {file.name}: {target}", f"  SHA-256 {done.sha256}", _told(done, witnesses)],
    )


def _told(done: notary.Notarised, witnesses: int) -> str:
    if not witnesses:
        return "  Logged; this node has no witnesses, so no time is proven by others."
    if done.cosigned < witnesses:
        return (
            f"  {done.cosigned} of {witnesses} witnesses have signed so far; for later ones: "
            f"comity evidence {short(done.act)} -o FILE"
        )
    return f"  {count(done.cosigned, 'witness', 'witnesses')} signed."
