"""The root ceremony, step by step: `comity ceremony` says where it stands and what comes next."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from comity.edge.cli import guide, holder
from comity.edge.cli.run import Answer, Dir, Json, Run, command, run_of
from comity.kernel.errors import Refusal
from comity.services.identity import ceremony, holders, holding

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)
app.add_typer(group, name="ceremony")

Who = Annotated[str, typer.Argument(metavar="WHO", help="How the holder is called here.")]
Code = Annotated[str, typer.Option(metavar="CODE", help="The code itself.")]
CodeFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A file that holds the code.")
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write what holders sign.")]


@group.callback()
def _state(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Give the root keys to people, or say how they stand and what comes next.

    A ceremony makes new root keys: from the one key of an evaluation node to a number of holders,
    of whom some are needed; later, other holders. Every step can be stopped and gone on with.
    """
    if ctx.invoked_subcommand is None:
        run = run_of(ctx, folder, as_json=as_json)
        run.finish(_answer(run))
    elif folder is not None:
        ctx.find_root().obj.folder = folder


def _answer(run: Run, *first: str) -> Answer:
    """Return how the ceremony stands, after what was just done."""
    found = holding.state(run.node)
    value: dict[str, object] = {
        "step": found.step.value,
        "grade": found.grade,
        "holders": [asdict(each) for each in found.holders],
        "old": asdict(found.old),
        "new": asdict(found.new),
        "proposal": found.proposal.id if found.proposal is not None else None,
        "spoken": found.proposal.spoken if found.proposal is not None else None,
        "stale": found.stale,
        "awaits_root": found.awaits,
    }
    return Answer(value, [*first, *guide.lines(found)])


@command(group, "begin")
def begin(
    run: Run,
    *,
    threshold: Annotated[
        int, typer.Option(metavar="NUMBER", help="How many holders shall be needed: 2 to 8.")
    ],
) -> Answer:
    """Begin a ceremony, or change how many holders shall be needed.

    It starts with the holders of today; an evaluation node has none.
    """
    ceremony.begin(run.node, threshold)
    return _answer(run, "The ceremony has begun.")


command(group, "key")(holder.key)


@command(group, "add")
def add(run: Run, who: Who, file: CodeFile = None, *, code: Code = "") -> Answer:
    """Name a holder of a new root key, by the holder code."""
    ceremony.add(run.node, label=who, code=_code(file, code))
    return _answer(run, f"{who} is a holder from the next root document on.")


@command(group, "drop")
def drop(run: Run, who: Who) -> Answer:
    """Let a holder go, named by label or by the first digits of the key."""
    ceremony.drop(run.node, who)
    return _answer(run, f"{who} is no holder from the next root document on.")


@command(group, "replace")
def replace(
    run: Run,
    who: Who,
    other: Annotated[str, typer.Argument(metavar="NEW", help="How the new holder is called.")],
    file: CodeFile = None,
    *,
    code: Code = "",
    out: Out = None,
) -> Answer:
    """Replace one holder by another: begin, drop, add and propose, in one step.

    As many holders are needed as today.
    """
    given = _code(file, code)
    ceremony.begin(run.node, holding.state(run.node).old.need)
    ceremony.drop(run.node, who)
    ceremony.add(run.node, label=other, code=given)
    return propose(run, out=out)


@command(group, "propose")
def propose(
    run: Run,
    *,
    out: Out = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep own messages that came back after a restore.")
    ] = False,
) -> Answer:
    """Draw up the next root document, for the holders to sign; the same one when asked again.

    The one key of an evaluation node signs it at once.
    """
    made = ceremony.propose(run.node, keep=keep)
    lines = []
    if out is not None:
        out.write_bytes(made.to_bytes())
        lines = [f"The proposal is in {out}. It holds no secret."]
    return _answer(run, *lines)


command(group, "sign")(holder.sign)


@command(group, "take")
def take(run: Run, file: CodeFile = None, *, code: Code = "") -> Answer:
    """Take in a signature that a holder brought."""
    who = ceremony.take(run.node, _code(file, code))
    return _answer(run, f"{who.label or who.key} has signed.")


@command(group, "publish")
def publish(
    run: Run,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Signature codes to be taken in first."),
    ] = None,
) -> Answer:
    """Put the new root keys in force, when enough of the old and of the new ones have signed.

    Signatures in files are taken in first; those that came already are passed over.
    """
    for file in files or []:
        _take_new(run, file.read_text(encoding="utf-8"))
    silent = [*guide.silent(holding.state(run.node))]
    soft = run.node.keys.root() is not None
    document = ceremony.publish(run.node)
    answer = _answer(run, "The new root keys are in force. A running node tells the others now.")
    answer.value["document"] = document
    used = "The root key is off this machine; the root code of the old kit is worth nothing now."
    answer.lines = [*([used] if soft else []), *silent, *answer.lines]
    return answer


def _take_new(run: Run, code: str) -> None:
    came = {each.key for each in holding.state(run.node).holders if each.signed}
    if holders.read_signature(code).key not in came:
        ceremony.take(run.node, code)


@command(group, "cancel")
def cancel(run: Run) -> Answer:
    """Put away the ceremony that is under way; the root keys stay as they are."""
    ceremony.cancel(run.node)
    return _answer(run, "The ceremony is put away. Nothing has changed.")


def _code(file: Path | None, code: str) -> str:
    if (file is None) == (not code):
        raise Refusal("S4", "Give the code in a file, or with --code.")
    return code or file.read_text(encoding="utf-8")  # type: ignore[union-attr]
