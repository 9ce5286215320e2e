"""Coordinated disclosures, as they stand, and advisories that go out at their end."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import sending
from comity.edge.cli.dossiers import DossierArg
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.words import count, instant, short
from comity.engines.embargo import Course
from comity.kernel.errors import Refusal
from comity.protocols.response.disclosure.codes import RELATIONS
from comity.protocols.response.disclosure.summary import STATUSES
from comity.services.casework.inbox import Machine
from comity.services.identity import find
from comity.services.response import announcing, disclosures
from comity.services.response.announcing import Wish
from comity.services.response.placing import Places
from comity.store.access.announcements import OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comity.services.response.announcing import Shown
    from comity.services.response.caseview import CaseView, DisclosureParty

app = typer.Typer()
SECOND = 1000
COURSES = {
    Course.WAITS: "goes out by itself at the end, {end}",
    Course.DUE: "should be out, and is tried again",
    Course.EARLY: "held back: the embargo ended otherwise; publish it with --now, or take it back",
}


@command(app, "disclosure")
def disclosure(run: Run, dossier: DossierArg) -> Answer:
    """Show a coordinated disclosure: its embargo, and who said what.

    Whether this party keeps to the embargo still is its own view. `comity say DOSSIER unready`
    takes an announced advisory back.
    """
    desk, id_ = Machine(run.node), find.dossier(run.node, dossier)
    found, own = disclosures.case(run.node, id_), announcing.shown(desk, id_)
    return Answer(
        {**asdict(found), "advisories": [_value(each) for each in own]}, [*_lines(found, own)]
    )


@command(app, "announce")
def announce(
    run: Run,
    dossier: DossierArg,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A final advisory, CSAF."),
    ] = None,
    *,
    circle: Annotated[
        list[str] | None,
        typer.Option("--circle", metavar="DOSSIER", help="Publish it there; may be repeated."),
    ] = None,
    provider: Annotated[
        bool, typer.Option("--provider", help="Publish it in the folder that node.json names.")
    ] = False,
    text: Annotated[str, typer.Option(metavar="TEXT", help="A word to the others.")] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Publish what was announced, if the embargo ended.")
    ] = False,
    yes: Yes = False,
) -> Answer:
    """Announce an advisory, which goes out by itself at the agreed end.

    It is checked, stays at this node, and the others are told its SHA-256. Without FILE and with
    --now, what was announced before goes out at once, unless the embargo is kept.
    """
    desk, id_ = Machine(run.node), find.dossier(run.node, dossier)
    if now == (file is not None):
        raise Refusal("S4", "Name a file to announce, or publish with --now.", "file")
    if file is None:
        return _published(run, desk, id_, yes=yes)
    circles = tuple(find.dossier(run.node, each) for each in circle or ())
    wish = Wish(file.name, file.read_bytes(), Places(circles, provider), text)
    question = "Sign that it is ready, and let it go out by itself?"
    sending.confirm(run, _outlook(run, id_, wish), question, yes=yes)
    done = announcing.announce(desk, id_, wish)
    value: dict[str, object] = {"act": done.act, "hash": done.hash}
    return Answer(value, [f"Announced [{short(done.act)}]: SHA-256 {done.hash}."])


def _outlook(run: Run, dossier: str, wish: Wish) -> Iterator[str]:
    """Yield what is about to be signed, when it would go out, and where."""
    yield f"{wish.name}: SHA-256 {hashlib.sha256(wish.data).hexdigest()}"
    end = disclosures.case(run.node, dossier).end
    yield f"At {instant(end)}, unless the embargo ends otherwise" if end else "No end is agreed to"
    if wish.places.provider:
        yield "For everybody, in our folder"
    for circle in wish.places.circles:
        yield f"Into the circle [{short(circle)}]"


def _published(run: Run, desk: Machine, dossier: str, *, yes: bool) -> Answer:
    titles = [each.row.title for each in announcing.shown(desk, dossier) if each.stands]
    sending.confirm(run, titles[:1], "Publish it at once, for everybody to see?", yes=yes)
    announcing.publish_now(desk, dossier)
    own = announcing.shown(desk, dossier)
    return Answer(_value(own[0]), [*_own(own[:1])])


def _value(shown: Shown) -> dict[str, object]:
    course = shown.stands.course.value if shown.stands else ""
    return {**shown.row._asdict(), "course": course}


def _lines(found: CaseView, own: list[Shown]) -> Iterator[str]:
    yield f"{STATUSES[found.embargo.state]}; for us: {found.keeping}"
    if found.end is not None:
        yield f"End: {instant(found.end)}"
    for other in found.with_us:
        yield f"Bound too by [{short(other.dossier)}], of the same flaw"
    for link in found.links:
        told = f"{found.name(link.author)}: {RELATIONS[link.relation]} [{short(link.dossier)}]"
        yield told
    if found.spread is not None:
        yield f"From the first to the last who published: {_seconds(found.spread)}"
    yield from _own(own)
    for each in found.parties:
        yield f"  {each.name}: {', '.join(_said(each))}"


def _own(own: list[Shown]) -> Iterator[str]:
    for row, stands in own:
        if row.state == OUT and row.out_at is not None:
            late = "" if row.due is None else f", {_seconds(row.out_at - row.due)} after the end"
            yield f"{row.title}: published {instant(row.out_at)}{late}: {', '.join(row.places)}"
        elif stands is None:
            yield f"{row.title}: waits for a second person"
        else:
            end = "" if stands.end is None else instant(stands.end)
            yield f"{row.title}: {COURSES[stands.course].format(end=end)}"
        if row.trouble:
            yield f"  {row.trouble}"


def _said(each: DisclosureParty) -> Iterator[str]:
    yield f"terms {each.consent}"
    yield f"advisory {each.advisory or 'no reply'}"
    yield from (f"{word.word} {word.product}".strip() for word in each.words)
    if each.published is not None:
        yield f"published {instant(each.published.time)}"


def _seconds(time: int) -> str:
    return count(time // SECOND, "second")
