"""Checking everything a node holds against what was signed: ``comity fsck``.

Nothing is written and no write lock is taken: the check reads one snapshot of the database while
the node goes on. What it trusts is the bytes that were signed; all the rest is computed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from comity.kernel import canon, dsse, statement
from comity.kernel.errors import Pending, Refusal
from comity.kernel.ids import Id
from comity.services.care.check_dossiers import check_dossiers
from comity.services.care.check_log import check_logs
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
        subject = f"document {place.id[:8]}"
        try:
            view = node.documents[Id(place.id)]
        except (Refusal, KeyError) as error:
            sound = False
            report.error(subject, f"It does not verify: {error}.")
            continue
        if (view.id, view.party, *view.version) != place:
            report.error(subject, "Its row says something else than the document.")
        other = places.setdefault(place[1:], place.id)
        if other != place.id:
            report.note(subject, f"It stands in one place with document {other[:8]}.")
    return sound


def _check_parties(node: Node, report: Report) -> None:
    for row in parties.parties(node.db):
        report.count("parties")
        ids = parties.document_ids(node.db, row.id)
        views = [node.documents[Id(id_)] for id_ in ids]
        newest = max((view.version for view in views), default=None)
        view = node.documents.get(Id(row.doc))
        if view is None or view.version != newest:
            report.error(f"party {row.id[:8]}", "Its newest document is not the one in force.")
        if row.is_self != (row.id == node.me):
            report.error(f"party {row.id[:8]}", "The node's settings name another party.")
        _check_node_document(node, report, row)


def _check_node_document(node: Node, report: Report, row: PartyRow) -> None:
    held = parties.statement(node.db, row.node_doc) if row.node_doc else None
    if row.node_doc and held is None:
        report.error(f"party {row.id[:8]}", "Its node document is not here.")
    elif held is not None:
        document = statement.read_node(dsse.parse(held, limit=canon.DOCUMENT_LIMIT))
        if (document.version, document.name) != (row.node_version, row.name):
            report.warn(f"party {row.id[:8]}", "Its row is not what its node document says.")


def _check_statements(node: Node, report: Report, progress: Progress) -> None:
    """Verify every receipt and node document again."""
    known = access.statement_parties(node.db)
    for done, party in enumerate(known, 1):
        for row in access.statements_of(node.db, party):
            report.count("statements")
            try:
                _verify_statement(row, node.documents)
            except Refusal as refusal:
                report.error(f"{row.kind} {row.id[:8]}", f"{refusal.rule}: {refusal.reason}")
            except Pending:
                report.error(f"{row.kind} {row.id[:8]}", "The document it names is not here.")
        progress("statements", done, len(known))


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
        if item.given != item.distinct:
            report.error(f"numbers of {item.name}", "One number was given twice.")
        if item.most > last.get(item.name, 0):
            report.error(f"numbers of {item.name}", "The counter is behind what was given.")
        # Mail that was taken goes from the front; a dossier's number moves with each change.
        dense = item.most - item.least + 1 == item.given or item.name == "dossier"
        if item.given and not dense:
            report.error(f"numbers of {item.name}", "Numbers are missing between others.")
        if item.name == "act" and item.given != last.get("act", 0):
            report.error("numbers of act", "Acts are missing at the beginning or the end.")


def _check_queues(node: Node, report: Report) -> None:
    for what, item, recipient in access.lost_deliveries(node.db):
        report.error(f"outbox to {recipient[:8]}", f"The {what} {item[:8]} queued is not here.")
    for act in access.lost_parts(node.db):
        report.warn(f"act {act[:8]}", "Parts of it are here, and the act is not.")
    for id_ in access.pending_and_admitted(node.db):
        report.warn(f"act {id_[:8]}", "It waits for others although it is admitted.")
    for via, count, _ in access.pending_loads(node.db):
        report.count("waiting acts", count)
        if via != node.me and count > node.settings.pending:
            report.warn(f"party {via[:8]}", f"{count} of its acts wait, more than it may leave.")


def _check_space(node: Node, report: Report) -> None:
    """Check that the bytes counted per party, which its share of the disk is asked by, are kept."""
    counted, stored = space.counted(node.db), space.stored(node.db)
    for party in sorted(counted.keys() | stored.keys()):
        told, kept = counted.get(party, 0), stored.get(party, 0)
        if told != kept:
            subject = party if party == space.STRANGERS else f"party {party[:8]}"
            report.warn(
                subject,
                f"{told} bytes are counted as kept because of it, and {kept} are kept. "
                "`comity rebuild` counts anew.",
            )


def _check_files(node: Node, report: Report, named: set[str]) -> None:
    """Find files that no part names: a crash leaves them, and the next try writes them over."""
    root = node.parts
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    if left := found - named:
        report.note("parts", f"{len(left)} files belong to no part, as a crash leaves them.")
