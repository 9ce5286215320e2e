"""What of the pages programs do by which operation of the API, and why some of it by none.

``tools.api_docs`` writes it into the reference; a test holds it complete both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

LOOKS = "A way to look at what `read_dossier` gives; a program draws its own."
RED = "What is TLP:RED is shown on pages alone."
ALOUD = "Reading a key aloud takes two people who talk, and no operation does it for them."
GUESTS = "For who has no account; the address in a letter is all that is asked for."
FINDERS = (
    "For who has no account: a report is sent at the page alone, where what is kept and what is "
    "not is told before."
)
MACHINE = (
    "Beginning, naming holders and proposing are done at the machine, for a program as for a "
    "person; no secret goes over a network."
)
LOST = (
    "A link for a lost password opens an account with all that it reaches, so it is made at the "
    "page."
)
PAGES: Mapping[str, tuple[str, str]] = {
    "work": ("work", ""),
    "due": ("work", ""),
    "due_table": ("work", ""),
    "dossiers": ("find_dossiers", ""),
    "dossiers_table": ("find_dossiers", ""),
    "dossier": ("read_dossier read_act", RED),
    "directory": ("whom_to_call list_seats", ""),
    "seat": ("list_contacts", ""),
    "card": ("whom_to_call", "It is for paper."),
    "take": ("take_contacts", ""),
    "bring": ("take_contacts_in", ""),
    "note_verbale": ("read_act", "It is for paper."),
    "contact_checks": ("list_campaigns read_campaign close_campaign", ""),
    "campaign": ("start_campaign", ""),
    "explain": ("explain_address", ""),
    "clocks": ("list_clocks", ""),
    "clocks_sheet": ("", "Says what the margins of printed sheets say."),
    "clocks_file": ("list_clocks", "`comity clocks --ics` writes it at the machine."),
    "clocks_address": ("", "A program has a token of its own, and asks `list_clocks`."),
    "clocks_feed": ("list_clocks", "For calendars, which show a secret in an address alone."),
    "regime_report": ("read_regime_report begin_draft add_file", RED),
    "regime_report_file": ("take_regime_report", ""),
    "landscape": ("read_landscape", ""),
    "briefing": ("read_landscape", "It is for paper."),
    "briefing_sheet": ("", "Says what the margins of printed sheets say."),
    "keys": ("list_keys", ""),
    "key": ("list_keys", ALOUD),
    "reading": ("", "Leads from a step of reading aloud to the page of its key."),
    "follow": ("follow_dossier", ""),
    "print": ("", LOOKS),
    "sheet": ("", LOOKS),
    "picture": ("", LOOKS),
    "export": ("export_dossier", ""),
    "say": ("read_form begin_draft", RED),
    "choose": ("list_protocols", ""),
    "open": ("read_opening_form begin_draft", RED),
    "draft": ("read_draft change_draft drop_draft add_file remove_file", ""),
    "check": (
        (
            "preview_draft sign_draft sign_in_emergency prepare_draft approve_draft return_draft "
            "review_draft"
        ),
        "",
    ),
    "evidence": ("take_evidence", ""),
    "file": ("take_file", ""),
    "memo": ("list_memos write_memo", ""),
    "letter": ("preview_letter make_letter", ""),
    "guests": ("list_letters", ""),
    "guest_letter": ("read_letter release_letter renew_letter revoke_letter", ""),
    "guest": ("", GUESTS),
    "guest_file": ("", GUESTS),
    "guest_record": ("", GUESTS),
    "report": ("", FINDERS),
    "report_case": ("", FINDERS),
    "securitytxt": ("", FINDERS),
    "reports": ("list_reports", ""),
    "reports_waiting": (
        "list_waiting_reports clear_reports_away",
        "Erasing a heap is for a person who looked.",
    ),
    "report_here": (
        "read_report answer_report close_report",
        "Opening a dossier of one, and erasing one, are for a person who looked.",
    ),
    "report_file": ("take_report_file", ""),
    "report_csaf": ("take_report_csaf", ""),
    "parties": ("list_parties", ""),
    "introduce": ("introduce_party", ""),
    "party": ("read_party accredit_party place_party", ""),
    "node": ("read_node", ""),
    "ceremony": (
        "read_ceremony bring_signature publish_root",
        MACHINE,
    ),
    "proposal": ("take_proposal", ""),
    "mandates": ("list_mandates", ""),
    "mandate": ("read_mandate change_mandate", ""),
    "notices": ("list_notices read_notice read_notices", ""),
    "start": ("", "Leads a person from nothing to the first warning; each of its steps is here."),
    "about": ("", "Says what this is and who runs it; version and party are in `read_node`."),
    "language": ("", "What is said in the API is in English; `change_account` chooses for pages."),
    "welcome": ("", "Whoever has the link opens it in a browser, and chooses a password there."),
    "account": ("read_account change_account", ""),
    "tokens": ("", "No token makes or revokes another: a way in that lasts is made by a person."),
    "people": ("list_people list_invitations revoke_invitation", ""),
    "invite": ("invite_person", ""),
    "person": (
        "read_person change_person",
        LOST,
    ),
    "audit": ("read_audit", ""),
    "circles": ("list_collections", ""),
    "circle": ("read_dossier list_collections", "What was sent, received and taken back by whom."),
    "product": ("read_product", ""),
    "incident": ("read_incident read_next_to_tell", ""),
    "disclosure": ("read_disclosure", ""),
    "announce": ("announce_advisory", ""),
    "announced": ("", "Who announced it has the file."),
    "publish_now": ("publish_advisory", ""),
    "disclosure_advisory": ("read_disclosure", "A draft for who writes the advisory."),
    "news": ("", "Programs follow `list_changes`."),
    "measures": ("read_measures", ""),
    "measures_table": ("read_measures", ""),
    "head": ("", "Made to be read on paper; what it holds is in `read_incident`."),
    "head_document": ("", "As the page."),
    "objects": ("find_objects list_collections", ""),
    "object": ("read_object", "Its relations and correlations: look for what it names."),
    "forward": ("", "What goes on to another circle is looked at by a person."),
    "add": ("add_objects", ""),
    "practice": ("write_practice", ""),
    "version": ("write_version", ""),
    "translate": ("translate_object", ""),
    "email": ("", "Shut at the pages, too: nobody takes another address unchecked."),
}
"""By the name of a page's address: the operations that do what it does, and what it does that they
do not, or why there are none.
"""
ALONE = frozenset({"read_me", "list_changes", "list_acts"})
"""Operations for programs alone: who one is, and what is new since a cursor."""
HEAD = """## What the pages do, and by which operation

Signing in, second factors, passkeys and the list of sessions lie below `/account/` as well and have
no operation: sessions mean nothing here. No page does `{alone}`.

| page | operations | not, or why none |
|---|---|---|
"""


def table(addresses: Mapping[str, str]) -> str:
    """Return the part of the reference about pages, of which ``addresses`` are given by name."""
    alone = "`, `".join(sorted(ALONE))
    return HEAD.format(alone=alone) + "\n".join(_rows(addresses)) + "\n"


def _rows(addresses: Mapping[str, str]) -> Iterator[str]:
    for name, (operations, note) in PAGES.items():
        named = ", ".join(f"`{each}`" for each in operations.split())
        yield f"| `/{addresses[name]}` | {named or '–'} | {note} |"
