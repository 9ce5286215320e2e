"""What needs the person who asks, what waits on others, and when all of it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.shortcuts import render
from django.utils.translation import gettext

from comity.edge.web import giving, pictures
from comity.edge.web.requests import Asked, cursor, desk_of, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.kernel.ids import fingerprint
from comity.kernel.label import TLP, Egress, lets_out
from comity.services.casework import needing, saying
from comity.services.identity import roster
from comity.services.people import starting
from comity.services.response import clocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from django.utils.safestring import SafeString

    from comity.services.casework.reading import Task


@signed_in
def work(request: Asked) -> HttpResponse:
    """Show what needs this person, soonest due first, and what waits on others."""
    node, actor = request.node, request.actor
    after, others = cursor(request, "after"), cursor(request, "others")
    desk = desk_of(request)
    shown = {
        "agenda": needing.of_desk(desk, after, others),
        "clocks": clocks.urgent(desk),
        "after": after,
        "others": others,
        "starting": actor.lanes and not starting.of_node(node).acknowledged,
    }
    return render(request, "comity/work.html", shown)


AT_ONCE = 50
"""Rows of what is owed on one page: the most urgent."""
HOUR = 3600 * 1000


class Row(NamedTuple):
    """A ``task``, its bar, from when it was said to when it is due on the scale of all, and
    whether it is ours.
    """

    task: Task
    bar: SafeString
    mine: bool


@signed_in
def due(request: Asked) -> HttpResponse:
    """Show what is owed by whom and when, in a table with a bar in each of its rows."""
    desk, now = desk_of(request), request.node.now()
    owed = desk.owed()
    first = owed[:AT_ONCE]
    ours = [desk.is_mine(each) for each in first]
    shown = {
        "rows": _rows([*zip(desk.tasks(first), ours, strict=True)], now),
        "left_out": len(owed) - len(first),
        "now": now,
    }
    return render(request, "comity/due_list.html", shown)


@signed_in
def due_table(request: Asked) -> HttpResponse:
    """Give all that is owed as a table; what is TLP:RED is read on pages only."""
    desk = desk_of(request)
    # What is ours comes first.
    owed = sorted(desk.owed(), key=lambda each: not desk.is_mine(each))
    head = [
        gettext("Who owes it"),
        gettext("What"),
        gettext("Since (UTC)"),
        gettext("Due (UTC)"),
        gettext("Late"),
        gettext("Label"),
        gettext("Title"),
        gettext("Dossier"),
    ]
    tasks = desk.tasks(each for each in owed if lets_out(TLP(each.row.ceiling), Egress.FILE))
    return giving.table("due.csv", head, [_cells(task) for task in tasks])


def _cells(task: Task) -> list[object]:
    return [
        task.party,
        task.words,
        giving.instant(task.since),
        giving.instant(task.due),
        gettext("yes") if task.late else "",
        SHOWN[TLP(task.tlp)],
        task.title,
        task.dossier,
    ]


def _rows(tasks: Sequence[tuple[Task, bool]], now: int) -> list[Row]:
    begin = min((task.since for task, _ in tasks), default=now)
    end = max((task.due or now for task, _ in tasks), default=now)
    begin, end = min(begin, now), max(end, now, begin + HOUR)

    def at(time: int) -> float:
        return (min(max(time, begin), end) - begin) / (end - begin)

    found = []
    for task, mine in tasks:
        until = task.due or now
        kind = "open" if task.due is None or task.late else "under" if mine else "wait"
        parts = [pictures.Segment(at(task.since), at(until), kind)]
        if task.late:
            parts.append(pictures.Segment(at(until), at(now), "fail"))
        found.append(Row(task, pictures.bar(parts, at(now)), mine))
    return found


@signed_in
def start(request: Asked) -> HttpResponse:
    """Lead a new party from nothing to its first acknowledged warning."""
    shown = {
        "started": starting.of_node(request.node),
        "fingerprint": fingerprint(request.node.me),
        "address": next(iter(request.node.settings.endpoints), ""),
        "parties": [party for party in roster.everyone(request.node) if not party.is_self],
        "may_open": saying.openable(request.node, request.actor),
    }
    return render(request, "comity/start.html", shown)
