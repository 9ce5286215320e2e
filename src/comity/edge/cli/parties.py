"""Meeting parties, and accrediting them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.terminal import clean
from comity.edge.cli.words import instant, short
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.services.delivery import meet
from comity.services.identity import accrediting, find, parties, roster
from comity.services.identity.roster import Known

app = typer.Typer()
COMPARE = (
    "Ask {name} for its fingerprint over another way than the one the card or address came by: "
    "a call to a number you know, a meeting. Compare every digit."
)
Party = Annotated[str, typer.Argument(metavar="PARTY", help="Its name, or the start of its id.")]


@command(app, "card")
def card(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")] = Path(
        "card.json"
    ),
) -> Answer:
    """Write this party's card: the file by which others get to know it.

    It holds public keys and addresses, and nothing secret.
    """
    me = roster.known(run.node, run.node.me)
    file.write_bytes(parties.card(run.node))
    return Answer(
        {"party": me.id, "name": me.name, "fingerprint": me.fingerprint, "file": str(file)},
        [
            f"The card of {me.name} is in {file}. Whoever gets it runs `comity introduce {file}`",
            f"and compares your fingerprint: {me.fingerprint}",
        ],
    )


@command(app, "introduce")
def introduce(
    run: Run,
    source: Annotated[str, typer.Argument(metavar="URL|CARD", help="An address, or a card file.")],
) -> Answer:
    """Get to know a party, by the address of its node or its card.

    It is then known and not accredited: nobody has compared its fingerprint yet.
    """
    if source.startswith(("http://", "https://")):
        with run.waiting(f"Asking {source}"):
            found = meet.introduce(run.node, source)
    else:
        found = _read_card(run, Path(source))
    party = roster.known(run.node, found)
    return Answer(
        _value(party),
        [
            f"{party.name} is known here now. Nobody has compared its fingerprint yet:",
            f"  {party.fingerprint}",
            COMPARE.format(name=party.name),
            f"Then: comity accredit {short(party.id)}",
        ],
    )


def _read_card(run: Run, path: Path) -> PartyId:
    if not path.is_file():
        raise Refusal(
            "S4", "There is no such file; give a party's card, or an http address.", path.name
        )
    if path.stat().st_size > parties.CARD_LIMIT:
        raise Refusal("T10", "The file is too large for a card.", str(path))
    return parties.read_card(run.node, path.read_bytes())


@command(app, "accredit")
def accredit(
    run: Run,
    party: Party,
    fingerprint: Annotated[
        str,
        typer.Option(metavar="DIGITS", help="What the party told you: 12 groups of 5 digits."),
    ] = "",
) -> Answer:
    """Accredit a party whose fingerprint you have compared with it.

    Give what the party told you with --fingerprint, and the node compares; without it you are
    shown the fingerprint and asked.
    """
    found = roster.known(run.node, find.party(run.node, party))
    if fingerprint:
        accrediting.require_same(found, fingerprint)
    else:
        _ask(run, found)
    parties.accredit(run.node, found.id)
    found = roster.known(run.node, found.id)
    return Answer(_value(found), [f"{found.name} is accredited: its keys are the ones you know."])


def _ask(run: Run, party: Known) -> None:
    if not run.can_ask:
        raise Refusal(
            "S4", "Give what the party told you with --fingerprint: nobody can be asked here."
        )
    run.show([f"{party.name} ({party.id})", f"  {party.fingerprint}"])
    run.show([COMPARE.format(name=party.name)])
    if not typer.confirm("Is it the same, digit by digit?", default=False):
        raise Refusal("S4", "The fingerprints differ, or were not compared.", party.id)


@command(app, "parties")
def list_parties(run: Run) -> Answer:
    """List the parties known here."""
    found = roster.everyone(run.node)
    table = Table("Name", "Id", "Standing here", "Reached by", "Grade", box=None, pad_edge=False)
    for party in found:
        cells = (party.name, short(party.id), _standing(party, run), party.reach, party.grade)
        # Texts, because a table takes strings for markup.
        table.add_row(*(Text(clean(cell)) for cell in cells))
    return Answer({"parties": [_value(party) for party in found]}, [table])


def _standing(party: Known, run: Run) -> str:
    if party.is_self:
        return "this party"
    if party.frozen:
        return f"stopped: {party.frozen}"
    if party.accredited_at is not None:
        return f"accredited {instant(party.accredited_at)}"
    if party.introduced_by:
        by = roster.names(run.node).get(party.introduced_by, short(party.introduced_by))
        return f"introduced by {by}, not compared"
    return "known, not compared"


@command(app, "host")
def host(
    run: Run,
    party: Party,
    *,
    stop: Annotated[bool, typer.Option("--stop", help="Keep its mail no longer.")] = False,
) -> Answer:
    """Keep mail for a party whose node accepts no connections.

    Mail is sealed: this node stores it and cannot read it. The party names this one as its
    mailbox in its own settings.
    """
    found = find.party(run.node, party)
    parties.host(run.node, found, agreed=not stop)
    known = roster.known(run.node, found)
    said = "no longer keeps" if stop else "keeps"
    return Answer(_value(known), [f"This node {said} mail for {known.name}."])


@command(app, "zone")
def zone(
    run: Run,
    party: Party,
    name: Annotated[
        str, typer.Argument(metavar="ZONE", help='As Europe/Berlin; "" forgets what was said.')
    ],
) -> Answer:
    """Say in which time zone a party is.

    What is due between you is shown in it too. It is what people of this node say, is never
    guessed, and goes to nobody.
    """
    found = find.party(run.node, party)
    accrediting.settle_zone(run.node, None, found, name)
    known = roster.known(run.node, found)
    said = f"is in the zone {name}" if name else "is in no zone that is known here"
    return Answer(_value(known), [f"{known.name} {said}."])


def _value(party: Known) -> dict[str, object]:
    return asdict(party)
