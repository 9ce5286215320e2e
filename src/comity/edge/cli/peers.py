"""Other TAXII servers: which are pulled from and pushed to, and turning to them now."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from comity.edge.cli import terminal
from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.words import TLP_WORDS, count, instant, read_tlp
from comity.kernel.errors import Refusal
from comity.services.sharing import overview, peers, rounds
from comity.services.sharing.peers import EVERY, Direction, Peer, Standing
from comity.services.sharing.pulling import Pulled
from comity.services.sharing.pushing import Pushed
from comity.services.sharing.rounds import Round
from comity.store.access import exchanges

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="peer")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The peer.")]
_SHOWN = 20
"""The most told of what a server did not take."""


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Name other TAXII servers to pull from or push to, or turn to one now."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A file that holds the password. [default: it is asked for]",
    ),
]


Url = Annotated[str, typer.Argument(metavar="URL", help="Its discovery, or an API root.")]
New = Annotated[str, typer.Argument(metavar="NAME", help="What it is called here.")]
There = Annotated[
    str, typer.Option("--collection", metavar="ID", help="There. [default: the only one]")
]
What = Annotated[Direction, typer.Option("--direction", metavar="WHAT", help="pull, push or both.")]
User = Annotated[str, typer.Option("--user", metavar="USER", help="Its user.")]
Into = Annotated[
    str, typer.Option("--into", metavar="INTAKE", help="What takes it. [default: NAME]")
]
Unmarked = Annotated[
    str, typer.Option("--unmarked", metavar="TLP", help="What counts where no label is.")
]
From = Annotated[
    str,
    typer.Option("--from", metavar="COLLECTION", help="What is pushed: a collection or circle."),
]
Ceiling = Annotated[
    str, typer.Option("--tlp", metavar="TLP", help="The strictest label that is pushed.")
]
Readers = Annotated[
    Standing,
    typer.Option("--readers", metavar="WHO", help="Who reads there: anyone, accredited, or own."),
]
Every = Annotated[int, typer.Option("--every", metavar="MINUTES", help="Between two turns.")]


@command(group, "add")
def add(
    run: Run,
    name: New,
    url: Url,
    *,
    collection: There = "",
    direction: What = Direction.PULL,
    user: User = "",
    password_file: PasswordFile = None,
    into: Into = "",
    unmarked: Unmarked = "amber",
    shelf: From = "",
    ceiling: Ceiling = "clear",
    standing: Readers = Standing.ANYONE,
    every: Every = EVERY,
) -> Answer:
    """Name a TAXII server to pull from or push to, or describe it anew.

    What is pushed is TLP:CLEAR, unless --readers says that only accredited parties read there
    (up to green), or that it is a system of this party alone (up to amber+strict).
    """
    peer = Peer(
        name=name,
        url=url,
        direction=direction,
        collection=collection,
        user=user,
        every=every,
        unmarked=read_tlp(unmarked),
        into="" if direction is Direction.PUSH else into or name,
        shelf=overview.find_shelf(run.node, shelf).id if shelf else "",
        ceiling=read_tlp(ceiling),
        standing=standing,
    )
    peers.add(run.node, peer, _password(run, user, password_file))
    told = f"{name} is turned to every {count(every, 'minute')} while `comity run` goes on."
    return Answer(_shown(run, peer), [told, f"Now: comity peer run {name}"])


def _password(run: Run, user: str, file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if not user:
        return ""
    if not run.can_ask:
        raise Refusal("S4", "Name the file of the password with --password-file.", user)
    return getpass.getpass(f"Password of {terminal.line(user)}: ")


@command(group, "password")
def password(run: Run, name: Name, *, password_file: PasswordFile = None) -> Answer:
    """Give a peer's password anew: it changed, or a backup was put back, which holds none."""
    peer = peers.require(run.node, name)
    peers.set_password(run.node, name, _password(run, peer.user, password_file))
    return Answer({"name": name, "user": peer.user}, [f"Kept. Now: comity peer run {name}"])


@command(group, "list")
def list_(run: Run) -> Answer:
    """List the peers: what is done with them, and how the last turn went."""
    shown = [_shown(run, peer) for peer in peers.read(run.folder)]
    lines = [line for each in shown for line in _lines(each)]
    return Answer({"peers": shown}, lines or ["There is no peer. `comity peer add` names one."])


def _shown(run: Run, peer: Peer) -> dict[str, object]:
    row = exchanges.exchange(run.node.db, peer.key)
    states = exchanges.counts(run.node.db, peer.key)
    return {
        "name": peer.name,
        "url": peer.url,
        "direction": peer.direction.value,
        "collection": peer.collection,
        "into": peer.into,
        "from": peer.shelf,
        "every": peer.every,
        "unmarked": peer.unmarked.value,
        "tlp": peer.ceiling.value,
        "readers": peer.standing.value,
        "ran_at": row.ran_at or None,
        "next_at": row.next_at or None,
        "failed": row.failed,
        "told": row.told,
        "sent": states.get(exchanges.SENT, 0),
        "not_taken": states.get(exchanges.FAILED, 0),
        "not_removed": states.get(exchanges.KEPT, 0),
    }


