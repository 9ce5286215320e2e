"""Making a node, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import people
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.secret import kit_text, kit_words, write_secret
from comity.edge.cli.words import count, instant
from comity.kernel import canon
from comity.kernel.errors import Refusal
from comity.kernel.ids import fingerprint
from comity.services.care import overview
from comity.services.delivery import work
from comity.services.identity import announce, keyring, parties, roster
from comity.services.node import Settings
from comity.services.people import persons
from comity.services.sharing import applying

if TYPE_CHECKING:
    from comity.services.care.overview import Status
    from comity.services.identity.parties import Made
    from comity.store.access.parties import LogRow

app = typer.Typer()
Endpoint = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="Where other parties reach this node; may be repeated."),
]
NAME_LIMIT = 120
WARNING = (
    "Who has the root code can replace all keys of this party, for good. Let nobody look on, write "
    "it down where the rest of the kit is, and clear the screen."
)


@command(app, "init")
def init(
    run: Run,
    *,
    name: Annotated[str, typer.Option(help="How your organisation calls itself.")],
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where `comity run` listens.")
    ] = "127.0.0.1:8440",
    endpoint: Endpoint = None,
    database: Annotated[
        str, typer.Option(metavar="URI", help="A postgresql:// URI instead of a file.")
    ] = "",
    cadence: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two checkpoints of the log.")
    ] = 300,
    proxy: Annotated[
        str, typer.Option(metavar="URL", help="The HTTP proxy by which this node gets out.")
    ] = "",
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Authorities to trust besides the machine's own.",
        ),
    ] = None,
    kit_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the kit to a new file instead of the output."),
    ] = None,
) -> Answer:
    """Make a node with a new party of its own.

    It begins softly: one root key, kept on this machine, and marked "evaluation" to others.
    """
    _require_possible(name, kit_file)
    base = Settings(
        party="",
        name=name,
        listen=listen,
        endpoints=tuple(endpoint or ()),
        cadence=round(cadence * 1000),
        proxy=proxy,
        ca=str(ca.resolve()) if ca is not None else "",
    )
    if database:
        base = replace(base, database=database)
    made = parties.init(run.folder, run.make_ports(), name=name, settings=base)
    if kit_file is not None:
        write_secret(kit_file, kit_text(made.kit, made.root))
    return _made(run, made, kit_file)


def _require_possible(name: str, kit_file: Path | None) -> None:
    """Raise Refusal S4 or K2 before anything is made."""
    if kit_file is not None and kit_file.exists():
        raise Refusal("S4", "The file for the kit is there already; name a new one.", str(kit_file))
    if not 1 <= len(name) <= NAME_LIMIT:
        raise Refusal("S4", f"A name has 1 to {NAME_LIMIT} characters.", "--name")
    canon.dump({"name": name})


def _made(run: Run, made: Made, kit_file: Path | None) -> Answer:
    """Say what was made, with the kit where it went into no file, and the first person's link."""
    me, name = made.node.me, made.node.settings.name
    link = people.address(run, persons.invite(made.node, None, codes=persons.FIRST))
    value: dict[str, object] = {
        "party": me,
        "name": name,
        "fingerprint": fingerprint(me),
        "dir": str(run.folder),
        "grade": "evaluation",
        "kit": made.kit if kit_file is None else None,
        "root_code": made.root if kit_file is None else None,
        "kit_file": None if kit_file is None else str(kit_file),
        "link": link,
    }
    where = f"The spare-key kit is in {kit_file}. Print it, then delete the file."
    return Answer(
        value,
        [
            f"{name} has a node in {run.folder}.",
            f"  Fingerprint  {fingerprint(me)}",
            "  Grade        evaluation: one root key, on this machine",
            kit_words(made.kit, made.root) if kit_file is None else where,
            "For the first person at the pages, once, within seven days:",
            f"  {link}",
            f"Next: `comity run --dir {run.folder}`, or `comity introduce URL` to meet a party.",
        ],
    )


@command(app, "address")
def address(
    run: Run,
    *,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where `comity run` listens from now on.")
    ] = "",
    endpoint: Endpoint = None,
) -> Answer:
    """Say where this node listens and where others reach it, or change that.

    What is changed holds when the node starts again; then it tells the others by itself.
    """
    settings = run.node.settings
    changes = bool(listen or endpoint)
    if changes:
        settings = announce.move(run.node, listen=listen, endpoints=endpoint or ())
    reached = ", ".join(settings.endpoints) or "nowhere: it accepts no connections"
    value: dict[str, object] = {"listen": settings.listen, "endpoints": [*settings.endpoints]}
    last = ["Start the node again: `comity run`. It tells the others."] if changes else []
    return Answer(
        value, [f"It listens on {settings.listen}.", f"Others reach it at {reached}.", *last]
    )


