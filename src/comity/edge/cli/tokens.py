"""Tokens: how programs act at this node's API, for people or as machines."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.sending import Tlp
from comity.edge.cli.words import TLP_WORDS, count, instant, read_tlp
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.people import actors, persons, tokens
from comity.services.people.tokens import SCOPES, STRICTEST, USUAL_DAYS, Wish
from comity.services.sharing import callers, overview, shelf
from comity.store.access.tokens import TokenRow

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="token")
USER = re.compile(r"[A-Za-z0-9._@-]{1,80}")
"""A name that can be a user's in HTTP Basic, whatever a program makes of others."""
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


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Make a token by which a program reads collections of objects, or adds to them."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "create")
def create(
    run: Run,
    *,
    name: Annotated[str, typer.Option("--name", help="What the token is for; its user's name.")],
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope", metavar="SCOPE", help=f"{' or '.join(SCOPES)}; repeat it for both."
        ),
    ],
    tlp: Tlp = STRICTEST.value,
    collection: Annotated[
        str,
        typer.Option(
            "--collection", metavar="ID", help="One collection or circle alone. [default: all]"
        ),
    ] = "",
    constituent: Annotated[
        bool,
        typer.Option("--constituent", help="For somebody of this party's constituency, not of it."),
    ] = False,
    days: Annotated[int, typer.Option("--days", help="How many days it works.")] = USUAL_DAYS,
) -> Answer:
    """Make a token for a TAXII client, and print the user and password that the client needs.

    It does nothing else here, and reads up to the label that --tlp says. The password is kept
    nowhere and not shown again.
    """
    only = overview.find_shelf(run.node, collection).id if collection else ""
    wish = Wish(
        name,
        ceiling=read_tlp(tlp),
        days=days,
        scopes=tuple(scope),
        shelf=only,
        constituent=constituent,
    )
    secret, row = tokens.make_for_program(run.node, wish)
    user = row.name if USER.fullmatch(row.name) else row.id
    seen = shelf.shelves(run.node, callers.of_token(run.node, row))
    reach = [{**each._asdict(), "url": overview.address(run.node, each.id)} for each in seen]
    value: dict[str, object] = {
        "id": row.id,
        "user": user,
        "password": secret,
        "discovery": overview.discovery(run.node),
        "scopes": [*row.scopes],
        "tlp": row.ceiling,
        "expires": row.expires,
        "collections": reach,
    }
    label = TLP_WORDS[TLP(row.ceiling)]
    return Answer(
        value,
        [
            f"Discovery  {overview.discovery(run.node)}",
            f"User       {user}",
            f"Password   {secret}",
            ONCE,
            f"It may {' and '.join(row.scopes)}, {count(len(seen), 'collection')}, up to {label}.",
            f"It works until {instant(row.expires)}; `comity tokens --revoke {row.id}` ends it.",
        ],
    )
