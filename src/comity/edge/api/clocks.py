"""Clocks: what must be reported by when, and the reports themselves."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router, Schema

from comity.edge.api.answers import READ, answers, bytes_out
from comity.edge.api.asking import Asked, desk_of
from comity.edge.api.reading import BYTES
from comity.edge.api.shapes.kinds import Id, Line
from comity.kernel.label import TLP
from comity.services.people import audit
from comity.services.response import clocks, regime_reports
from comity.services.response.clocks import Which
from comity.services.response.regime_reports import RegimeReport, ReportForm

router = Router(tags=["Responding"])


class ClocksWanted(Schema):
    """Which clocks to list: those open, all of files not closed (`current`), those late now or
    reported late, or all; of one regime or file, "" for any; of this party's own files, if `mine`.
    """

    which: Which = Which.OPEN
    regime: Line = ""
    file: Line = ""
    mine: bool = False


@router.get("/clocks", response=answers(clocks.Clocks))
def list_clocks(request: Asked, wanted: Query[ClocksWanted]) -> clocks.Clocks:
    """List what must be reported by when, open ones first, each with the reason for its time."""
    return clocks.board(
        desk_of(request),
        wanted.which,
        regime=wanted.regime,
        only=wanted.file,
        mine=wanted.mine,
    )


@router.get("/clocks/{dossier}/{regime}/{stage}", response=answers(RegimeReport))
def read_regime_report(request: Asked, dossier: Id, regime: str, stage: str) -> RegimeReport:
    """Read what a report asks for, and what of it is known here."""
    found = regime_reports.report(desk_of(request), dossier, regime, stage)
    audit.note_read(request.node, request.auth, dossier, TLP(found.tlp))
    return found


class ReportFormat(Schema):
    """As what to take a report: `docx` for a word processor, `text`, or `json`."""

    format: ReportForm = ReportForm.DOCX


@router.get(
    "/clocks/{dossier}/{regime}/{stage}/file",
    response=READ,
    openapi_extra=bytes_out("The report, to be finished, under the label of its reporting file."),
)
def take_regime_report(
    request: Asked, dossier: Id, regime: str, stage: str, asked: Query[ReportFormat]
) -> HttpResponse:
    """Take a report as a file. What is TLP:RED is read on pages, and taken nowhere."""
    desk = desk_of(request)
    found = regime_reports.report(desk, dossier, regime, stage)
    data = regime_reports.written(desk, found, asked.format)
    audit.note_read(request.node, request.auth, dossier, TLP(found.tlp))
    answer = HttpResponse(data, content_type=BYTES)
    name = regime_reports.named(found, asked.format)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