@command(app, "status")
def status(run: Run) -> Answer:
    """Say in one page how this node stands."""
    found = overview.status(run.node)
    me = roster.known(run.node, run.node.me)
    log = found.log
    return Answer(
        {"party": me.id, "name": me.name, "grade": me.grade, **found.to_object()},
        [
            f"{me.name} · {me.grade} · {me.fingerprint}",
            f"  Log {log.log}: {_log_words(log)}",
            f"  {_witness_words(found, len(run.node.settings.witnesses))}",
            f"  {count(found.dossiers, 'dossier')} with {count(found.parties, 'party', 'parties')}",
            f"  Open and yours: {count(found.duties, 'duty', 'duties')}",
            f"  Waiting to be sent: {found.queued}, for a receipt: {found.sent}",
            f"  Never arrived: {found.undeliverable}",
            f"  Waiting for earlier messages: {found.pending} · refused so far: {found.refused}",
        ],
    )


def _log_words(log: LogRow) -> str:
    entries = count(log.size, "entry", "entries") if log.size else "nothing yet"
    if not log.checkpoint_size:
        return f"{entries}; none can be proven before `comity run` has made a checkpoint"
    return (
        f"{entries}; the first {log.checkpoint_size:,} provable since {instant(log.checkpoint_at)}"
    )


def _witness_words(found: Status, named: int) -> str:
    if not named:
        return "No witness is named: nobody else confirms when something was said"
    if not found.log.checkpoint_size:
        return f"{count(named, 'witness', 'witnesses')} named, and nothing to confirm yet"
    return (
        f"{found.cosigned} of {count(named, 'witness', 'witnesses')} confirmed the last checkpoint"
    )


@command(app, "sync")
def sync(
    run: Run,
    rounds: Annotated[int, typer.Option(min=1, help="At most so many rounds.")] = 50,
) -> Answer:
    """Send and fetch now what waits, once; `comity run` does it all the time."""
    done = 0
    with run.waiting("Sending and fetching"):
        while done < rounds and work.work_once(run.node):
            done += 1
        # What came of circles is put on their shelves, and what was taken back is taken down.
        if applying.is_due(run.node):
            applying.work(run.node)
    found = overview.status(run.node)
    value: dict[str, object] = {"rounds": done, "queued": found.queued, "sent": found.sent}
    return Answer(
        value,
        [
            f"{count(done, 'round')} of sending and fetching."
            if done
            else "There was nothing to do.",
            f"Waiting to be sent: {found.queued}, for a receipt: {found.sent}.",
        ],
    )


@command(app, "keys")
def keys(
    run: Run,
    *,
    root_code: Annotated[
        bool, typer.Option("--root-code", help="Show the root code of the kit again.")
    ] = False,
    yes: Yes = False,
) -> Answer:
    """List the keys of this node, and what can be done about them.

    While the root key is on this machine (grade evaluation), --root-code shows the second code of
    the spare-key kit again. The first is kept nowhere.
    """
    found = overview.keys(run.node)
    code = _root_code(run, yes=yes) if root_code else ""
    lines = [
        f"Log {each.log} ({'closed' if each.closed else 'open'}; private keys "
        f"{'here' if each.here else 'not here'})\n  act         {each.act}\n"
        f"  checkpoint  {each.checkpoint}\n  witness     {each.witness}"
        for each in found.logs
    ]
    root = "on this machine" if found.root_here else "kept offline"
    return Answer(
        found.to_object() | ({"root_code": code} if code else {}),
        [
            f"Root keys: {found.threshold} of {len(found.roots)}, {root} · grade {found.grade}",
            *(f"  {key}" for key in found.roots),
            *lines,
            "To give the root keys to people, or to replace them: `comity ceremony`.",
            *([f"The root code: {code}"] if code else []),
        ],
    )


def _root_code(run: Run, *, yes: bool) -> str:
    """Return the root code, after a warning. Raises Refusal S4."""
    code = keyring.root_code(run.node.keys.root())
    if not code:
        raise Refusal("S4", "The root key is not on this machine, and so its code is not either.")
    run.show([WARNING])
    if not yes and not run.can_ask:
        raise Refusal("S4", "Nothing was shown: nobody can be asked here. Add --yes to see it.")
    if not yes and not typer.confirm("Show it?", default=False):
        raise Refusal("S4", "Nothing was shown: you said no.")
    return code
