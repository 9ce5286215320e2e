"""Every address of the pages. ``tests/edge/test_web_routes.py`` walks them all, as everybody."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.urls import include, path
from django.views.i18n import set_language

from comity.edge.web.views import (
    about,
    account,
    ceremony,
    checking,
    contactchecks,
    directory,
    dossiers,
    errors,
    explaining,
    guest,
    guests,
    keys,
    looking,
    memos,
    node,
    notices,
    noting,
    parties,
    people,
    proof,
    saying,
    tokens,
    work,
)

urlpatterns = [
    path("", work.work, name="work"),
    path("due", work.due, name="due"),
    path("due.csv", work.due_table, name="due_table"),
    path("dossiers.csv", dossiers.listed, name="dossiers_table"),
    path("dossiers", dossiers.dossiers, name="dossiers"),
    path("dossiers/<str:dossier_id>", dossiers.dossier, name="dossier"),
    path("directory", directory.directory, name="directory"),
    path("directory/card", directory.card, name="card"),
    path("directory/seats/<str:seat_id>", directory.seat, name="seat"),
    path("explain", explaining.explain, name="explain"),
    path("contact-checks/start", contactchecks.campaign, name="campaign"),
    path("contact-checks", contactchecks.checks, name="contact_checks"),
    path("keys", keys.keys, name="keys"),
    path("keys/reading/<str:act_id>", keys.reading, name="reading"),
    path("keys/<str:act_id>", keys.key, name="key"),
    path("dossiers/<str:dossier_id>/follow", notices.follow, name="follow"),
    path("dossiers/<str:dossier_id>/print", looking.print_, name="print"),
    path("dossiers/<str:dossier_id>/sheet.css", looking.sheet, name="sheet"),
    path("dossiers/<str:dossier_id>/picture", looking.picture, name="picture"),
    path("dossiers/<str:dossier_id>/export", proof.export, name="export"),
    path("dossiers/<str:dossier_id>/say/<str:kind>", saying.say, name="say"),
    path("open", saying.choose, name="choose"),
    path("open/<path:protocol>", saying.open_, name="open"),
    path("drafts/<str:draft_id>", saying.draft, name="draft"),
    path("drafts/<str:draft_id>/check", checking.check, name="check"),
    path("acts/<str:act_id>/evidence", proof.evidence, name="evidence"),
    path("acts/<str:act_id>/note-verbale", noting.note, name="note_verbale"),
    path("acts/<str:act_id>/files/<int:number>", proof.file, name="file"),
    path("acts/<str:act_id>/memo", memos.memo, name="memo"),
    path("acts/<str:act_id>/letter", guests.letter, name="letter"),
    path("dossiers/<str:dossier_id>/guests", guests.guests, name="guests"),
    path("dossiers/<str:dossier_id>/guests/<str:guest_id>", guests.one, name="guest_letter"),
    path("guest/<str:secret>", guest.guest, name="guest"),
    path("guest/<str:secret>/files/<int:number>", guest.file, name="guest_file"),
    path("guest/<str:secret>/record", guest.record, name="guest_record"),
    path("parties", parties.parties, name="parties"),
    path("parties/introduce", parties.introduce, name="introduce"),
    path("parties/<str:party_id>", parties.party, name="party"),
    path("node", node.node, name="node"),
    path("node/ceremony", ceremony.ceremony, name="ceremony"),
    path("node/ceremony/proposal", ceremony.proposal, name="proposal"),
    path("mandates", node.roles, name="mandates"),
    path("mandates/<str:code>", node.role, name="mandate"),
    path("notices", notices.notices, name="notices"),
    path("start", work.start, name="start"),
    path("about", about.about, name="about"),
    path("language", set_language, name="language"),
    path("welcome/<str:secret>", people.welcome, name="welcome"),
    path("account", account.account, name="account"),
    # Who finds a browser open makes no way in that lasts.
    path("account/tokens", reauthentication_required(tokens.mine), name="tokens"),
    path("people", people.people, name="people"),
    path("people/invite", people.invite, name="invite"),
    path("people/<int:number>", people.person, name="person"),
    path("audit", people.audit, name="audit"),
    # The library would let a person take another address, which nobody here has checked.
    path("account/email/", errors.absent, name="email"),
    path("account/", include("allauth.urls")),
]
handler400 = "comity.edge.web.views.errors.wrong"
handler403 = "comity.edge.web.views.errors.absent"
handler404 = "comity.edge.web.views.errors.absent"
handler500 = "comity.edge.web.views.errors.fault"
