"""Reading: what needs a person, one dossier, its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli.dossiers import DossierArg
from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.words import FOOTING_WORDS, TLP_WORDS, count, instant, short, size
from comity.kernel.label import TLP, Footing
from comity.kernel.standing import Standing
from comity.services.casework import filing, inbox, telling, tongues, view
from comity.services.casework.missing import Content
from comity.services.casework.needing import INVITATION
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.services.casework.inbox import Inbox
    from comity.services.casework.needing import Need
    from comity.services.casework.telling import Telling
    from comity.services.casework.view import ActView, DossierView
    from comity.services.proof.standing import ActStanding

app = typer.Typer()
STAGES = {"asked": "asked for it", "silent": "has not answered"}

STANDINGS = {
    Standing.PLAIN: "signed; no checkpoint shows its place in its author's log yet",
    Standing.PROVEN: "its place in its author's log is shown",
    Standing.COSIGNED: "its place in its author's log is shown, and enough witnesses signed it",
    Standing.UNPROVEN: "its author's log was closed, and nothing here shows that it was in there",
    Standing.DISOWNED: "its author's documents or log do not stand behind it",
}
CONTENT_WORDS = {
    Content.ARRIVING: "its content is on its way",
    Content.MISSING: "its content has not arrived; this node goes on asking for it",
    Content.WITHHELD: "its content is not given to this party",
    Content.ERASED: "its content was erased",
}


@command(app, "inbox")
def inbox_(
    run: Run,
    since: Annotated[
        int | None, typer.Option(min=0, help="Show what came after this cursor again.")
    ] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Keep new messages new.")] = False,
) -> Answer:
    """Show what needs you, soonest due first, and new messages.

    Of duties and invitations all that this party has; who of its people may do what is seen on
    the pages. Nobody else learns that you looked.
    """
    found = inbox.read(run.node, since)
    if not keep and since is None:
        inbox.mark(run.node, found.cursor)
    value: dict[str, object] = {
        "needs": [asdict(need) for need in found.needs],
        "joining": [row._asdict() for row, _ in found.joining],
        "new": [
            {"dossier": id_, "title": title, **act_value(act)} for id_, title, act in found.new
        ],
        "cursor": found.cursor,
        "more": found.more,
    }
    return Answer(value, _inbox_lines(found))


def _inbox_lines(found: Inbox) -> Iterator[str]:
    if not (found.needs or found.joining or found.new):
        yield "Nothing needs you."
    for need in found.needs:
        yield from _need_lines(need)
    for row, title in found.joining:
        yield f"WAITS  {title} [{short(row.id)}]: its earlier messages are on their way"
    for id_, title, act in found.new:
        yield f"NEW    {act.caption} · {title} [{short(id_)}] {instant(act.time)}"
    if found.more:
        yield "There is more; run it again."


def _need_lines(need: Need) -> Iterator[str]:
    where = f"{need.title} [{short(need.dossier)}]"
    if need.kind == INVITATION:
        yield f"JOIN?  {where}: comity join {short(need.dossier)}"
        return
    when = f"since {instant(need.since)}"
    if need.due is not None:
        when = f"by {instant(need.due)}{', late' if need.late else ''}"
    yield f"YOURS  {need.words} {when} · {where} message {short(need.subject)}"
    yield f"       {need.reason}"


@command(app, "show")
def show(run: Run, dossier: DossierArg) -> Answer:
    """Show a dossier: where it stands, what was said, how far it got."""
    found = view.dossier(run.node, find.dossier(run.node, dossier))
    row = found.row
    value: dict[str, object] = {
        "dossier": {**row._asdict(), "status_words": found.status, "title": found.title},
        "members": [
            {"party": party, "name": name, "state": state} for party, name, state in found.members
        ],
        "duties": [{**duty._asdict(), "words": words} for duty, words in found.duties],
        "acts": [act_value(act) for act in found.acts],
        "waiting": found.waiting,
    }
    told = telling.of(run.node, row)
    return Answer(value, _dossier_lines(found, told, run.node.me, run.node.now()))


def act_value(act: ActView) -> dict[str, object]:
    """Return an act as JSON values."""
    value = asdict(act)
    value["standing"] = act.standing.rung.value
    value["proof"] = {n: v for n, v in asdict(act.standing).items() if n != "rung"}
    value["ladder"] = [each.to_object() for each in act.ladder]
    return value


def _dossier_lines(found: DossierView, told: Telling, me: str, now: int) -> Iterator[str]:
    row = found.row
    footing = FOOTING_WORDS[Footing(row.footing)] if row.footing else ""
    yield found.title
    yield f"  {row.id} · {row.protocol}@{row.version}"
    if row.realm:
        yield f"  EXERCISE {row.realm}: not live"
    yield f"  {found.status} · {TLP_WORDS[TLP(row.ceiling)]} at most · footing: {footing}"
    for _, name, state in found.members:
        yield f"  {state:<9}{name}"
    for duty, words in found.duties:
        due = "" if duty.due is None else f" by {instant(duty.due)}"
        if duty.due is not None and duty.due < now:
            # By the own clock; silence of others is no reply, and no refusal.
            due += ", late" if duty.who == me else ", no reply"
        who = found.names.get(duty.who, short(duty.who))
        yield f"  owed     {who}: {words}{due} (message {short(duty.act)})"
    if found.waiting:
        yield f"  {count(found.waiting, 'message')} arrived and waits for earlier ones"
    for act in found.acts:
        yield ""
        yield from _act_lines(act, found, told)


def _act_lines(act: ActView, found: DossierView, told: Telling) -> Iterator[str]:
    yield f"{instant(act.time)}  {act.caption}  [{short(act.id)}] {TLP_WORDS[TLP(act.tlp)]}"
    if act.ahead:
        yield f"    its author's clock said so; it came at {instant(act.received_at)}"
    if act.void is not None:
        yield f"    without effect ({act.void.rule}): {act.void.reason}"
    yield f"    {_standing(act.standing, found.names)}"
    labels = told.labels(act.recorded or act.kind)
    yield from _content_lines(act, found.row.title, labels)
    yield from _translation_lines(act, labels)
    yield from _erasing_lines(act)
    for step in act.ladder:
        note = f" ({step.note})" if step.note else ""
        name = found.names.get(step.party, short(step.party))
        yield f"    → {name}: {' → '.join(step.rungs)}{note}"


def _standing(found: ActStanding, names: Mapping[str, str]) -> str:
    """Say how strong the evidence for an act is, and never more than was verified here."""
    if found.rung is Standing.PLAIN and not found.checked:
        return "not checked here: signed, and nothing here shows its place in its author's log"
    by = ", ".join(names.get(party, short(party)) for party, _ in found.cosigned)
    signed = f"; cosigned by {by}" if by else ""
    return f"{found.rung.value}: {STANDINGS[found.rung]}{signed}"


def _content_lines(act: ActView, title: str, labels: Mapping[str, str]) -> Iterator[str]:
    for name, label, text in telling.worded(act.fields, labels):
        if not (name == "title" and text == title):
            yield from _quoted(text, label)
    if act.lang and act.fields and not tongues.reads("en", act.lang):
        yield f"    written in {tongues.named(act.lang)}"
    for file in act.files:
        held = "" if file.held else " (not arrived yet)"
        yield f"    file {file.name}, {size(file.size)}{held}"
    if act.objects:
        yield f"    {count(act.objects, 'object')} (STIX 2.1)"
    if act.content in CONTENT_WORDS:
        yield f"    {CONTENT_WORDS[act.content]}"


def _quoted(text: str, label: str) -> Iterator[str]:
    """Yield what somebody wrote, marked, so that no line of it can be taken for the node's own."""
    if label:
        yield f"    {label}:"
    yield from (f"    | {line}" for line in text.split("\n"))


