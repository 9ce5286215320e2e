"""Guests: letters to people without a node, and what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.words import instant, short
from comity.kernel.errors import Refusal
from comity.services.casework import guests, letters, lettertext, sendable
from comity.services.casework.guests import DAYS, Addressee
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.store.access.guests import GuestRow

app = typer.Typer()
ONCE = "The address is not shown again. Whoever has it can answer in the guest's place."
ABSENT = "…"


@command(app, "guest")
def guest(
    run: Run,
    message: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="What you said: the start of its id.")
    ] = "",
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="Whom you write to.")] = "",
    mail: Annotated[str, typer.Option(metavar="ADDRESS", help="Where: an address of mail.")] = "",
    language: Annotated[
        list[str] | None,
        typer.Option("--in", metavar="LANGUAGE", help="As ar, en or zh-hans; given twice."),
    ] = None,
    days: Annotated[int, typer.Option(help="How many days the link works, at most 90.")] = DAYS,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write the letter to be printed there."),
    ] = None,
    of: Annotated[str, typer.Option("--of", metavar="DOSSIER", help="List its letters.")] = "",
    renew: Annotated[
        str, typer.Option(metavar="LETTER", help="Give it another address, if it was not answered.")
    ] = "",
    revoke: Annotated[str, typer.Option(metavar="LETTER", help="Revoke its link at once.")] = "",
    yes: Yes = False,
) -> Answer:
    """Send what you said to someone without a node, by a letter with one link.

    By the link the letter is read, acknowledged and answered once, without an account. Nothing is
    mailed: what is printed here is for you to send. --of lists the letters of a dossier, --renew
    makes another link in place of one that was lost or has expired, --revoke ends a link.
    """
    if sum(map(bool, (message, of, renew, revoke))) != 1:
        raise Refusal("S4", "Name one thing: a message, --of a dossier, --renew, or --revoke.")
    if of:
        return _listed(run, of)
    if renew:
        return _given(run, *guests.renew(run.node, None, renew), out)
    if revoke:
        row = guests.revoke(run.node, None, revoke)
        return Answer(_value(run, row), [f"Revoked: {guests.called(row)}."])
    to = Addressee(name, mail, _languages(language or []), days)
    return _made(run, find.act(run.node, message), to, out, yes=yes)


def _languages(given: list[str]) -> tuple[str, str]:
    if len(given) != 2:
        raise Refusal("S4", "Name two languages, each with --in: the letter is in both.", "--in")
    return given[0], given[1]


def _made(run: Run, act: str, to: Addressee, out: Path | None, *, yes: bool) -> Answer:
    node = run.node
    sendable.require(node, None, act)
    planned = letters.of_guest(node, guests.draft(node, None, act, to))
    lines = ["WHAT LEAVES THE HOUSE", lettertext.letter_page(node, planned, _address(run, ABSENT))]
    sending.confirm(run, lines, f"Make this letter to {to.name}, and its link?", yes=yes)
    return _given(run, *guests.make(node, None, act, to), out)


def _given(run: Run, row: GuestRow, secret: str, out: Path | None) -> Answer:
    """Answer with a letter and its address, which is told once."""
    node = run.node
    link, letter = _address(run, secret), letters.of_guest(node, row)
    text = lettertext.letter_text(node, letter, link)
    page = lettertext.letter_page(node, letter, link)
    if out is not None:
        out.write_text(page, encoding="utf-8")
    value: dict[str, object] = {
        **_value(run, row),
        "link": link,
        "subject": text.subject,
        "text": text.text,
        "page": page,
        "file": None if out is None else str(out),
    }
    told = [f"The letter to be printed: {out}"] if out is not None else []
    return Answer(value, ["BY MAIL", f"To: {row.mail}", text.subject, "", text.text, *told, ONCE])


def _address(run: Run, secret: str) -> str:
    return f"{run.node.address}/guest/{secret}"


def _listed(run: Run, dossier: str) -> Answer:
    rows = guests.made_in(run.node, find.dossier(run.node, dossier))
    lines = [
        f"{guests.called(row)}: {guests.state_of(row, run.node.now())}, message "
        f"{short(row.letter)}, until {instant(row.expires)} [{row.id}]"
        for row in rows
    ]
    return Answer(
        {"letters": [_value(run, row) for row in rows]},
        lines or ["No letter of this dossier went to anybody without a node."],
    )


def _value(run: Run, row: GuestRow) -> dict[str, object]:
    return {**row._asdict(), "state": guests.state_of(row, run.node.now())}
