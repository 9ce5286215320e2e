"""People: who may sign in to the pages of this node, and the links that let them in."""

from __future__ import annotations

from typing import Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.kernel.errors import Refusal
from comity.services.people import mail, mandates, persons

app = typer.Typer()

LASTS = "It works once, for seven days. Hand it over yourself; it is not shown again."


def address(run: Run, secret: str) -> str:
    """Return the address that a link's secret stands in."""
    return f"{run.node.address}/welcome/{secret}"


@command(app, "people")
def people(
    run: Run,
    *,
    invite: Annotated[
        bool, typer.Option("--invite", help="Make a link that lets one person in.")
    ] = False,
    mandate: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="What the person may do; may be repeated."),
    ] = None,
    renew: Annotated[
        str, typer.Option(metavar="EMAIL", help="Make a link for who lost the way in.")
    ] = "",
    try_mail: Annotated[
        str, typer.Option(metavar="EMAIL", help="Send this person a mail, to see whether it goes.")
    ] = "",
) -> Answer:
    """List who may sign in to the pages, or make a link that lets somebody in.

    Who is at this machine may do that without being asked for a mandate: it is noted for the
    auditor as done at the machine.
    """
    if [invite, bool(renew), bool(try_mail)].count(True) > 1:
        raise Refusal("S4", "Do one thing at a time: --invite, --renew or --try-mail.")
    if mandate and not invite:
        raise Refusal("S4", "--mandate goes with --invite: it says what the new person may do.")
    if invite:
        return _link(run, persons.invite(run.node, None, codes=mandate or persons.FIRST))
    if renew:
        return _link(run, persons.renew(run.node, None, renew))
    if try_mail:
        return _tried(run, try_mail)
    return _listed(run)


def _tried(run: Run, email: str) -> Answer:
    person = persons.require_person(run.node, email)
    with run.waiting("Sending"):
        mail.try_out(run.node, person)
    told = f"The mail server took a mail to {person.email}. Whether it arrived, that person sees."
    return Answer({"sent": person.email}, [told])


def _link(run: Run, secret: str) -> Answer:
    where = address(run, secret)
    return Answer({"link": where}, [where, LASTS])


def _listed(run: Run) -> Answer:
    rows = persons.people(run.node, None)
    titles = {code: found.title for code, found in mandates.of_node(run.node).items()}
    lines = [
        f"{row.name} <{row.email}>{'' if row.is_active else ' (closed)'}: "
        f"{', '.join(titles.get(code, code) for code in row.mandates)}"
        for row in rows
    ]
    known = ", ".join(titles)
    value: dict[str, object] = {
        "people": [
            {"name": r.name, "email": r.email, "active": r.is_active, "mandates": [*r.mandates]}
            for r in rows
        ],
        "mandates": list(titles),
    }
    nobody = "Nobody may sign in yet. Let the first person in: `comity people --invite`."
    return Answer(value, [*(lines or [nobody]), f"Mandates: {known}."])