def _translation_lines(act: ActView, labels: Mapping[str, str]) -> Iterator[str]:
    for each in act.translations:
        missing = CONTENT_WORDS.get(each.content)
        told = f"; {missing}" if missing else ""
        yield f"    {each.mark}, in {tongues.named(each.lang)} [{short(each.act)}]{told}"
        for _, label, text in telling.worded(each.fields, labels):
            yield from _quoted(text, label)


def _erasing_lines(act: ActView) -> Iterator[str]:
    """Yield what parties said about erasing it: who asked, applied, refused, is silent."""
    for word in act.erasing:
        reason = f" ({word.reason})" if word.reason else ""
        yield f"    erasing: {word.name} {STAGES.get(word.stage, word.stage)}{reason}"
    if act.asks:
        yield f"    to answer: comity erase {short(act.id)}, or the same with --refuse --reason WHY"


@command(app, "files")
def files(
    run: Run,
    dossier: DossierArg,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FOLDER", help="Save what is here into this folder."),
    ] = None,
    act: Annotated[
        str, typer.Option("--act", metavar="MESSAGE", help="Only the files of one message.")
    ] = "",
) -> Answer:
    """List the files of a dossier, or save them.

    Batches of STIX objects are saved as one bundle each.
    """
    only = find.act(run.node, act) if act else None
    listed = filing.files(run.node, find.dossier(run.node, dossier), only)
    saved: dict[str, str] = {}
    if save is not None:
        with run.waiting("Saving files"):
            saved = filing.save(run.node, listed, save)
    value: dict[str, object] = {
        "files": [{**asdict(file), "saved": saved.get(file.key)} for file in listed]
    }
    lines = [
        f"[{short(file.act)}] {file.name}, {size(file.size)}"
        + ("" if file.held else " (not arrived yet)")
        + (f" → {saved[file.key]}" if file.key in saved else "")
        for file in listed
    ]
    return Answer(value, lines or ["This dossier has no files here."])
