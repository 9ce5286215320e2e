"""Checking everything a node holds against what was signed: ``comity fsck``.

Nothing is written and no write lock is taken: the check reads one snapshot of the database while
the node goes on. What it trusts is the bytes that were signed; all the rest is computed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel import canon, dsse, statement
from comity.kernel.errors import Pending, Phrase, Refusal
from comity.kernel.ids import Id
from comity.services.care.check_dossiers import check_dossiers
from comity.services.care.check_log import check_logs
from comity.services.care.check_shelves import check_objects
from comity.services.care.report import Report, quiet
from comity.services.identity.documents import DocumentStore
from comity.store.access import checks as access
from comity.store.access import parties, space
from comity.store.sql import snapshot

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.services.care.report import Progress
    from comity.services.node import Node
    from comity.store.access.parties import PartyRow, StatementRow
    from comity.store.anchor import Mark


def check(node: Node, *, progress: Progress = quiet) -> Report:
    """Check a whole node; return what was found, and how much was looked at."""
    report = Report()
    # Read before the snapshot begins: the anchor never runs ahead of what was committed by then.
    mark = _anchor(node, report)
    fresh = replace(node, documents=DocumentStore(node.db), loaded=node.loaded.fresh())
    with snapshot(node.db):
        if not _check_documents(fresh, report):
            return report
        _check_parties(fresh, report)
        _check_statements(fresh, report, progress)
        check_logs(fresh, report, progress, mark)
        check_dossiers(fresh, report, progress)
        check_objects(fresh, report)
        _check_numbers(fresh, report)
        _check_queues(fresh, report)
        _check_space(fresh, report)
        named = access.part_paths(node.db)
    _check_files(fresh, report, named)
    return report


def _anchor(node: Node, report: Report) -> Mark | None:
    try:
        return node.anchor.read()
    except Refusal as refusal:
        report.error("anchor", refusal.reason)
        return None


def _check_documents(node: Node, report: Report) -> bool:
    """Check every chain of documents; say whether all that others rest on can be read."""
    places: dict[tuple[str, int, int], str] = {}
    sound = True
    for place in access.document_places(node.db):
        report.count("documents")
        subject = Phrase("document {id}", id=place.id[:8])
        try:
            view = node.documents[Id(place.id)]
        except (Refusal, KeyError) as error:
            sound = False
            why = Phrase(error.reason) if isinstance(error, Refusal) else str(error)
            report.error(subject, Phrase("It does not verify: {reason}", reason=why))
            continue
        if (view.id, view.party, *view.version) != place:
            report.error(subject, "Its row says something else than the document.")
        other = places.setdefault(place[1:], place.id)
        if other != place.id:
            told = "It stands in one place with document {other}."
            report.note(subject, Phrase(told, other=other[:8]))
    return sound


def _check_parties(node: Node, report: Report) -> None:
    for row in parties.parties(node.db):
        report.count("parties")
        subject = Phrase("party {id}", id=row.id[:8])
        ids = parties.document_ids(node.db, row.id)
        views = [node.documents[Id(id_)] for id_ in ids]
        newest = max((view.version for view in views), default=None)
        view = node.documents.get(Id(row.doc))
        if view is None or view.version != newest:
            report.error(subject, "Its newest document is not the one in force.")
        if row.is_self != (row.id == node.me):
            report.error(subject, "The node's settings name another party.")
        _check_node_document(node, report, row, subject)


def _check_node_document(node: Node, report: Report, row: PartyRow, subject: Phrase) -> None:
    held = parties.statement(node.db, row.node_doc) if row.node_doc else None
    if row.node_doc and held is None:
        report.error(subject, "Its node document is not here.")
    elif held is not None:
        document = statement.read_node(dsse.parse(held, limit=canon.DOCUMENT_LIMIT))
        if (document.version, document.name) != (row.node_version, row.name):
            report.warn(subject, "Its row is not what its node document says.")


def _check_statements(node: Node, report: Report, progress: Progress) -> None:
    """Verify every receipt and node document again."""
    known = access.statement_parties(node.db)
    for done, party in enumerate(known, 1):
        for row in access.statements_of(node.db, party):
            _check_statement(node, report, row)
        progress("statements", done, len(known))


def _check_statement(node: Node, report: Report, row: StatementRow) -> None:
    subject = Phrase("node document {id}", id=row.id[:8])
    if row.kind == "receipt":
        subject = Phrase("receipt {id}", id=row.id[:8])
    report.count("statements")
    try:
        _verify_statement(row, node.documents)
    except Refusal as refusal:
        report.refused(subject, refusal)
    except Pending:
        report.error(subject, "The document it names is not here.")


def _verify_statement(row: StatementRow, documents: DocumentStore) -> None:
    envelope = dsse.parse(row.envelope, limit=canon.DOCUMENT_LIMIT)
    if row.kind == "receipt":
        receipt = statement.read_receipt(envelope)
        head, to = receipt.head, str(receipt.to)
    else:
        head, to = statement.read_node(envelope).head, ""
    view: View | None = documents.get(head.doc)
    if view is None:
        raise Pending(documents=frozenset({head.doc}))
    statement.verify(envelope, head, view)
    told = (row.id, row.party, row.log, row.seq, row.to)
    if told != (envelope.id, head.party, head.log, head.seq, to):
        raise Refusal("K5", "Its row says something else than what was signed.", row.id)


def _check_numbers(node: Node, report: Report) -> None:
    """Check that dense numbers are dense, and that no counter would give one twice."""
    last = access.counters(node.db)
    for item in access.numbers(node.db):
        subject = Phrase("numbers of {name}", name=Phrase(item.name))
        if item.given != item.distinct:
            report.error(subject, "One number was given twice.")
        if item.most > last.get(item.name, 0):
            report.error(subject, "The counter is behind what was given.")
        # Mail that was taken goes from the front; a dossier's number moves with each change.
        dense = item.most - item.least + 1 == item.given or item.name == "dossier"
        if item.given and not dense:
            report.error(subject, "Numbers are missing between others.")
        if item.name == "act" and item.given != last.get("act", 0):
            report.error(subject, "Acts are missing at the beginning or the end.")


def _check_queues(node: Node, report: Report) -> None:
    for what, item, recipient in access.lost_deliveries(node.db):
        report.error(
            Phrase("outbox to {party}", party=recipient[:8]),
            Phrase("What was queued is not here: {what} {id}.", what=Phrase(what), id=item[:8]),
        )
    for act in access.lost_parts(node.db):
        report.warn(Phrase("act {id}", id=act[:8]), "Parts of it are here, and the act is not.")
    for id_ in access.pending_and_admitted(node.db):
        report.warn(Phrase("act {id}", id=id_[:8]), "It waits for others although it is admitted.")
    for via, count, _ in access.pending_loads(node.db):
        report.count("waiting acts", count)
        if via != node.me and count > node.settings.pending:
            report.warn(
                Phrase("party {id}", id=via[:8]),
                Phrase("{count} of its acts wait, more than it may leave.", count=count),
            )


def _check_space(node: Node, report: Report) -> None:
    """Check that the bytes counted per party, which its share of the disk is asked by, are kept."""
    counted, stored = space.counted(node.db), space.stored(node.db)
    for party in sorted(counted.keys() | stored.keys()):
        found, kept = counted.get(party, 0), stored.get(party, 0)
        if found != kept:
            subject = Phrase("party {id}", id=party[:8])
            told = (
                "{found} bytes are counted as kept because of it, and {kept} are kept. "
                "`comity rebuild` counts anew."
            )
            report.warn(
                party if party == space.STRANGERS else subject,
                Phrase(told, found=found, kept=kept),
            )


def _check_files(node: Node, report: Report, named: set[str]) -> None:
    """Find files that no part names: a crash leaves them, and the next try writes them over."""
    root = node.parts
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    if left := found - named:
        told = "{count} files belong to no part, as a crash leaves them."
        report.note("parts", Phrase(told, count=len(left)))
