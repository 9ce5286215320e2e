"""Best practices and lessons: written, given in new versions, translated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from comity.bridges.stix.practice import KINDS, PRACTICE, Practice, read
from comity.edge.cli.run import Answer, Dir, Json, Run, Yes, command
from comity.edge.cli.sharing import Object, Wish, put
from comity.edge.cli.words import read_tlp
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.sharing import (
    answering,
    circles,
    importing,
    overview,
    practices,
    searching,
)

if TYPE_CHECKING:
    from comity.bridges.stix.record import Json as Value
    from comity.services.sharing.practices import Origin

app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="practice")


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Write best practices and lessons, new versions of them, and translations."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


Circle = Annotated[
    str, typer.Option("--circle", metavar="CIRCLE", help="Its id, collection or title.")
]
Where = Annotated[
    str,
    typer.Option(
        "--circle", metavar="CIRCLE", help="Into which. [default: the one where it stands]"
    ),
]
Title = Annotated[str, typer.Option("--title", help="What it is called.")]
Text = Annotated[str, typer.Option("--text", help="What it says.")]
TextFile = Annotated[
    Path | None,
    typer.Option("--text-file", metavar="FILE", exists=True, dir_okay=False, help="The text."),
]
Lang = Annotated[str, typer.Option("--lang", metavar="TAG", help="Its language, as en or pt-BR.")]
Kind = Annotated[str, typer.Option("--kind", metavar="KIND", help=f"{' or '.join(KINDS)}.")]
Sectors = Annotated[
    list[str] | None,
    typer.Option("--sector", metavar="CODE", help="For whom, as energy; may be repeated."),
]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", metavar="WORDS", help="About what; may be repeated."),
]
References = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="URL", help="Where more is said; may be repeated."),
]
Label = Annotated[str, typer.Option("--tlp", metavar="LEVEL", help="Its label.")]
Claims = Annotated[
    str,
    typer.Option(
        "--claims", metavar="WHAT", help="keep: it says who did something, and goes all the same."
    ),
]
Dry = Annotated[
    bool, typer.Option("--dry-run", help="Say what would come of it, and sign nothing.")
]


@command(group, "write")
def write(
    run: Run,
    *,
    circle: Circle,
    title: Title,
    text: Text = "",
    text_file: TextFile = None,
    lang: Lang,
    kind: Kind = PRACTICE,
    sector: Sectors = None,
    topic: Topics = None,
    reference: References = None,
    tlp: Label = "green",
    claims: Claims = "",
    dry_run: Dry = False,
    yes: Yes = False,
) -> Answer:
    """Write a best practice or a lesson into a circle.

    A best practice is what has proven itself, a lesson what was learnt from something that
    happened. It is an object like any other, a course-of-action with tags.
    """
    listed = (tuple(each or ()) for each in (sector, topic, reference))
    told = Practice(kind, title, _text(text, text_file), lang, *listed)
    dossier = overview.find_circle(run.node, circle)
    value = practices.new(run.node, told, read_tlp(tlp))
    return _put(run, value, Wish(dossier, None, claims, dry_run=dry_run, yes=yes))


@command(group, "version")
def version(
    run: Run,
    object_: Object,
    *,
    circle: Where = "",
    title: Title = "",
    text: Text = "",
    text_file: TextFile = None,
    lang: Lang = "",
    kind: Kind = "",
    sector: Sectors = None,
    topic: Topics = None,
    reference: References = None,
    tlp: Label = "",
    claims: Claims = "",
    dry_run: Dry = False,
    yes: Yes = False,
) -> Answer:
    """Write a new version of a best practice or lesson that this party published.

    What is not said anew stays as it was.
    """
    of = _origin(run, object_)
    before = read(of.about.value)
    told = Practice(
        kind or before.kind,
        title or before.title,
        _text(text, text_file) or before.text,
        lang or before.lang,
        before.sectors if sector is None else tuple(sector),
        before.topics if topic is None else tuple(topic),
        before.references if reference is None else tuple(reference),
    )
    label = read_tlp(tlp) if tlp else min(of.about.strictest, TLP.AMBER_STRICT)
    dossier = _where(run, of, circle)
    value = practices.version(run.node, of, told, label)
    return _put(run, value, Wish(dossier, None, claims, dry_run=dry_run, yes=yes))


@command(group, "translate")
def translate(
    run: Run,
    object_: Object,
    *,
    lang: Lang,
    circle: Where = "",
    title: Title = "",
    text: Text = "",
    text_file: TextFile = None,
    claims: Claims = "",
    dry_run: Dry = False,
    yes: Yes = False,
) -> Answer:
    """Translate the title and the text of an object.

    It is marked as the object stands in that circle. Whoever published the object, a translation is
    this party's word.
    """
    of = _origin(run, object_)
    dossier = _where(run, of, circle)
    shelf = circles.shelf_of(run.node, dossier).id
    words = lang, title, _text(text, text_file)
    value = practices.translation(run.node, of, shelf, words)
    return _put(run, value, Wish(dossier, None, claims, dry_run=dry_run, yes=yes))


def _text(text: str, file: Path | None) -> str:
    """Return what was written, or what is in a file. Raises Refusal S4 for both, or no text."""
    if file is None:
        return text
    if text:
        raise Refusal("S4", "Give the text itself, or a file of it.", "--text-file")
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("S4", "This file is not text in UTF-8.", str(file)) from None


def _origin(run: Run, text: str) -> Origin:
    finder = searching.at_the_machine(run.node)
    return practices.origin(run.node, finder, answering.find_object(run.node, text))


def _where(run: Run, of: Origin, circle: str) -> Id:
    """Return the circle that is named, or the only one where an object stands."""
    if circle:
        return overview.find_circle(run.node, circle)
    found = {each.place.dossier for each in of.about.readable if each.place.dossier}
    if len(found) != 1:
        raise Refusal("S4", "It stands in no circle or in several: name one.", "--circle")
    return Id(found.pop())


def _put(run: Run, value: Value, wish: Wish) -> Answer:
    answer = put(run, importing.read(orjson.dumps(value)), wish)
    return Answer({"id": value["id"], **answer.value}, answer.lines, answer.code)
