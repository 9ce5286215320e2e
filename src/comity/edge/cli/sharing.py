"""Sharing objects: publishing them, taking them back, changing their label, forwarding them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from comity.edge.cli import csaf, sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.verdicts import Told
from comity.edge.cli.words import TLP_WORDS, count, read_tlp
from comity.kernel.errors import Refusal
from comity.protocols.sharing.circle.codes import RETRACTIONS
from comity.services.sharing import (
    advisories,
    answering,
    audience,
    circles,
    files,
    forwarding,
    overview,
    preparing,
    publishing,
    retracting,
)
from comity.services.sharing.preparing import OUT
from comity.services.sharing.settling import CLAIMS, KEEP, LEAVE, STRIP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.kernel.ids import Id
    from comity.kernel.label import TLP
    from comity.services.sharing.preparing import Brought

app = typer.Typer()
PARTLY = 1
"""The exit code where something was left out."""
Objects = Annotated[
    list[str], typer.Argument(metavar="OBJECT…", help="Ids, as indicator--… or their beginning.")
]
Object = Annotated[
    str, typer.Argument(metavar="OBJECT", help="Its id, as indicator--…, or the beginning of it.")
]
InCircle = Annotated[
    str, typer.Option("--circle", metavar="CIRCLE", help="Where it stands in several: in which.")
]


@command(app, "share")
def share(
    run: Run,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            exists=True,
            help="STIX, events of MISP, or advisories of CSAF. A folder is a feed of MISP.",
        ),
    ],
    *,
    circle: Annotated[
        str, typer.Option("--circle", metavar="CIRCLE", help="Its id, collection or title.")
    ],
    tlp: Annotated[
        str,
        typer.Option(
            "--tlp", metavar="LEVEL", help="The label of what is unmarked. [default: amber]"
        ),
    ] = "",
    claims: Annotated[
        str,
        typer.Option(
            "--claims",
            metavar="WHAT",
            help="What claims who did something: keep it, as its source's claim; strip it, and "
            "send the rest as an own statement; or leave the object out.",
        ),
    ] = "",
    key: csaf.KeyFiles = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would come of it, and sign nothing.")
    ] = False,
    yes: Yes = False,
) -> Answer:
    """Publish the objects of files into a circle.

    Says of each object what becomes of it, and what each member will see. One that cannot be
    published is named with its place, the rule and the reason, and the others go. What claims who
    did something does not go before --claims says so. Advisories are checked with the hashes and
    signatures that lie beside them. Exit code 0: all of them are there, or left
    out as you said; 1: some were left out.
    """
    dossier = overview.find_circle(run.node, circle)
    with run.waiting("Reading files"):
        given = read_tlp(tlp) if tlp else None
        trusted = advisories.trusted_keys(key or ())
        read = files.read(paths, files.Checking(trusted, run.node.now(), given))
    seen = [line for each in read.advisories for line in csaf.lines_of(each)]
    wish = Wish(dossier, given or read.unmarked, claims, dry_run=dry_run, yes=yes)
    answer = put(run, read, wish, seen)
    answer.value["advisories"] = [csaf.shown(each) for each in read.advisories]
    return answer


class Wish(NamedTuple):
    """How objects are published: into which circle (``dossier``), under which label what is
    ``unmarked``, with which of ``CLAIMS`` or "", and whether anything is signed and asked.
    """

    dossier: Id
    unmarked: TLP | None
    claims: str
    dry_run: bool
    yes: bool


def put(run: Run, brought: Brought, wish: Wish, seen: Sequence[str] = ()) -> Answer:
    """Publish what was brought, and say what came of it, after what was ``seen`` of it before.

    Raises Refusal S4 for no choice of what to do with claims, or when the answer is no.
    """
    if wish.claims not in {"", *CLAIMS}:
        raise Refusal("S4", f"--claims is {KEEP}, {STRIP} or {LEAVE}.", wish.claims)
    dossier, shelf = wish.dossier, circles.shelf_of(run.node, wish.dossier)
    with run.waiting("Looking at it"):
        found = preparing.prepare(run.node, shelf, brought, wish.unmarked, wish.claims)
        told = Told(found, audience.members(run.node, shelf, found), {})
    if found.objects and not wish.dry_run:
        if run.can_ask:
            run.show([*seen, *told.preview()])
        number = count(len(found.objects), "object")
        sending.offer(run, [], f"Sign and send {number}?", yes=wish.yes)
        with run.waiting("Signing"):
            done = publishing.publish(run.node, dossier, found.objects, unmarked=found.unmarked)
        labels = (label for label, _ in found.labels)
        told = told._replace(signed=dict(zip(labels, done.acts, strict=True)))
    wrong = [line for line in told.left if line.verdict != OUT or wish.claims != LEAVE]
    return Answer(told.value(dossier), [*seen, *told.verdicts()], PARTLY if wrong else 0)


@command(app, "retract")
def retract(
    run: Run,
    object_: Object,
    *,
    reason: Annotated[
        str, typer.Option("--reason", metavar="CODE", help=f"{', '.join(RETRACTIONS)}.")
    ],
    circle: InCircle = "",
    yes: Yes = False,
) -> Answer:
    """Take back what this party published: all versions of an object, wherever it stands.

    Every member removes it, and says so. Of an outside feed or file it is removed here, and nobody
    is told.
    """
    found = answering.own(run.node, object_, circle)
    lines = [f"{each.id} in {each.title}" for each in found]
    sending.offer(run, lines if run.can_ask else [], "Take it back from everybody?", yes=yes)
    signed: list[Id] = []
    for shelf, added in answering.by_shelf(run.node, found):
        signed += retracting.take_down(run.node, shelf, added, reason=reason)
    told = [f"Taken back from {each.title}." for each in found]
    return Answer({"acts": signed, "from": [each.value() for each in found]}, dict.fromkeys(told))


@command(app, "relabel")
def relabel(
    run: Run,
    object_: Object,
    *,
    tlp: Annotated[str, typer.Option("--tlp", metavar="LEVEL", help="Its label from now on.")],
    circle: InCircle = "",
    yes: Yes = False,
) -> Answer:
    """Give what this party published another label. The old one does not hold any more."""
    label = read_tlp(tlp)
    found = [each for each in answering.own(run.node, object_, circle) if each.act]
    lines = [f"{each.id} in {each.title}: {TLP_WORDS[each.tlp]}" for each in found]
    question = f"Label it {TLP_WORDS[label]} from now on?"
    sending.offer(run, lines if run.can_ask else [], question, yes=yes)
    signed = answering.relabel(run.node, found, label)
    lines = [f"{TLP_WORDS[label]} in {each.title} from now on." for each in found]
    return Answer({"acts": signed, "tlp": label.value}, dict.fromkeys(lines))


@command(app, "forward")
def forward(
    run: Run,
    objects: Objects,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="CIRCLE", help="The circle to forward them to.")
    ],
    from_: Annotated[
        str, typer.Option("--from", metavar="CIRCLE", help="Out of which circle, if several.")
    ] = "",
    yes: Yes = False,
) -> Answer:
    """Forward objects into another circle, as they are and with the signatures they came by.

    What may not go, because its label or its source does not allow it, is named with the rule, and
    the others go. Exit code 1 says that some did not.
    """
    dossier = overview.find_circle(run.node, to)
    found = [answering.newest(run.node, each, from_, besides=dossier) for each in objects]
    lines = [f"{each.id} · {TLP_WORDS[each.tlp]} · from {each.title}" for each in found]
    question = f"Forward {count(len(found), 'object')}?"
    sending.offer(run, lines if run.can_ask else [], question, yes=yes)
    done = forwarding.forward(run.node, dossier, [each.added for each in found])
    named = {each.added: each for each in found}
    refused = [(named[added], refusal) for added, refusal in done.refused]
    value: dict[str, object] = {
        "acts": done.acts,
        "refused": [{"id": each.id, **refusal.shape()} for each, refusal in refused],
    }
    lines = [f"Forwarded: {count(len(found) - len(refused), 'object')}."]
    lines += [f"  not forwarded: {e.id}: {r.reason} ({r.rule})" for e, r in refused]
    return Answer(value, lines, PARTLY if refused else 0)
