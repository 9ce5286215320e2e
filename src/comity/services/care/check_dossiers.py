"""Checking dossiers: every act verified and admitted again, every derived row computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import act as acts
from comity.kernel import merkle
from comity.kernel.audience import may_have, ranges_of
from comity.kernel.dossier import Dossier
from comity.kernel.errors import Pending, Phrase, Refusal
from comity.kernel.ids import Id
from comity.services.care.check_shelves import check_shelf
from comity.services.casework import content, dossiers, text
from comity.services.casework.dossiers import member_states, open_charter, stored_act
from comity.store.access import acts as access
from comity.store.access import checks, subjects

if TYPE_CHECKING:
    from comity.kernel.act import Act
    from comity.kernel.protocol import Summary
    from comity.services.care.report import Progress, Report
    from comity.services.node import Node
    from comity.store.access.acts import ActRow, DossierRow, PartHeld


def check_dossiers(node: Node, report: Report, progress: Progress) -> None:
    """Check every dossier; the node's own cache is neither read nor changed."""
    ids = checks.dossier_ids(node.db)
    erased = {id_ for id_, _, _ in access.erasures(node.db)}
    for done, id_ in enumerate(ids, 1):
        row = access.dossier(node.db, id_)
        if row is not None:
            _check_dossier(node, report, row, erased)
        progress("dossiers", done, len(ids))
    report.count("dossiers", len(ids))


def _check_dossier(node: Node, report: Report, row: DossierRow, erased: set[str]) -> None:
    subject = Phrase("dossier {id}", id=row.id[:8])
    dossier: Dossier | None = None
    held = list(access.acts_of(node.db, row.id))
    for act_row in held:
        try:
            dossier = _admit(node, dossier, act_row)
        except Refusal as refusal:
            report.refused(Phrase("act {id}", id=act_row.id[:8]), refusal)
            return
        except (Pending, KeyError):
            lacking = Phrase("act {id}", id=act_row.id[:8])
            report.error(lacking, "What the act rests on is not here.")
            return
        _check_row(report, dossier, act_row)
        _check_content(node, report, act_row, stored_act(node, act_row), erased)
    if row.acts != len(held):
        told = "{held} acts are held; the dossier counts {counted}."
        report.error(subject, Phrase(told, held=len(held), counted=row.acts))
    report.count("acts", len(held))
    if dossier is None:
        report.error(subject, "Its charter is not here.")
        return
    _check_feeds(node, report, dossier)
    _check_derived(node, report, row, dossier)
    check_shelf(node, report, dossier)


def _admit(node: Node, dossier: Dossier | None, row: ActRow) -> Dossier:
    """Read an act anew from its bytes, verify its signature, and admit it."""
    act = acts.read(stored_act(node, row).envelope)
    if act.id != row.id:
        raise Refusal("K5", "The stored header is not the one that was signed.", row.id)
    if dossier is None:
        return open_charter(node, act)
    dossier.admit(act, node.documents)
    return dossier


def _check_row(report: Report, dossier: Dossier, row: ActRow) -> None:
    subject = Phrase("act {id}", id=row.id[:8])
    placed = dossier.graph.nodes[Id(row.id)]
    header = placed.header
    told = (row.idx, row.party, row.log, row.seq, row.kind, row.time)
    if told != (placed.index, *header[:1], header.log, header.seq, header.kind, header.time):
        report.error(subject, "Its row says something else than its header.")
    void = placed.void or ("", "")
    if (row.void_rule, row.void_reason) != (void[0], void[1][:500]):
        report.warn(subject, "Its stored verdict is not the computed one. Run `comity rebuild`.")


def _check_content(node: Node, report: Report, row: ActRow, act: Act, erased: set[str]) -> None:
    """Check an act's parts against their leaves, and the leaves against the commitment."""
    subject, commitment = Phrase("act {id}", id=row.id[:8]), act.header.content
    held = access.parts(node.db, row.id)
    report.count("parts", len(held))
    for part in held:
        _check_part(node, report, subject, part)
    complete = [part.idx for part in held] == list(range(commitment.parts))
    if complete and merkle.root(part.leaf for part in held).hex() != commitment.hash:
        report.error(subject, "Its parts are not those its header commits to.")
    audience = ranges_of(act.header)
    lacking = [
        part.idx
        for part in held
        if part.salt is None
        and may_have(audience, part.idx, node.me, author=act.header.party, members={node.me})
    ]
    if row.whole and (not complete or (lacking and row.id not in erased)):
        report.error(subject, "It is said to be whole, and parts of it are not here.")