def _lines(each: dict[str, object]) -> list[str]:
    ran = each["ran_at"]
    last = f"last turn {instant(ran)}" if isinstance(ran, int) else "not turned to yet"
    lines = [f"{each['name']}: {each['direction']}, {each['url']}; {last}"]
    if each["told"]:
        lines.append(terminal.line(f"  failed: {each['told']}"))
    if each["direction"] != Direction.PULL:
        label = TLP_WORDS[read_tlp(str(each["tlp"]))]
        lines.append(
            f"  up to {label}: {each['sent']} there, {each['not_taken']} not taken, "
            f"{each['not_removed']} not removed there"
        )
    return lines


@command(group, "remove")
def remove(run: Run, name: Name) -> Answer:
    """Forget a peer and its password; what was pulled stays here, what was pushed stays there."""
    peers.remove(run.node, name)
    return Answer({"removed": name}, [f"{name} is forgotten, and its password with it."])


@command(group, "run")
def run_(
    run: Run,
    name: Name,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Push again what the server did not take.")
    ] = False,
) -> Answer:
    """Turn to a peer now: pull what is new, push what it lacks.

    Exit code 1 where that failed, or the server did not take or remove something.
    """
    peer = peers.require(run.node, name)
    if again:
        rounds.forget_failed(run.node, peer)
    with run.waiting("Turning to the peer") as tell:
        done = rounds.run(run.node, peer, tell)
    value, lines = _told(peer, done)
    if done.pushed is None or not (done.pushed.failed or done.pushed.kept):
        return Answer(value, lines)
    states = [exchanges.FAILED, exchanges.KEPT]
    rows = exchanges.given(run.node.db, peer.key, states, _SHOWN)
    value["refused"] = [{"id": row.stix_id, "told": row.told} for row in rows]
    return Answer(value, [*lines, *(f"{row.stix_id}: {row.told}" for row in rows)], code=1)


@command(app, "pull")
def pull(
    run: Run,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One peer. [default: all]")] = "",
) -> Answer:
    """Pull from peers now; who was interrupted goes on from there.

    Exit code 1 where one of them failed; the others are pulled from all the same.
    """
    chosen = [peers.require(run.node, name)] if name else peers.read(run.folder)
    chosen = [peer for peer in chosen if peer.pulls]
    values, lines, failed = [], [], False
    with run.waiting("Pulling") as tell:
        for peer in chosen:
            try:
                value, told = _told(peer, rounds.run(run.node, peer, tell, push=False))
            except Refusal as refusal:
                failed = True
                value = {"name": peer.name, "refused": refusal.shape()}
                told = [f"{peer.name}: {refusal.reason} (rule {refusal.rule})"]
            values.append(value)
            lines += told
    told_none = ["There is no peer to pull from. `comity peer add` names one."]
    return Answer({"peers": values}, lines or told_none, code=1 if failed else 0)


def _told(peer: Peer, done: Round) -> tuple[dict[str, object], list[str]]:
    value: dict[str, object] = {"name": peer.name}
    lines = []
    if done.pulled is not None:
        value["pulled"] = _pulled(done.pulled)
        lines.append(f"{peer.name}: {_pulled_words(done.pulled)}")
    if done.pushed is not None:
        value["pushed"] = _pushed(done.pushed)
        lines.append(f"{peer.name}: {_pushed_words(done.pushed)}")
    return value, lines


def _pulled(done: Pulled) -> dict[str, object]:
    return {
        "pages": done.pages,
        "objects": done.objects,
        "held": done.held,
        "own": done.own,
        "flaws": done.flaws,
        "more": done.more,
    }


def _pulled_words(done: Pulled) -> str:
    told = f"{count(done.objects, 'object')} new, {done.held} here before"
    told += f", {done.own} of this node's own" if done.own else ""
    told += f", {done.flaws} not taken" if done.flaws else ""
    return f"{told}{'; there is more' if done.more else ''}."


def _pushed(done: Pushed) -> dict[str, object]:
    return {
        "sent": done.sent,
        "not_taken": done.failed,
        "waiting": done.waiting,
        "removed": done.removed,
        "not_removed": done.kept,
    }


def _pushed_words(done: Pushed) -> str:
    told = f"{count(done.sent, 'object')} pushed"
    told += f", {done.waiting} not settled there yet" if done.waiting else ""
    told += f", {done.failed} not taken" if done.failed else ""
    told += f", {done.removed} removed there" if done.removed else ""
    return f"{told}{f', {done.kept} not removed there' if done.kept else ''}."
