"""Tokens: how programs act at this node's API, for people or as machines."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.people import actors, persons, tokens
from comity.services.people.tokens import STRICTEST, USUAL_DAYS, Wish
from comity.store.access.tokens import TokenRow

app = typer.Typer()
ONCE = "Put it into the program now; it is kept nowhere and not shown again."


@command(app, "tokens")
def list_tokens(
    run: Run,
    *,
    make: Annotated[
        str, typer.Option(metavar="NAME", help="Make a token for what is called so.")
    ] = "",
    person: Annotated[
        str, typer.Option(metavar="EMAIL", help="For whom it acts, or who answers for it.")
    ] = "",
    machine: Annotated[
        bool, typer.Option("--machine", help="It acts under its own name, not for the person.")
    ] = False,
    mandate: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Of the person's mandates; may be repeated."),
    ] = None,
    lane: Annotated[
        list[str] | None,
        typer.Option(metavar="LANE", help="Of the lanes of these; all unless named."),
    ] = None,
    ceiling: Annotated[
        TLP, typer.Option(metavar="TLP", help="The strictest label it reads.")
    ] = STRICTEST,
    days: Annotated[int, typer.Option(help="How many days it works.")] = USUAL_DAYS,
    revoke: Annotated[str, typer.Option(metavar="ID", help="Revoke a token.")] = "",
) -> Answer:
    """List the tokens by which programs act here, or make or revoke one.

    Who is at this machine may do that without being asked for a mandate: it is noted for the
    auditor as done at the machine. A token never does what its person's mandates do not cover.
    """
    if make and revoke:
        raise Refusal("S4", "Do one thing at a time: --make or --revoke.")
    if revoke:
        tokens.revoke(run.node, None, revoke)
        return Answer({"revoked": revoke}, ["Revoked. Whatever used it is let in no more."])
    if not make:
        return _listed(run)
    owner = actors.of_person(run.node, persons.require_person(run.node, person).id)
    codes = tuple(mandate or ())
    covered = {each for m in owner.mandates if m.code in codes for each in m.lanes}
    lanes = tuple(covered if lane is None else lane)
    wish = Wish(make, codes, lanes, ceiling, machine, days)
    secret, row = tokens.make(run.node, owner, wish, by=None)
    return Answer({"id": row.id, "token": secret}, [secret, ONCE])


def _listed(run: Run) -> Answer:
    rows, now = tokens.everyone(run.node), run.node.now()
    people = {row.id: row.email for row in persons.people(run.node, None)}
    lines = [
        f"{row.id} {row.name}: {_state(row, now)}, of {people.get(row.person, '?')}"
        f"{' (machine)' if row.machine else ''}"
        for row in rows
    ]
    value: dict[str, object] = {
        "tokens": [{**row._asdict(), "person": people.get(row.person, "")} for row in rows]
    }
    return Answer(value, lines or ["There is no token. `comity tokens --make NAME` makes one."])


def _state(row: TokenRow, now: int) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "works" if row.works(now) else "expired"