def _check_part(node: Node, report: Report, subject: str, row: PartHeld) -> None:
    try:
        part = content.held_part(node, row)
    except OSError as error:
        told = "Part {index} cannot be read: {error}."
        report.error(subject, Phrase(told, index=row.idx, error=error.strerror))
        return
    if part is not None and (part.leaf != row.leaf or len(part.data) != row.size):
        told = "Part {index} is not what it was when it came."
        report.error(subject, Phrase(told, index=row.idx))


def _check_feeds(node: Node, report: Report, dossier: Dossier) -> None:
    for twins in dossier.graph.equivocations():
        header = twins[0].header
        subject = Phrase("dossier {id}", id=dossier.id[:8])
        claimed = {"count": len(twins), "place": header.n, "log": header.log}
        if header.party == node.me:
            told = "{count} acts of this party itself claim place {place} of log {log}."
            report.error(subject, Phrase(told, **claimed))
        else:
            told = (
                "{count} acts of one party claim place {place} of log {log}. Two versions exist, "
                "often a restored backup."
            )
            report.note(subject, Phrase(told, **claimed))


def _check_derived(node: Node, report: Report, row: DossierRow, dossier: Dossier) -> None:
    subject = Phrase("dossier {id}", id=row.id[:8])
    for what, stored, computed in _derived(node, row, dossier):
        if stored != computed:
            told = "What is stored of it is not what is computed ({what}). Run `comity rebuild`."
            report.warn(subject, Phrase(told, what=what))


def _derived(node: Node, row: DossierRow, dossier: Dossier) -> list[tuple[str, object, object]]:
    """Return (what, as stored, as computed) of everything that is derived from acts."""
    charter, header = dossier.charter, dossier.graph.charter.header
    fixed = (
        charter.protocol,
        charter.version,
        header.realm or "",
        charter.ceiling.value,
        header.footing.value if header.footing else "",
        header.party,
        header.time,
    )
    texts = [
        (n.id, 0, *value)
        for n in dossier.graph.order
        for value in text.text_of(node, dossier, stored(node, n.id))
    ]
    titles = [value for id_, _, _, is_title, value in texts if is_title and id_ == dossier.id]
    members = [(str(party), state) for party, state in member_states(dossier)]
    found: list[tuple[str, object, object]] = [
        ("terms", row[1:8], fixed),
        ("members", access.members(node.db, row.id), sorted(members)),
        ("texts", checks.texts_of(node.db, row.id), sorted(texts)),
        ("title", row.title, titles[0][:300] if titles else ""),
        ("place", row.state == dossiers.OPAQUE, dossier.protocol is None),
    ]
    shown = dossier.state_without(dossiers.disowned(node, dossier))
    summary = dossier.summary(shown)
    return found if summary is None else [*found, *_summed(node, row, dossier, summary)]


def stored(node: Node, id_: str) -> Act:
    """Return an act that is known to be held."""
    row = access.act(node.db, id_)
    if row is None:
        raise AssertionError(id_)
    return stored_act(node, row)


def _summed(
    node: Node, row: DossierRow, dossier: Dossier, summary: Summary
) -> list[tuple[str, object, object]]:
    caption = summary.caption
    owed = sorted(
        (d.who, d.what, -1 if d.due is None else d.due, d.act, d.to or "") for d in summary.duties
    )
    held = sorted(
        (d.who, d.what, -1 if d.due is None else d.due, d.act, d.to)
        for d in access.duties(node.db, dossier_id=row.id)
    )
    return [
        ("state", row.digest, dossier.digest()),
        ("status", row.status, summary.status),
        ("caption", (row.caption, row.params), (caption.code, dict(caption.params))),
        ("duties", held, owed),
        ("subjects", {*subjects.of_dossier(node.db, row.id)}, {*map(tuple, summary.subjects)}),
    ]
