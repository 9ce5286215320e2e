"""Care of a node: checking, copying, restoring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.parties import Party
from comity.edge.cli.proof import Out
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.secret import kit_text, kit_words, write_secret
from comity.edge.cli.words import count, short, size
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner
from comity.services.care import backup as copies
from comity.services.care import doctor, fsck, recall, recalling, rehearsal, restore
from comity.services.care import rebuild as anew
from comity.services.care.report import Level
from comity.services.identity import find, harden, keyring
from comity.services.identity.keyring import read_kit, signers_of
from comity.services.node import SETTINGS, Settings

if TYPE_CHECKING:
    from comity.services.care.recall import Recollection
    from comity.services.care.report import Finding, Report
    from comity.services.care.restore import Restored

app = typer.Typer()
SINGULAR = {"leaves": "leaf", "parties": "party"}
MARKS = {Level.ERROR: "WRONG", Level.WARNING: "CARE ", Level.NOTE: "note "}
KitFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="The codes of the kit, in a file."
    ),
]
Memory = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="What a party remembers, by `comity remember`; may be repeated.",
    ),
]
RootCode = Annotated[
    str, typer.Option(metavar="CODE", help="The root code of an evaluation node's kit.")
]
WITH_CODE = "comity confirm --root-code CODE, with the second code of the kit; it is in no backup."
WITH_KEYS = "comity ceremony, with as many holders of root keys as it takes."
NEXT = "Passwords are in no backup. What lacks one, and what else needs you: comity doctor"
ROOT_KEY = typer.Option(
    metavar="FILE", exists=True, dir_okay=False, help="A root key of 32 bytes; may be repeated."
)


@command(app, "fsck")
def fsck_(run: Run) -> Answer:
    """Check everything this node holds against what was signed.

    Nothing is changed, and the node goes on meanwhile. Exit code 1 when something is wrong.
    """
    with run.waiting("Checking") as tell:
        report = fsck.check(run.node, progress=tell)
    value: dict[str, object] = {
        "clean": report.clean,
        "counted": report.counted,
        "findings": [asdict(finding) for finding in report.findings],
    }
    return Answer(value, _report_lines(report), 0 if report.clean else 1)


def _report_lines(report: Report) -> Iterator[str]:
    looked = ", ".join(
        count(number, SINGULAR.get(what, what.removesuffix("s")), what)
        for what, number in sorted(report.counted.items())
    )
    yield f"Checked {looked}."
    for finding in report.findings:
        yield from _finding_lines(finding)
    yield "Everything is as it was signed." if report.clean else "Something is wrong."


def _finding_lines(finding: Finding) -> Iterator[str]:
    """Yield a finding as people read it: what, why, what to do."""
    yield f"{MARKS[finding.level]}  {finding.subject}: {finding.words}"
    if finding.why:
        yield f"       Why it matters: {finding.why}"
    for each in finding.commands:
        yield f"       What to do: {each}"


@command(app, "doctor")
def doctor_(run: Run) -> Answer:
    """Look at everything around this node and say what needs you.

    That is its database, disk, clock, peers, witnesses and backup. Nothing is changed. Exit code
    1 when something needs you.
    """
    report = doctor.examine(run.node)
    value: dict[str, object] = {
        "clean": report.clean,
        "findings": [asdict(finding) for finding in report.findings],
    }
    lines = [line for finding in report.findings for line in _finding_lines(finding)]
    last = "Nothing needs you." if report.clean else "Something needs you."
    return Answer(value, [*lines, last], 0 if report.clean else 1)


@command(app, "backup")
def backup(
    run: Run,
    target: Annotated[
        Path, typer.Argument(metavar="TARGET", help="A new folder, or a new file ending in .tar.")
    ],
) -> Answer:
    """Copy the node, without its keys, while it goes on.

    With the copy alone nobody can sign as this party: going on from it takes the spare-key kit.
    """
    with run.waiting("Copying") as tell:
        made = copies.backup(run.node, target=target, progress=tell)
    value: dict[str, object] = {"target": str(target), **asdict(made)}
    return Answer(
        value,
        [
            f"{target} holds a copy of {made.name}: {count(len(made.files), 'file')}.",
            "Keep it apart from the spare-key kit; `comity restore --from` goes on from it.",
        ],
    )


Rehearse = Annotated[
    Path | None,
    typer.Option(metavar="BACKUP", exists=True, help="Only try whether this backup is of use."),
]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="BACKUP", exists=True, help="Unpack this backup first."),
]
Kit = Annotated[
    str,
    typer.Option(
        metavar="CODE",
        help="The spare-key code; other users here could see it: --kit-file is safer.",
    ),
]
NewKitFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the next code to a new file, not the output."),
]
Ask = Annotated[str, typer.Option(metavar="URL", help="With nothing left: ask this party's node.")]
Database = Annotated[
    str,
    typer.Option(
        metavar="URI",
        help="With nothing left: a postgresql:// URI, not a file. With --rehearse: where the "
        "dump was loaded.",
    ),
]
Proxy = Annotated[
    str, typer.Option(metavar="URL", help="With nothing left: the HTTP proxy to get out by.")
]
Authorities = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="With nothing left: authorities to trust besides the machine's own.",
    ),
]


@command(app, "restore")
def restore_(
    run: Run,
    *,
    rehearse: Rehearse = None,
    source: From = None,
    kit: Kit = "",
    root_code: RootCode = "",
    kit_file: KitFile = None,
    new_kit_file: NewKitFile = None,
    ask: Ask = "",
    memory: Memory = None,
    database: Database = "",
    proxy: Proxy = "",
    ca: Authorities = None,
    root_key: Annotated[list[Path] | None, ROOT_KEY] = None,
) -> Answer:
    """Go on after a disk was lost or a backup put back.

    Closes the old log and goes on with the next, by the codes of the spare-key kit: what was
    signed stays signed, and nothing looks like a forgery. The node must not run meanwhile. With
    the root code of an evaluation node its root key confirms the new log at once.
    Without a backup, name the node of a party you work with: --ask URL. Or bring what others
    remember in files, --memory; they write them by `comity remember`.

    With --rehearse nothing is restored: the backup is unpacked beside the node, which goes on,
    checked as by `comity fsck`, and removed. Exit code 1 when it is of no use.
    """
    if rehearse is not None:
        return _rehearsed(run, rehearse, database)
    if new_kit_file is not None and new_kit_file.exists():
        raise Refusal("S4", "The file for the next kit is there already.", str(new_kit_file))
    code, root = _codes(run, kit, root_code, kit_file)
    memories = [recall.parse(path.read_bytes()) for path in memory or []]
    base = _base(database, proxy, ca)
    if ask and not (run.folder / SETTINGS).exists():
        out = run.make_ports(base if proxy or ca else None)
        memories.append(recalling.find(out, ask, signers_of(read_kit(code))))
    _prepare(run, source, memories, base)
    if not root and not root_key and run.can_ask and harden.lacks_soft_root(run.node):
        root = str(typer.prompt("The root code (empty if you do not have it)", default=""))
    with run.waiting("Restoring"):
        done = restore.restore(
            run.node,
            code=code,
            hand_over=partial(_hand_over, run, new_kit_file),
            recollect=recalling.ask,
            memories=memories,
            roots=_roots(root_key),
            root_code=root,
        )
    soft = harden.lacks_soft_root(run.node)
    lines = [*_restored_lines(done, new_kit_file, soft=soft), NEXT]
    return Answer(_restored_value(done, new_kit_file), lines)


def _base(database: str, proxy: str, ca: Path | None) -> Settings:
    """Return what a node made anew has that its node document does not say."""
    base = Settings("", "", proxy=proxy, ca=str(ca.resolve()) if ca is not None else "")
    return replace(base, database=database) if database else base


def _hand_over(run: Run, new_kit_file: Path | None, next_code: str) -> None:
    """Give the next kit to the person before anything is signed."""
    soft = keyring.root_code(run.node.keys.root())
    if new_kit_file is None:
        run.show([kit_words(next_code, soft)])
    else:
        write_secret(new_kit_file, kit_text(next_code, soft))


def _roots(files: list[Path] | None) -> list[SeedSigner]:
    seeds = [path.read_bytes() for path in files or []]
    if any(len(seed) != 32 for seed in seeds):
        raise Refusal("S4", "A root key file holds exactly 32 bytes.")
    return [SeedSigner(seed) for seed in seeds]


@command(app, "confirm")
def confirm(
    run: Run,
    *,
    root_key: Annotated[list[Path] | None, ROOT_KEY] = None,
    root_code: RootCode = "",
    kit_file: KitFile = None,
    keep: bool = False,
) -> Answer:
    """Confirm by root keys the log that a spare-key kit opened.

    An evaluation node takes the root code of the kit. With --keep the old log also keeps own
    messages that peers gave back since: look at them first, they are listed without it.
    """
    if kit_file is not None:
        _, in_file = keyring.read_codes(kit_file.read_text(encoding="utf-8"))
        root_code = root_code or in_file
    if root_code:
        harden.take_soft_root(run.node, root_code)
    late = harden.late_statements(run.node)
    soft = [key for key in [run.node.keys.root()] if key is not None]
    roots = _roots(root_key) or soft
    document = harden.confirm_succession(run.node, roots=roots, keep=late if keep else ())
    value: dict[str, object] = {"document": document, "late": late, "kept": keep}
    lines = ["The root keys have confirmed the newest log; others learn it with the next message."]
    what = "kept now" if keep else "not kept; --keep keeps them"
    lines += [f"  Message {short(id_)} at {seq} of log {log}: {what}" for log, seq, id_ in late]
    return Answer(value, lines)


@command(app, "rebuild")
def rebuild(run: Run) -> Answer:
    """Compute everything derived anew: states, duties, members, titles, search.

    Nothing that was signed is touched. `comity fsck` says when it is needed.
    """
    with run.waiting("Rebuilding") as tell:
        number = anew.rebuild(run.node, progress=tell)
    return Answer({"dossiers": number}, [f"Computed anew: {count(number, 'dossier')}."])


def _codes(run: Run, kit: str, root: str, kit_file: Path | None) -> tuple[str, str]:
    """Return the spare-key code and the root code, "" when it was not given."""
    if kit_file is not None:
        spare, in_file = keyring.read_codes(kit_file.read_text(encoding="utf-8"))
        return spare, root or in_file
    if kit:
        return kit, root
    if not run.can_ask:
        raise Refusal("S4", "Give the spare-key code with --kit or --kit-file.")
    return str(typer.prompt("The spare-key code")), root


def _prepare(run: Run, source: Path | None, memories: list[Recollection], base: Settings) -> None:
    """Make the folder a node again, when there is none in it."""
    if source is not None:
        copies.unpack(source, run.folder)
    elif memories and not (run.folder / SETTINGS).exists():
        restore.start_over(run.folder, run.make_ports(base), memories=memories, base=base)


def _rehearsed(run: Run, source: Path, database: str) -> Answer:
    with run.waiting("Trying") as tell:
        done, report = rehearsal.rehearse(run.node, source, database=database, progress=tell)
    value: dict[str, object] = {
        **asdict(done),
        "counted": report.counted,
        "findings": [asdict(finding) for finding in report.findings],
    }
    last = f"{source} can be restored." if done.sound else f"{source} is of no use as it is."
    return Answer(value, [*_report_lines(report), last], 0 if done.sound else 1)


def _restored_value(done: Restored, new_kit_file: Path | None) -> dict[str, object]:
    value = asdict(done)
    if new_kit_file is not None:
        value |= {"kit": None, "kit_file": str(new_kit_file)}
    return value


def _restored_lines(done: Restored, new_kit_file: Path | None, *, soft: bool) -> Iterator[str]:
    yield f"The node goes on with log {done.log}."
    if done.closing is not None:
        kept = count(len(done.closing.kept), "message")
        yield f"  The old log ends at {done.closing.size}; {kept} beyond it kept."
    yield f"  Found again: {done.found} · back in their dossiers: {done.taken}"
    for party, why in done.unreachable.items():
        yield f"  {short(party)} could not be asked: {why}"
    if done.awaits_root:
        yield "  The root keys have not confirmed the new log yet; others see that."
        yield f"  What to do: {WITH_CODE if soft else WITH_KEYS}"
    if new_kit_file is not None:
        yield f"The next spare-key kit is in {new_kit_file}. Print it, then delete the file."
    yield "The old kit is used up. Make a new backup now: comity backup TARGET"


@command(app, "remember")
def remember(run: Run, party: Party, *, out: Out) -> Answer:
    """Write what this node holds of a party that lost its memory.

    The file holds words that were meant for that party: give it to nobody else.
    """
    who = find.party(run.node, party)
    data = recall.remember(run.node, of=who).to_bytes()
    write_secret(out, data)
    value: dict[str, object] = {"party": who, "file": str(out), "bytes": len(data)}
    return Answer(
        value,
        [
            f"{out} holds what this node remembers of {party}, {size(len(data))}.",
            "Only that party may have it: comity restore --memory FILE",
        ],
    )
