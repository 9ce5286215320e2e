"""Public keys that parties show each other: what speaks for each, reading one aloud, revoking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import segno
import typer

from comity.edge.cli import fields, sending
from comity.edge.cli.run import Answer, Dir, Json, Run, Yes, command, run_of
from comity.edge.cli.sending import Attach
from comity.edge.cli.words import instant, short
from comity.services.casework import compose, dossiers, forms, readers
from comity.services.casework.inbox import Machine
from comity.services.casework.issue import Draft
from comity.services.directory import aloud, keys
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.services.directory.aloud import Reading
    from comity.services.directory.keys import PublicKey

app = typer.Typer()
group = typer.Typer(invoke_without_command=True)
app.add_typer(group, name="pubkeys")

KeyArg = Annotated[
    str, typer.Argument(metavar="KEY", help="Its fingerprint, or the last digits of it.")
]
Holder = Annotated[
    str, typer.Option(metavar="HANDLE", help="Who of yours does it, by handle: never a name.")
]
Party = Annotated[str, typer.Option("--party", metavar="PARTY", help="Of this party alone.")]
Words = Annotated[str, typer.Option("--text", metavar="TEXT", help="If there is more to say.")]
NONE = "There is no such key here. `comity open keys --with PARTY` begins to show each other some."
NEXT = {
    aloud.ANSWER: "Next: give your number, by the same command.",
    aloud.REVEAL: "Next: tell the number that you committed to, by the same command.",
    aloud.HEAR: "Read these digits to each other, by voice or video: {digits}. Then say what you "
    "heard, with --heard same or --heard different.",
    aloud.WAIT: "{with_} is next; `comity sync` fetches what it did.",
    aloud.DONE: "Both heard the same: the key is read aloud (K2).",
    aloud.DIFFERED: "Different digits were heard: somebody may be between you. Rely on nothing, "
    "and begin again with --again.",
    aloud.ENDED: "The key was revoked.",
}
"""What comes next, by step."""


@group.callback()
def _list(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """List public keys that parties showed each other, verify them, or revoke your own."""
    if ctx.invoked_subcommand is None:
        run = run_of(ctx, folder, as_json=as_json)
        run.finish(_listed(keys.listed(Machine(run.node))))
    elif folder is not None:
        ctx.find_root().obj.folder = folder


@command(group, "list")
def list_(run: Run, *, party: Party = "", holder: Holder = "") -> Answer:
    """List the keys that are here, with how far each is known."""
    who = find.party(run.node, party) if party else ""
    return _listed(keys.listed(Machine(run.node), who, holder))


def _listed(found: tuple[PublicKey, ...]) -> Answer:
    value: dict[str, object] = {"keys": [asdict(key) for key in found]}
    return Answer(value, [line for key in found for line in _brief(key)] or [NONE])


def _brief(key: PublicKey) -> Iterator[str]:
    yield f"{key.name} · {key.holder} · {key.label} · {', '.join(key.uses)}"
    yield f"    {key.spelled}"
    yield f"    {_known(key)}"
    if key.realm:
        yield f"    EXERCISE {key.realm}: not live"


def _known(key: PublicKey) -> str:
    if key.revoked is not None:
        end = key.revoked
        told = f"{end.acknowledged} of {end.acknowledged + end.waits} acknowledged it"
        return f"REVOKED on {instant(end.at)}: {end.reason}; {told}"
    level = keys.LEVEL_WORDS[key.level]
    old = "; that is more than 24 months ago, verify it again" if key.old else ""
    differed = f"; DIFFERENT DIGITS were heard with {', '.join(key.differed)}"
    return f"{level}{old}{differed if key.differed else ''}"


@command(group, "show")
def show(
    run: Run,
    key: KeyArg,
    *,
    qr: Annotated[
        bool, typer.Option("--qr", help="Draw the whole fingerprint, to be scanned in person.")
    ] = False,
) -> Answer:
    """Show a key: its whole fingerprint, and what speaks for it."""
    found = keys.find(Machine(run.node), key)
    lines = [*_brief(found), f"    shown {instant(found.at)} in [{short(found.dossier)}]"]
    lines += [line for each in found.evidence for line in _evidence(each)]
    return Answer({"key": asdict(found)}, [*lines, *(_drawn(found) if qr else [])])


def _evidence(each: keys.KeyEvidence) -> Iterator[str]:
    who = f"{each.name} ({each.holder})" if each.holder else each.name
    how = "".join(f", {keys.HOW_WORDS[code]}" for code in each.how)
    old = "; more than 24 months ago" if each.old else ""
    yield f"{keys.LEVEL_WORDS[each.level]}: {who}, {instant(each.at)}{how}{old}"
    if each.witnesses:
        yield f"    before {' and '.join(each.witnesses)}"


def _drawn(key: PublicKey) -> Iterator[str]:
    # Full blocks: half ones are drawn apart by some terminals.
    for row in segno.make(keys.code_of(key), error="m").matrix_iter(scale=1, border=2):
        yield "".join("  " if dark else "██" for dark in row)


@command(group, "verify")
def verify(
    run: Run,
    key: KeyArg,
    *,
    level: Annotated[str, typer.Option(metavar="LEVEL", help="k1, k3, or k0 to take it back.")],
    seen: Annotated[
        str, typer.Option(metavar="PLACES", help="For k1: two of dns, security_txt, wkd.")
    ] = "",
    how: Annotated[str, typer.Option(metavar="WHAT", help="For k3: qr or digits.")] = "",
    witness: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTY", help="Who stood by; may be repeated."),
    ] = None,
    holder: Holder = "",
    where: Annotated[
        str, typer.Option("--where", metavar="TEXT", help="For k1: the domain, and what you saw.")
    ] = "",
    text: Words = "",
    yes: Yes = False,
) -> Answer:
    """Say how you know a key of another party: its domain agrees, or you compared it in person.

    To read it aloud, use `comity pubkeys read`.
    """
    texts = {
        "level": level.lower(),
        "seen": seen,
        "how": how,
        "witnesses": ",".join(witness or []),
        "holder": holder,
        "seen_there": where,
        "text": text,
    }
    return _send(run, keys.find(Machine(run.node), key), "verify", texts, yes=yes)


@command(group, "revoke")
def revoke(
    run: Run,
    key: KeyArg,
    *,
    reason: Annotated[str, typer.Option(metavar="REASON", help="lost, stolen, replaced or left.")],
    text: Words = "",
    attach: Attach = None,
    yes: Yes = False,
) -> Answer:
    """Revoke a key of yours. The others are told at once, and asked to acknowledge.

    A revocation that was signed beforehand can be attached.
    """
    found = keys.find(Machine(run.node), key)
    texts = {"reason": reason, "text": text}
    return _send(run, found, "revoke_key", texts, yes=yes, attach=attach)


def _send(
    run: Run,
    key: PublicKey,
    kind: str,
    texts: dict[str, str],
    *,
    yes: bool,
    attach: Attach = None,
) -> Answer:
    """Say something of a key, after showing who will read it."""
    declared = compose.kind_of(run.node, key.dossier, kind)
    attached = compose.sort_files(attach or [], batch=False)
    given = {name: text for name, text in texts.items() if text} | {forms.REFS: key.act}
    filled = fields.read(run, declared, given, files=len(attached.files))
    opening = dossiers.load(run.node, key.dossier)
    label = (opening.charter.ceiling, None, opening.graph.charter.header.footing)
    who = readers.of_dossier(run.node, key.dossier)
    about = f"{declared.label}: {key.name}, {key.holder}, {key.spelled}"
    lines = [*sending.preview(who, label, about), *sending.describe_files(attached)]
    sending.confirm(run, lines, sending.to_whom(who), yes=yes)
    draft = Draft(kind, filled.body, None, filled.refs)
    (sent,) = compose.send(run.node, key.dossier, draft, filled, attached)
    return Answer({"id": sent, "dossier": key.dossier, "kind": kind}, [f"Signed {short(sent)}."])


@command(group, "read")
def read(
    run: Run,
    key: KeyArg,
    *,
    with_: Annotated[
        str, typer.Option("--with", metavar="PARTY", help="For a key of yours: with whom.")
    ] = "",
    heard: Annotated[
        str, typer.Option(metavar="WORD", help="What you heard: same or different.")
    ] = "",
    holder: Holder = "",
    again: Annotated[bool, typer.Option("--again", help="Begin anew.")] = False,
) -> Answer:
    """Read a key aloud with another party, step by step: each time the next step is done.

    Both read the same digits by voice or video, and each says what it heard. Call the party by a
    number that you know from elsewhere.
    """
    desk = Machine(run.node)
    found = keys.find(desk, key)
    other = find.party(run.node, with_) if with_ else ""
    reading = None if again else _open(desk, found, other)
    if reading is None and not heard:
        reading = aloud.of_act(desk, aloud.begin(desk, found, other, holder))
    elif reading is not None and heard:
        reading = aloud.of_act(desk, aloud.hear(desk, reading, heard))
    elif reading is not None and reading.step in {aloud.ANSWER, aloud.REVEAL}:
        reading = aloud.of_act(desk, aloud.go_on(desk, reading, holder))
    if reading is None:
        return Answer({"reading": None}, ["Nothing is being read aloud of this key."])
    return Answer({"reading": asdict(reading)}, _guide(reading))


def _open(desk: Machine, key: PublicKey, other: str) -> Reading | None:
    """Return the newest reading of a key that is not over, with a party where it is named."""
    fitting = (r for r in aloud.of_desk(desk, key) if other in {"", r.other})
    return next((r for r in fitting if r.step not in aloud.OVER), None)


def _guide(reading: Reading) -> list[str]:
    told = NEXT[reading.step].format(digits=reading.digits, with_=reading.with_)
    return [f"Reading {reading.name} · {reading.holder} with {reading.with_}.", told]
