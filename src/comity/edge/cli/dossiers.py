"""Opening dossiers and saying things in them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import fields, sending
from comity.edge.cli.run import Answer, Run, Yes, command
from comity.edge.cli.sending import Attach, Foot, Pap, Tlp
from comity.edge.cli.words import count, short
from comity.kernel.errors import Refusal
from comity.kernel.kinds import Charter, Growth, TimePolicy
from comity.kernel.label import TLP
from comity.services.casework import compose, dossiers, forms, issue, join, opening, readers
from comity.services.casework.issue import Draft
from comity.services.casework.kernelkinds import record_body
from comity.services.identity import find

if TYPE_CHECKING:
    from comity.kernel.ids import Id, PartyId
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.casework.compose import Attached

app = typer.Typer()
OPTIONS = {"ignore_unknown_options": True, "allow_extra_args": True}
GROWTH = {"closed": Growth.CLOSED, "chair": Growth.CHAIR, "all": Growth.ALL}
DossierArg = Annotated[str, typer.Argument(metavar="DOSSIER", help="The start of its id.")]


@command(app, "open", **OPTIONS)
def open_(
    run: Run,
    protocol: Annotated[
        str, typer.Argument(metavar="PROTOCOL", help="As in response/incident, or incident.")
    ],
    *,
    with_: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="PARTY", help="Another member; may be repeated."),
    ] = None,
    attach: Attach = None,
    tlp: Tlp = "amber",
    pap: Pap = "",
    footing: Foot = "",
    growth: Annotated[
        str,
        typer.Option(
            help="Who may add members later: closed, chair (you), or all; else what is usual."
        ),
    ] = "",
    witness: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTY", help="Whose cosignature proves a time; may be repeated."),
    ] = None,
    quorum: Annotated[int, typer.Option(min=0, help="How many of them it takes.")] = 0,
    grace: Annotated[int, typer.Option(min=0, help="Seconds after a deadline still in time.")] = 0,
    exercise: Annotated[
        str,
        typer.Option(
            metavar="ID", help="Not live: part of the exercise of this name (a-z, 0-9, _)."
        ),
    ] = "",
    reader: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTY:HANDLE", help="For TLP:RED, who may read; may be repeated."),
    ] = None,
    yes: Yes = False,
) -> Answer:
    """Open a dossier with other parties.

    What the protocol asks for when a dossier opens are options too, as --title and --text;
    `comity open PROTOCOL --explain` lists them. Members and rules are fixed for good.
    """
    rules = compose.protocol_of(run.node, protocol)
    kind = rules.opening
    if "--explain" in run.rest:
        return _explained([kind])
    texts = fields.parse(kind, run.rest)
    fields.ask(run, kind, texts, batch=False)
    carrier = batch_kind(rules)
    attached = compose.sort_files(attach or [], batch=carrier is not None)
    filled = fields.read(run, kind, texts, files=len(attached.files))
    level, action, foot = sending.levels(tlp, pap, footing)
    foot = foot or rules.footing
    members, grows = members_of(run, with_ or []), growth_of(growth, rules)
    charter = Charter(
        protocol=rules.name,
        version=rules.version,
        members=members,
        growth=grows,
        ceiling=level or TLP.AMBER,
        chair=run.node.me if grows == Growth.CHAIR else None,
        readers=red_readers(run, reader or []),
        succeeds=None,
        time=_time_policy(run, witness or [], quorum, grace),
        terms=filled.body,
    )
    charter, invited = founded = opening.founding(charter, rules, run.node.me)
    who = readers.of_opening(run.node, founded, rules)
    label = (charter.ceiling, action, foot)
    lines = sending.preview(who, label, f"{kind.label} ({rules.id})")
    lines += sending.describe_files(attached)
    sending.confirm(run, lines, sending.to_whom(who), yes=yes)
    with run.waiting("Reading files"):
        draft = Draft(
            "charter",
            content=compose.prepare(run.node, filled, attached.files),
            pap=action,
            footing=foot,
        )
        opened = issue.open_dossier(
            run.node, charter=charter, draft=draft, realm=exercise or None, invited=invited
        )
        batches = _send_batches(run, opened, carrier, attached, draft)
    value: dict[str, object] = {
        "dossier": opened,
        "protocol": rules.id,
        "members": [*charter.members],
        "invited": [*invited],
        "readers": sending.reader_values(who),
        "batches": batches,
        "objects": attached.objects,
    }
    return Answer(value, [f"Opened {short(opened)}.", *_objects(attached), _next(opened)])


def batch_kind(rules: Protocol) -> ActKind | None:
    """Return the kind of a protocol that carries objects and needs nothing else, if it has one."""
    return next((k for k in rules.acts if k.batch and not any(f.is_due({}) for f in k.body)), None)


def _send_batches(
    run: Run, opened: Id, carrier: ActKind | None, attached: Attached, like: Draft
) -> list[str]:
    """Send each batch of objects in a message of its own: a charter carries text and files."""
    sent: list[str] = []
    for path, _ in attached.batches if carrier is not None else ():
        draft = Draft(
            carrier.kind if carrier is not None else "",
            content=compose.prepare_batch(run.node, path),
            pap=like.pap,
            footing=like.footing,
        )
        sent.append(issue.issue(run.node, dossier_id=opened, draft=draft))
    return sent


def _objects(attached: Attached) -> list[str]:
    return [f"{path.name}: {count(n, 'object')}." for path, n in attached.batches]


def _next(dossier: str) -> str:
    return f"`comity show {short(dossier)}` tells how far it got."


def members_of(run: Run, names: list[str]) -> tuple[PartyId, ...]:
    """Return the members that a person names, and this party. Raises Refusal S3 or S4."""
    return tuple(sorted({run.node.me, *(find.party(run.node, name) for name in names)}))


def growth_of(text: str, rules: Protocol) -> str:
    """Return how a dossier gains members, as a person said it or else as is usual for its protocol.

    Raises Refusal S4.
    """
    able = {word: growth for word, growth in GROWTH.items() if growth in rules.growths}
    if text and text not in able:
        raise Refusal("S4", f"--growth is one of {', '.join(able)}.", text)
    return able[text] if text else rules.growths[0]


def _time_policy(run: Run, names: list[str], quorum: int, grace: int) -> TimePolicy | None:
    if not names:
        return None
    witnesses = tuple(sorted({find.party(run.node, name) for name in names}))
    if quorum > len(witnesses):
        raise Refusal("S4", "--quorum asks for more witnesses than are named.", str(quorum))
    return TimePolicy(witnesses, quorum or len(witnesses), grace * 1000)


def red_readers(run: Run, texts: list[str]) -> tuple[tuple[PartyId, str], ...]:
    """Return who may read RED, each as a party and a handle. Raises Refusal S3 or S4."""
    found = []
    for text in texts:
        party, colon, handle = text.rpartition(":")
        if not colon:
            raise Refusal("S4", "A reader is written as PARTY:HANDLE.", text)
        found.append((find.party(run.node, party), handle))
    return tuple(sorted(set(found)))


@command(app, "say", **OPTIONS)
def say(
    run: Run,
    dossier: DossierArg,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="What is said; left out, the kinds are listed.")
    ] = "",
    *,
    attach: Attach = None,
    ref: Annotated[
        list[str] | None,
        typer.Option(metavar="MESSAGE", help="What it is about; may be repeated."),
    ] = None,
    recorded: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="With `record`: what the guest did.")
    ] = "",
    tlp: Tlp = "",
    pap: Pap = "",
    footing: Foot = "",
    yes: Yes = False,
) -> Answer:
    """Send a message in a dossier.

    The fields of the kind are options, as --text; `comity say DOSSIER` lists the kinds with
    theirs. Who will be able to read it is shown before anything is signed. What a guest did, who
    has no node, is said by the kind `record`, with --kind, --guest, --letter and its own fields.
    """
    id_ = find.dossier(run.node, dossier)
    if not kind:
        return _kinds(run, id_)
    declared = compose.kind_of(run.node, id_, kind, recorded)
    if "--explain" in run.rest:
        return _explained([declared])
    texts = fields.parse(declared, run.rest)
    attached = compose.sort_files(attach or [], batch=declared.batch)
    alone = bool(attached.batches) and not attached.files and not _has_content(declared, texts)
    _cite(run, id_, declared, texts, ref or [])
    fields.ask(run, declared, texts, batch=alone)
    count = len(attached.files)
    filled = fields.read(run, declared, texts, dossier=id_, files=count, batch=alone)
    level, action, foot = sending.levels(tlp, pap, footing)
    who = readers.of_draft(run.node, id_, recorded or declared.kind, filled.body)
    charter = dossiers.load(run.node, id_)
    label = (level or charter.charter.ceiling, action, foot or charter.graph.charter.header.footing)
    lines = [*sending.preview(who, label, declared.label), *sending.describe_files(attached)]
    sending.confirm(run, lines, sending.to_whom(who), yes=yes)
    body = record_body(recorded, filled.body) if recorded else filled.body
    draft = Draft(declared.kind, body, None, filled.refs, level, action, foot)
    with run.waiting("Reading files"):
        sent = compose.send(run.node, id_, draft, filled, attached, alone=alone)
    value: dict[str, object] = {
        "id": sent[0],
        "ids": sent,
        "dossier": id_,
        "kind": declared.kind,
        "readers": sending.reader_values(who),
        "files": [path.name for path in attached.files],
        "objects": attached.objects,
    }
    return Answer(value, [f"Signed {short(sent[0])}.", *_objects(attached), _next(id_)])


def _cite(run: Run, dossier: Id, kind: ActKind, texts: dict[str, str], refs: list[str]) -> None:
    """Put what the message is about among the texts."""
    if cited := compose.citations(run.node, dossier, kind, refs):
        texts[forms.REFS] = ",".join(cited)


def _has_content(kind: ActKind, texts: dict[str, str]) -> bool:
    return any(f.name in texts for f in kind.content)


def _kinds(run: Run, dossier: Id) -> Answer:
    rules = dossiers.load(run.node, dossier).protocol
    return _explained([] if rules is None else list(compose.kinds_of(rules)))


def _explained(kinds: list[ActKind]) -> Answer:
    value: dict[str, object] = {
        "kinds": [
            {
                "kind": kind.kind,
                "label": kind.label,
                "fields": [
                    {
                        "option": fields.option(f.name),
                        **asdict(f),
                        "when": None if f.when is None else f.when._asdict(),
                    }
                    for f in forms.form(kind).fields
                ],
                "schema": forms.schema(kind),
                "files": kind.files.value,
                "batch": kind.batch,
            }
            for kind in kinds
        ]
    }
    return Answer(value, [line for kind in kinds for line in fields.describe(kind)])


@command(app, "invite")
def invite(
    run: Run,
    dossier: DossierArg,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="Whom to invite.")],
    *,
    yes: Yes = False,
) -> Answer:
    """Invite a party into a dossier.

    It gets the charter at once, and everything said so far once it joins; content said before
    only if its author gives it.
    """
    id_, who = find.dossier(run.node, dossier), find.party(run.node, party)
    lines = [f"Once it joins, {party} sees every heading of {short(id_)}."]
    sending.confirm(run, lines, f"Sign and send the invitation of {party}?", yes=yes)
    signed = issue.issue(run.node, dossier_id=id_, draft=Draft("invite", {"party": who}))
    value: dict[str, object] = {"id": signed, "dossier": id_, "party": who}
    return Answer(value, [f"Invited, by {short(signed)}. It joins with `comity join`."])


@command(app, "join")
def join_(run: Run, dossier: DossierArg) -> Answer:
    """Join a dossier you were invited to."""
    id_ = find.dossier(run.node, dossier)
    signed = join.join(run.node, dossier_id=id_)
    return Answer(
        {"id": signed, "dossier": id_},
        [f"Joined {short(id_)}. What was said before arrives from its members."],
    )


@command(app, "decline")
def decline(run: Run, dossier: DossierArg) -> Answer:
    """Decline to take part in a dossier."""
    id_ = find.dossier(run.node, dossier)
    signed = join.decline(run.node, dossier_id=id_)
    return Answer({"id": signed, "dossier": id_}, [f"Declined {short(id_)}."])


@command(app, "leave")
def leave(run: Run, dossier: DossierArg, *, yes: Yes = False) -> Answer:
    """Leave a dossier. Nothing that comes after reaches you, and what you said stays."""
    id_ = find.dossier(run.node, dossier)
    lines = [f"What you said in {short(id_)} stays with its members; nothing new reaches you."]
    sending.confirm(run, lines, f"Leave {short(id_)} for good, and tell its members?", yes=yes)
    signed = join.leave(run.node, dossier_id=id_)
    return Answer({"id": signed, "dossier": id_}, [f"Left {short(id_)}."])
