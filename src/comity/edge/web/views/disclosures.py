"""A coordinated disclosure: where its embargo stands, and who said what, where silence is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django import forms
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.edge.web import giving
from comity.edge.web.durations import MINUTE, span
from comity.edge.web.forms import Form
from comity.edge.web.requests import Asked, desk_of, signed_in
from comity.engines.embargo import Because, Keeping
from comity.kernel.label import TLP, Egress, require_way_out
from comity.protocols.response.disclosure import PROTOCOL, embargo
from comity.protocols.response.disclosure.codes import (
    BASES,
    CLAIMS,
    CLOSED,
    DUTIES,
    ENDINGS,
    FIXES,
    REFUSALS,
    RELATIONS,
    ROLES,
    STAGES,
    WORDS,
)
from comity.protocols.response.disclosure.summary import STATUSES
from comity.services.casework import dossiers
from comity.services.people import audit
from comity.services.response import announcing, caseview, disclosures, linked, outgoing
from comity.services.response.caseview import NO_REPLY, READY, TO_COME, UNASKED

if TYPE_CHECKING:
    from django.http import HttpResponse

    from comity.services.casework.desk import Desk
    from comity.services.response.caseview import CaseView, DisclosureParty, OutClaim
    from comity.services.response.outgoing import Standing
    from comity.store.access.acts import DossierRow
    from comity.store.access.announcements import AnnouncementRow

CONSENT = {
    embargo.AGREED: _("agreed"),
    embargo.REFUSED: _("refused"),
    embargo.COUNTERED: _("proposed others"),
    embargo.WITHDRAWN: _("withdrew"),
    NO_REPLY: _("no reply"),
    TO_COME: _("invited"),
    UNASKED: _("none proposed yet"),
}
KEEPING = {
    Keeping.NONE: _("We hold to no terms here, and are given no report."),
    Keeping.KEEPS: _("We keep to it until the end."),
    Keeping.OUT: _("It is out, as we judge it, and we keep to it no longer."),
    Keeping.WITHDRAWN: _("A party has ended it for all. Nobody has to publish for that."),
    Keeping.PAST: _("The end that was agreed has come."),
}
OWN = _("We hold to no terms here. The report is ours.")
BECAUSE = {
    Because.OWN: _("because we saw it ourselves"),
    Because.PARTIES: _("because several parties saw it independently"),
    Because.COORDINATOR: _("because the coordinator says so"),
}
SHOWN: dict[str, tuple[object, Callable[[DisclosureParty], bool]]] = {
    "silent": (_("No reply at all"), lambda each: each.is_silent),
    "unanswered": (_("No reply on terms"), lambda each: each.consent == NO_REPLY),
    "refused": (
        _("Refused or withdrew"),
        lambda each: each.consent in {embargo.REFUSED, embargo.WITHDRAWN},
    ),
    "not_ready": (
        _("No advisory ready"),
        lambda each: each.consent == embargo.AGREED and each.advisory != READY,
    ),
    "affected": (_("Affected"), lambda each: _says(each, "affected")),
    "not_affected": (_("Not affected"), lambda each: _says(each, "not_affected")),
    "unfixed": (
        _("Affected, without a fix"),
        lambda each: _says(each, "affected") and not each.fixes,
    ),
}
"""By code what may be looked for among parties, and whether one is that."""


def _says(each: DisclosureParty, word: str) -> bool:
    return any(said.word == word for said in each.words)


class Search(Form):
    """Which of the parties are shown."""

    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("All")), *((code, label) for code, (label, _is) in SHOWN.items())],
    )
    text = forms.CharField(label=_("Name"), required=False, max_length=100)


class Ours(NamedTuple):
    """An advisory of this party as it is shown; ``late`` is how late it went out, in words, and
    ``circles`` are those it goes to, by id with their titles, "" for one that is not seen.
    """

    row: AnnouncementRow
    stands: Standing | None
    late: str
    circles: dict[str, str]


def _ours(desk: Desk, row: DossierRow) -> list[Ours]:
    """Return this party's own advisories."""
    own = announcing.shown(desk, row.id)
    seen = desk.seen(circle for each in own for circle in each.row.circles)
    titles = {id_: desk.told(found).title(found) for id_, found in seen.items()}
    return [
        Ours(
            row=each.row,
            stands=each.stands,
            late=_late(each.row.out_at, each.row.due),
            circles={id_: titles.get(id_, "") for id_ in each.row.circles},
        )
        for each in own
    ]


def _late(at: int | None, due: int | None) -> str:
    """Return in words how late it was, "" where it was as agreed, or nothing was."""
    if at is None or due is None or at - due < MINUTE:
        return ""
    return span(at - due)


class Row(NamedTuple):
    """A party as it is shown: labels beside what is told of it, and a class of its consent."""

    each: DisclosureParty
    consent: object
    tone: str
    stage: str
    words: list[tuple[str, str]]
    fixes: list[tuple[str, str]]
    duties: list[str]
    late: str


TONES = {
    embargo.AGREED: "good",
    embargo.REFUSED: "bad",
    embargo.WITHDRAWN: "bad",
    NO_REPLY: "late",
}


