"""People: who may sign in to the pages of this node, and the links that let them in."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import instant
from comity.kernel.errors import Refusal
from comity.services.people import invitations, mail, mandates, persons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.people.invitations import Invitation
    from comity.store.access.people import PersonRow

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
    revoke: Annotated[
        str, typer.Option(metavar="LINK", help="Take away a link that nobody has used yet.")
    ] = "",
    try_mail: Annotated[
        str, typer.Option(metavar="EMAIL", help="Send this person a mail, to see whether it goes.")
    ] = "",
) -> Answer:
    """List who may sign in to the pages, or make a link that lets somebody in.

    Links that nobody has used yet are listed, too, and can be taken away.

    Who is at this machine may do that without being asked for a mandate: it is noted for the
    auditor as done at the machine.
    """
    if [invite, bool(renew), bool(revoke), bool(try_mail)].count(True) > 1:
        raise Refusal("S4", "Do one thing at a time: --invite, --renew, --revoke or --try-mail.")
    if mandate and not invite:
        raise Refusal("S4", "--mandate goes with --invite: it says what the new person may do.")
    if invite:
        return _link(run, persons.invite(run.node, None, codes=mandate or persons.FIRST))
    if renew:
        return _link(run, persons.renew(run.node, None, renew))
    if revoke:
        invitations.revoke(run.node, None, revoke)
        return Answer({"revoked": revoke}, ["Revoked. The link lets nobody in."])
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
    rows, unused = persons.people(run.node, None), invitations.of_node(run.node, None)
    titles = {code: found.title for code, found in mandates.of_node(run.node).items()}
    nobody = "Nobody may sign in yet. Let the first person in: `comity people --invite`."
    lines = [_person(row, titles) for row in rows] or [nobody]
    value: dict[str, object] = {
        "people": [
            {"name": r.name, "email": r.email, "active": r.is_active, "mandates": [*r.mandates]}
            for r in rows
        ],
        "links": [asdict(each) for each in unused],
        "mandates": list(titles),
    }
    return Answer(value, [*lines, *map(_unused, unused), f"Mandates: {', '.join(titles)}."])


def _person(row: PersonRow, titles: Mapping[str, str]) -> str:
    held = ", ".join(titles.get(code, code) for code in row.mandates)
    return f"{row.name} <{row.email}>{'' if row.is_active else ' (closed)'}: {held}"


def _unused(link: Invitation) -> str:
    whom = " ".join(filter(None, (link.name, link.email))) or "whoever has it"
    what = "a new password" if link.renews else ", ".join(link.mandates)
    return f"A link for {whom} ({what}), until {instant(link.expires)} [{link.id}]"
