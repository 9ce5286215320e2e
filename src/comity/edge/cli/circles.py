"""Circles: opening one, and how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import fields, sending
from comity.edge.cli.dossiers import GROWTH, OPTIONS, growth_of, members_of, red_readers
from comity.edge.cli.run import Answer, Dir, Json, Run, Yes, command
from comity.edge.cli.sending import Tlp
from comity.edge.cli.words import TLP_WORDS, count, read_tlp, short
from comity.kernel.kinds import Charter, Growth
from comity.protocols.sharing.circle.codes import ASKS, FORWARDERS, PUBLISHERS, PURPOSES
from comity.services.casework import compose, forms, issue, opening, readers
from comity.services.casework.issue import Draft
from comity.services.identity import roster
from comity.services.sharing import overview

if TYPE_CHECKING:
    from comity.kernel.ids import Id
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.casework.opening import Founding
    from comity.services.sharing.overview import CircleView

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="circle")
RULES = "sharing/circle"
CircleArg = Annotated[
    str, typer.Argument(metavar="CIRCLE", help="Its id, its collection's, or its title.")
]


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Open a circle of parties that share objects, or say how circles stand."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


Title = Annotated[str, typer.Option("--title", help="By which people and programs will know it.")]
Others = Annotated[
    list[str] | None,
    typer.Option("--with", "--member", metavar="PARTY", help="Another member; may be repeated."),
]
Text = Annotated[
    str, typer.Option("--text", help="What it is for. [default: its purpose, in words]")
]
Purpose = Annotated[str, typer.Option("--purpose", metavar="CODE", help=f"{', '.join(PURPOSES)}.")]
Publishers = Annotated[
    str, typer.Option("--publishers", metavar="WHO", help=f"{', '.join(PUBLISHERS)}.")
]
Forward = Annotated[
    str,
    typer.Option(
        "--forward",
        metavar="WHO",
        help=f"Who may forward AMBER and stricter: {', '.join(FORWARDERS)}.",
    ),
]
Grows = Annotated[
    str, typer.Option("--growth", help=f"Who may add members later: {', '.join(GROWTH)}.")
]
Succeeds = Annotated[
    str,
    typer.Option(
        "--succeeds", metavar="CIRCLE", help="The circle it replaces; it keeps the collection."
    ),
]
Red = Annotated[
    list[str] | None,
    typer.Option(metavar="PARTY:HANDLE", help="For TLP:RED, who may read; may be repeated."),
]


@command(group, "create", **OPTIONS)
def create(
    run: Run,
    *,
    title: Title,
    with_: Others = None,
    text: Text = "",
    purpose: Purpose = "defence",
    tlp: Tlp = "amber",
    publishers: Publishers = "all",
    forward: Forward = "ask",
    growth: Grows = "",
    succeeds: Succeeds = "",
    reader: Red = None,
    yes: Yes = False,
) -> Answer:
    """Open a circle: parties that share objects under rules that all of them see.

    Prints its id, and the address of its collection for TAXII clients. --tlp is its ceiling. More
    terms are options too, as --retention DAYS, --pap amber, --attribution must;
    `comity circle create --title x --explain` lists them. Members and rules are fixed for good: who
    drops a member opens a successor without it.
    """
    rules = compose.protocol_of(run.node, RULES)
    if "--explain" in run.rest:
        return Answer({"fields": forms.schema(rules.opening)}, fields.describe(rules.opening))
    texts = {
        "title": title,
        "text": text or PURPOSES.get(purpose, title),
        "purpose": purpose,
        "publishers": publishers,
        "forward": forward,
        **fields.parse(rules.opening, run.rest),
    }
    before = _before(run, succeeds, texts)
    filled = fields.read(run, rules.opening, texts)
    members, grows = members_of(run, with_ or []), growth_of(growth, rules)
    charter = Charter(
        protocol=rules.name,
        version=rules.version,
        members=members,
        growth=grows,
        ceiling=read_tlp(tlp),
        chair=run.node.me if grows == Growth.CHAIR else None,
        readers=red_readers(run, reader or []),
        succeeds=before,
        time=None,
        terms=filled.body,
    )
    founded = opening.founding(charter, rules, run.node.me)
    _confirm(run, rules, founded, title, yes=yes)
    draft = Draft("charter", content=compose.prepare(run.node, filled, []), footing=rules.footing)
    opened = issue.open_dossier(
        run.node, charter=founded.charter, draft=draft, invited=founded.invited
    )
    return _opened(run, opened)


def _before(run: Run, succeeds: str, texts: dict[str, str]) -> Id | None:
    """Return the circle that is replaced, and let the new one keep its collection."""
    if not succeeds:
        return None
    before = overview.find_circle(run.node, succeeds)
    kept = overview.circle(run.node, before).collection
    texts.setdefault("collection", kept.replace("-", ""))
    return before


def _confirm(run: Run, rules: Protocol, founded: Founding, title: str, *, yes: bool) -> None:
    """Show whoever opens a circle its terms and who will read it, and ask."""
    charter, who = founded.charter, readers.of_opening(run.node, founded, rules)
    lines = sending.preview(who, (charter.ceiling, None, rules.footing), f"{title} ({rules.id})")
    lines += _terms(rules.opening, charter.terms)
    sending.offer(run, lines if run.can_ask else [], sending.to_whom(who), yes=yes)


def _terms(opening: ActKind, body: Mapping[str, object]) -> list[str]:
    labels = {field.name: field.label for field in opening.body}
    return [f"  {labels.get(name, name)}: {value}" for name, value in body.items()]


def _opened(run: Run, opened: Id) -> Answer:
    found = overview.circle(run.node, opened)
    return Answer(
        {"dossier": opened, "collection": found.collection, "url": found.url},
        [
            f"Circle      {opened}",
            f"Collection  {found.url}",
            f"Next: `comity share FILE --circle {short(opened)}`, and `comity token create`.",
        ],
    )


@command(group, "list")
def list_(run: Run) -> Answer:
    """List the circles that this node takes part in."""
    found = overview.all_circles(run.node)
    lines = [line for each in found for line in _summary(each)]
    none = ["There is no circle. `comity circle create --title WORDS --with PARTY` opens one."]
    return Answer({"circles": [_value(each) for each in found]}, lines or none)


def _summary(found: CircleView) -> Iterator[str]:
    here = sum(each.state == "member" for each in found.members)
    yield (
        f"[{short(found.dossier)}] {found.title} · {count(here, 'member')} · "
        f"{TLP_WORDS[found.ceiling]} at most · {count(found.objects, 'object')}"
        f"{'' if found.state == 'active' else f' · {found.state}'}"
    )
    yield f"    {found.url}"


@command(group, "show")
def show(run: Run, circle: CircleArg) -> Answer:
    """Show a circle: its members, its terms, what stands there, and its collection's address."""
    found = overview.circle(run.node, overview.find_circle(run.node, circle))
    rules = compose.protocol_of(run.node, RULES)
    lines = [*_summary(found), f"    dossier {found.dossier}"]
    lines += [f"  {each.state:<9}{each.name}" for each in found.members]
    lines += _terms(rules.opening, found.terms.to_body())
    lines.append(f"  {count(found.batches, 'message')} with objects in force")
    if found.flaws:
        lines.append(f"  {count(found.flaws, 'object')} not taken in, or not as it should be")
    names = roster.names(run.node)
    lines += [
        f"  asked    {names.get(each.by, short(each.by))}: {ASKS[each.what]} [{short(each.act)}]"
        for each in found.asks
    ]
    return Answer(_value(found), lines)


def _value(found: CircleView) -> dict[str, object]:
    return {
        **asdict(found),
        "terms": found.terms.to_body(),
        "members": [each._asdict() for each in found.members],
        "asks": [each._asdict() for each in found.asks],
    }