@signed_in
def disclosure(request: Asked, dossier_id: str) -> HttpResponse:
    """Show a disclosure."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier_id)
    if row.state == dossiers.JOINING:
        raise Http404
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    found = disclosures.case(request.node, row.id)
    form, ours = Search(request.GET), _ours(desk, row)
    asked = form.cleaned_data if form.is_valid() else {}
    shown = {
        "row": row,
        "title": desk.told(row).title(row),
        "form": form,
        "found": found,
        "status": STATUSES.get(row.status, STATUSES[found.embargo.state]),
        "keeping": _keeping(request, row, found),
        "opened_by": row.opened_by,
        "because": BECAUSE[found.belief.because]
        if found.belief.because and found.keeping is Keeping.OUT
        else "",
        "held": len(found.embargo.held),
        "endings": [(e, (ENDINGS | REFUSALS)[e.reason]) for e in found.endings],
        "claims": [(c, CLAIMS[c.what], BASES[c.basis]) for c in _claims(found)],
        "counts": _counts(found),
        "groups": _groups(found, asked.get("show", ""), asked.get("text", "")),
        "steps": _steps(request, desk, row, found),
        "ours": ours,
        "by_hand": _by_hand(request, found, ours),
        "may_announce": found.keeping is Keeping.KEEPS and _may(desk, row, announcing.KIND),
        "may_publish": _may(desk, row, outgoing.KIND),
        "spread": "" if found.spread is None else span(found.spread),
        "links": [*linked.told(desk, found.links, RELATIONS, found.name)],
        "with_us": _with_us(desk, found),
    }
    return render(request, "comity/disclosure.html", shown)


@signed_in
def advisory(request: Asked, dossier_id: str) -> HttpResponse:
    """Give the draft of an advisory of a disclosure; what is TLP:RED is read on pages only."""
    desk = desk_of(request)
    row = desk.dossier_of(PROTOCOL, dossier_id)
    if row.state == dossiers.JOINING:
        raise Http404
    require_way_out(TLP(row.ceiling), Egress.FILE, row.id)
    audit.note_read(request.node, request.actor, row.id, TLP(row.ceiling))
    doc = disclosures.advisory(request.node, row, desk.told(row).title(row))
    return giving.data(doc, f"case-{row.id[:16]}.json")


def _keeping(request: Asked, row: DossierRow, found: CaseView) -> object:
    if found.keeping is Keeping.NONE and row.opened_by == request.node.me:
        return OWN
    return KEEPING[found.keeping]


def _by_hand(request: Asked, found: CaseView, ours: list[Ours]) -> bool:
    """Say whether this party announced an advisory that no file here belongs to."""
    mine = next((each for each in found.parties if each.party == request.node.me), None)
    promised = mine is not None and mine.advisory == READY and mine.published is None
    return promised and not any(each.stands for each in ours)


def _claims(found: CaseView) -> list[OutClaim]:
    """Return the claims that it is out, without those that say that their author published."""
    published = {each.published.act for each in found.parties if each.published}
    return [claim for claim in found.claims if claim.act not in published]


def _may(desk: Desk, row: DossierRow, kind: str) -> bool:
    return row.state == dossiers.ACTIVE and desk.under(row, kind) is not None


def _with_us(desk: Desk, found: CaseView) -> list[tuple[str, str, int | None]]:
    """Return the cases of the same flaw that bind us too, as (id, title, end); "" as the title of
    one that this person does not see.
    """
    seen = desk.seen(each.dossier for each in found.with_us)
    return [
        (
            each.dossier,
            desk.told(seen[each.dossier]).title(seen[each.dossier]) if each.dossier in seen else "",
            each.outlook.end,
        )
        for each in found.with_us
    ]


def _counts(found: CaseView) -> list[tuple[str, object, int]]:
    """Return how many parties are what may be looked for, of all of them."""
    return [
        (code, label, sum(map(matches, found.parties))) for code, (label, matches) in SHOWN.items()
    ]


def _groups(found: CaseView, show: str, text: str) -> list[tuple[str, list[Row]]]:
    """Return the parties that are looked for, by their role; those without one last."""
    groups: dict[str, list[Row]] = {code: [] for code in (*ROLES, "")}
    for each in found.parties:
        if text.casefold() in each.name.casefold() and (not show or SHOWN[show][1](each)):
            groups[each.role if each.role in ROLES else ""].append(_row(each))
    return [(ROLES.get(code, ""), rows) for code, rows in groups.items() if rows]


def _row(each: DisclosureParty) -> Row:
    return Row(
        each=each,
        consent=CONSENT[each.consent],
        tone=TONES.get(each.consent, "quiet"),
        stage=STAGES.get(each.stage, each.stage),
        words=[
            (WORDS[w.word], " · ".join(filter(None, (w.product, w.vulnerability))))
            for w in each.words
        ],
        fixes=[(FIXES[fix.step], fix.product) for fix in each.fixes],
        duties=[DUTIES[code] for code in each.duties],
        late=_late(each.published.time, each.published.due) if each.published else "",
    )


def _steps(
    request: Asked, desk: Desk, row: DossierRow, found: CaseView
) -> list[tuple[str, str, object]]:
    """Return what this person may say next of terms and products: (kind, refs, words)."""
    own = found.embargo.held.get(request.node.me)
    mine = next((p for p in found.parties if p.party == request.node.me), None)
    steps: list[tuple[str, str, object]] = []
    for terms in found.terms:
        if own is None or terms.end > own.end:
            steps += [
                ("accept", terms.act, _("Agree to the terms of %(name)s") % {"name": terms.name}),
                ("refuse", terms.act, _("Refuse the terms of %(name)s") % {"name": terms.name}),
            ]
    steps.append(("propose", "", _("Propose terms")))
    if own is not None:
        steps.append(("withdraw", own.terms, _("Withdraw from terms")))
        steps.append(("handle", row.id, _("Say what you do with the report")))
        steps.append(("status", "", _("Say whether a product is affected")))
        steps.append(("link", "", _("Link to another dossier")))
    if mine is None or mine.place != caseview.MEMBER or row.state != dossiers.ACTIVE:
        return []
    if mine.stage == CLOSED:  # It says nothing more on terms (D9), and handles no report.
        steps = [step for step in steps if step[0] not in {*embargo.DEALING, "handle"}]
    return [step for step in steps if desk.under(row, step[0]) is not None]
