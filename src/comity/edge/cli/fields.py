"""The options of a message: one for every field its kind declares.

They are known only when the dossier is, so they are read here and not by the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from comity.edge.cli.terminal import clean
from comity.kernel.errors import Refusal
from comity.kernel.protocol import Files
from comity.services.casework import compose, forms

if TYPE_CHECKING:
    from comity.edge.cli.run import Run
    from comity.kernel.protocol import ActKind
    from comity.services.casework.forms import Filled, FormField

SPELLED = {forms.REFS: "--ref", forms.FILES: "--attach"}


def option(name: str) -> str:
    """Return the option of a field."""
    return SPELLED.get(name) or "--" + name.replace("_", "-")


def parse(kind: ActKind, rest: Sequence[str]) -> dict[str, str]:
    """Return the text of each field given in ``rest``; a list may be given by repeating it.

    Raises Refusal S4 for an option the kind does not have, or one without a value.
    """
    known = {option(f.name): f for f in forms.form(kind).fields if f.name != forms.REFS}
    texts: dict[str, str] = {}
    ahead = list(rest)
    while ahead:
        name, equals, value = ahead.pop(0).partition("=")
        field = known.get(name)
        if field is None:
            raise Refusal("S4", f"{kind.label} does not take {name}. {_taken(known)}", name)
        if not equals:
            value = _next_value(field, ahead)
        if field.name in texts and not field.many:
            raise Refusal("S4", f"{name} is given twice.", name)
        texts[field.name] = ",".join(filter(None, (texts.get(field.name), value)))
    return texts


def _taken(known: Iterable[str]) -> str:
    names = ", ".join(known)
    return f"It takes {names}." if names else "It takes no fields."


def _next_value(field: FormField, ahead: list[str]) -> str:
    if field.type == "flag" and (not ahead or ahead[0].startswith("--")):
        return "yes"
    if not ahead:
        raise Refusal("S4", f"{option(field.name)} needs a value.", option(field.name))
    return ahead.pop(0)


def ask(run: Run, kind: ActKind, texts: dict[str, str], *, batch: bool) -> None:
    """Ask a person for the fields that are missing, if one is there to be asked."""
    while run.can_ask and (lacking := compose.missing(kind, texts, batch=batch)):
        field = lacking[0]
        run.show(filter(None, [field.help, *_choices(field)]))
        texts[field.name] = typer.prompt(clean(field.label))


def read(
    run: Run,
    kind: ActKind,
    texts: dict[str, str],
    *,
    dossier: str = "",
    files: int = 0,
    batch: bool = False,
) -> Filled:
    """Return what the options say. Raises Refusal S4 naming each that is missing or wrong."""
    try:
        return compose.read(run.node, kind, texts, dossier=dossier, files=files, batch=batch)
    except forms.FormErrors as wrong:
        told = " ".join(f"{option(name)} · {error}" for name, error in wrong.errors.items())
        raise Refusal("S4", told, kind.kind) from wrong


def describe(kind: ActKind) -> list[str]:
    """Return how a kind is said, for people: its fields as options."""
    form = forms.form(kind)
    lines = [f"{form.kind}: {form.label}. {form.help}".rstrip()]
    for field in form.fields:
        lines.append(
            f"  {option(field.name)}  {field.label} ({_need(field)}). {field.help}".rstrip()
        )
        lines += [f"      {choice}" for choice in _choices(field)]
    if form.files is not Files.NONE:
        lines.append(f"  --attach  Files ({'needed' if form.files is Files.MUST else 'optional'}).")
    if form.batch:
        lines.append("  --attach  A STIX 2.1 bundle is sent object by object.")
    return lines


def _need(field: FormField) -> str:
    if field.when is not None:
        return f"needed when {option(field.when.field)} is {' or '.join(field.when.values)}"
    return "needed" if field.required else "optional"


def _choices(field: FormField) -> list[str]:
    return [f"{code}: {label}" for code, label in field.choices]
