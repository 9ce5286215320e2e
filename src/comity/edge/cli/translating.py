"""Translating what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import fields, sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.sending import Foot, Pap, Tlp
from comity.edge.cli.words import short
from comity.kernel.errors import Refusal
from comity.services.casework import compose, readers, tongues, translations
from comity.services.casework.issue import Draft
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.services.casework.translations import Original

app = typer.Typer()
OPTIONS = {"ignore_unknown_options": True, "allow_extra_args": True}


@command(app, "translate", **OPTIONS)
def translate(
    run: Run,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Whose words to translate.")],
    *,
    tlp: Tlp = "",
    pap: Pap = "",
    footing: Foot = "",
    yes: Yes = False,
) -> Answer:
    """Give the words of a message in another language.

    --lang says into which, as fr or zh-Hans, and --as what it is: official (of what this party
    wrote itself), unofficial, or machine. The words themselves are options as they were for the
    original, as --title and --text; --explain lists them. A label may be stricter than the
    original's. A later translation by this party into the same language takes the place of this.
    """
    act = find.act(run.node, message)
    original = translations.original(run.node, act)
    dossier = original.header.dossier or original.id
    kind = translations.kind_of(run.node, dossier, act)
    if "--explain" in run.rest:
        return Answer(_asked(original), [*fields.describe(kind), *_written(original)])
    if any(word.partition("=")[0] == "--act" for word in run.rest):
        raise Refusal("S4", "The message is named first, and not by an option.", "--act")
    texts = {"act": act, **fields.parse(kind, run.rest)}
    if run.can_ask:
        run.show(_written(original))
    fields.ask(run, kind, texts, batch=False)
    filled = fields.read(run, kind, texts)
    level, action, foot = sending.levels(tlp, pap, footing)
    draft = Draft(kind.kind, filled.body, None, (), level, action, foot)
    marked = translations.as_the_original(run.node, draft)
    who = readers.of_translation(run.node, dossier, act)
    label = (marked.tlp or original.header.tlp, marked.pap, marked.footing)
    told = f"{translations.mark(str(filled.body['as']), run.node.settings.name)}, in "
    lines = sending.preview(who, label, told + tongues.named(filled.lang))
    sending.confirm(run, lines, sending.to_whom(who), yes=yes)
    (signed,) = compose.send(run.node, dossier, draft, filled, compose.sort_files((), batch=False))
    value: dict[str, object] = {
        "id": signed,
        "dossier": dossier,
        "act": act,
        "lang": filled.lang,
        "as": filled.body["as"],
        "readers": sending.reader_values(who),
    }
    return Answer(value, [f"Signed {short(signed)}. `comity show {short(dossier)}` shows both."])


def _asked(original: Original) -> dict[str, object]:
    return {"act": original.id, "lang": original.lang, "words": dict(original.words)}


def _written(original: Original) -> list[str]:
    """Return what is to be translated, marked as what somebody wrote."""
    lines = ["The original:"]
    for name, text in original.words.items():
        lines += [f"  {name}", *(f"    | {line}" for line in text.split("\n"))]
    return lines
