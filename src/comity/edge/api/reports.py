"""Reports of vulnerabilities that people without a node sent at the pages."""

from __future__ import annotations

import io
from typing import Literal

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from comity.edge.api.answers import READ, answers, bytes_out, takes
from comity.edge.api.asking import Asked
from comity.edge.api.once import Key, once
from comity.edge.api.reading import BYTES
from comity.edge.api.shapes.kinds import DraftId, Number, Pattern, Text
from comity.services.response import reports, waiting
from comity.services.response.intake import REASONS, Case, case_of

router = Router(tags=["Responding"])
Told = Literal["yes", "no", "unknown"]


class ReportLine(Schema):
    """A report in a list. `unread` says that nobody here has read what its finder said last."""

    id: str
    made_at: int
    changed_at: int
    unread: bool
    affected: str
    state: Literal["new", "open", "closed"]
    reason: str = Field(description="Why it was closed: " + ", ".join(f"`{r}`" for r in REASONS))
    dossier: str = Field(description="Where it is dealt with, or nothing.")


class Reports(Schema):
    """Reports, the newest first; `before` is the cursor for more, nothing for the end."""

    reports: list[ReportLine]
    before: str


class ReportNote(Schema):
    """A further word: `ours`, by a person called `name`, or its finder's."""

    ours: bool
    name: str
    text: str
    at: int


class ReportFile(Schema):
    """A file that a finder handed over."""

    id: int
    name: str
    size: int
    at: int


class FoundReport(ReportLine):
    """A report as its finder wrote it, and what was said since."""

    name: str = Field(description="Any name, or nothing.")
    mail: str
    language: str
    versions: str
    description: str
    reproduce: str
    impact: str
    public: Told
    exploited: Told
    credit: bool = Field(description="Whether the finder wants to be named where it is published.")
    planned: int | None = Field(description="When the finder means to publish.")
    notes: list[ReportNote]
    files: list[ReportFile]


class ReportHeap(Schema):
    """Reports that wait unread, of the same words or of one day. `affected` and `words`
    are of the oldest.
    """

    key: str
    by_words: bool
    number: int
    size: int = Field(description="Bytes.")
    oldest: int
    newest: int
    affected: str
    words: str


class WaitingReports(Schema):
    """What waits unread: how many reports, how many bytes, since when, and its heaps."""

    number: int
    size: int
    oldest: int | None
    newest: int | None
    heaps: list[ReportHeap]


class HeapToClear(Schema):
    """What is done with a heap, as far as it came until then: nobody saw what came since."""

    deed: Literal["aside", "abuse"]
    until: Number


class Cleared(Schema):
    """How many reports were cleared away."""

    number: int


class ReportAnswer(Schema):
    """What a finder is told."""

    text: Text


class ClosedReport(Schema):
    """Why a report is closed, which its finder is told, and a word that goes with it."""

    reason: str
    text: Text = ""


def _found(case: Case) -> FoundReport:
    notes, files = ([each._asdict() for each in listed] for listed in (case.notes, case.files))
    return FoundReport.from_orm({**case.row._asdict(), "notes": notes, "files": files})


@router.get("/reports", response=answers(Reports))
def list_reports(request: Asked, before: DraftId | None = None) -> Reports:
    """List the reports of vulnerabilities, the newest first, below the one `before`."""
    rows = reports.listed(request.node, request.auth, before or "")
    more = rows[-1].id if len(rows) == reports.AT_ONCE else ""
    return Reports(reports=[ReportLine.from_orm(row._asdict()) for row in rows], before=more)


@router.get("/reports/waiting", response=answers(WaitingReports))
def list_waiting_reports(request: Asked) -> WaitingReports:
    """List what waits unread as heaps: by its words, and by day."""
    load = waiting.load(request.node, request.auth)
    heaps = [each._asdict() for each in waiting.heaps(request.node, request.auth)]
    return WaitingReports.from_orm({**load._asdict(), "heaps": heaps})


@router.post("/reports/waiting/{heap}", response=takes(Cleared))
def clear_reports_away(request: Asked, heap: Pattern, clear: HeapToClear) -> Cleared:
    """Close a heap of reports that wait, whole: those of a flood (`aside`), whose finders are read
    when they write again, or what is no report (`abuse`).
    """
    node, actor = request.node, request.auth
    return Cleared(number=waiting.clear_away(node, actor, heap, clear.deed, clear.until))


@router.get("/reports/{report}", response=answers(FoundReport))
def read_report(request: Asked, report: DraftId) -> FoundReport:
    """Read a report; its finder sees that it was read, unless a machine did."""
    return _found(reports.read(request.node, request.auth, report))


@router.get("/reports/{report}/files/{number}", response=READ, openapi_extra=bytes_out("The file."))
def take_report_file(request: Asked, report: DraftId, number: Number) -> HttpResponseBase:
    """Take a file of a report, by its `id`. It may do harm."""
    name, data = reports.file(request.node, request.auth, report, number)
    opened = io.BytesIO(data)
    return FileResponse(opened, as_attachment=True, filename=name, content_type=BYTES)


@router.get(
    "/reports/{report}/csaf", response=READ, openapi_extra=bytes_out("A document of CSAF 2.1.")
)
def take_report_csaf(request: Asked, report: DraftId) -> HttpResponseBase:
    """Take a report as a document of CSAF 2.1, under TLP:AMBER."""
    name, data = reports.as_csaf(request.node, request.auth, report)
    answer = HttpResponse(data, content_type=BYTES)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@router.post("/reports/{report}/answer", response=takes(FoundReport))
def answer_report(request: Asked, report: DraftId, said: ReportAnswer, key: Key) -> FoundReport:
    """Say something to a finder, who reads it at the report's address. Nothing is mailed."""
    node, actor = request.node, request.auth
    once(
        request,
        key,
        lambda keep: reports.answer(node, actor, report, said.text, lambda: keep({})),
    )
    return _now(request, report)


@router.post("/reports/{report}/close", response=takes(FoundReport))
def close_report(request: Asked, report: DraftId, said: ClosedReport, key: Key) -> FoundReport:
    """Close a report for a reason that its finder is told. When the finder says more, it is open
    again, unless the reason is `abuse`.
    """
    node, actor = request.node, request.auth
    once(
        request,
        key,
        lambda keep: reports.close(node, actor, report, said.reason, said.text, lambda: keep({})),
    )
    return _now(request, report)


def _now(request: Asked, report: str) -> FoundReport:
    row = reports.require(request.node, request.auth, report)
    return _found(case_of(request.node, row))
