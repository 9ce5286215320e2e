"""Contacts for the tests of formats: one in which everything is told, and any that may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from comity.bridges.contacts.record import FIELDS, HEAD, Contact, Reading, Writing
from comity.kernel.errors import Phrase

NAMES = (*HEAD, *FIELDS, "updated")

WHOLE = Contact(
    seat="or",
    party="Response Team of Orvanda",
    role="technical",
    holder_is="desk",
    holder="Duty desk",
    position="First line",
    institution="Ministry of Digital Affairs, Orvanda",
    deputies="Ana Lume; +99 800 1; ana@orvanda.example\n李小龙",
    email="team@orvanda.example\nduty@orvanda.example",
    phone="+99 800 100 200\n+99 800 100 201",
    phone_emergency="+99 800 999",
    chat="xmpp:team@orvanda.example\nRoom “Harbour”",
    video="https://meet.orvanda.example/desk",
    address="1, Harbour Street\n1000 Orvanda City\nOR",
    website="https://cert.orvanda.example/\nhttps://orvanda.example/",
    languages="fr, ar, pt-BR",
    hours="Mo-Fr 08:00-16:30; Sa 09:00-12:00",
    zone="Europe/Lisbon",
    holidays="2026-12-25, 2027-01-01",
    mandate="Decree 7; of 2020.\n\nIt answers for all ministries.",
    constituency="Ministries, and whoever asks.\nنعم",
    openpgp="CEA18911869A7BAD8F667B010794C217F37F5414",
    other="Ask for the duty officer; \\ say “harbour”.",
    updated=1_790_000_000_000,
)

ODD = st.sampled_from(
    [
        *("\n", "\n\n", ":", ";", ",", "\\", '"', "'", "^", "=", "+", "@", "#", " ", "\t", "\r"),
        *("\u2028", "\x00", "李", "نعم", "🛟", "e\u0301", "mailto:", "END:VCARD", "- "),
        *("2.4 Telephone Number", "Emergency: ", "Hours: ", "7. Disclaimers", "[first.host] "),
        "- - 2.1 Name of the Team",
    ]
)
TEXTS = st.lists(st.one_of(ODD, st.text(max_size=12)), max_size=6).map("".join)
MORE = st.sampled_from(
    ["first.host", "first.member-since", "csv.Fax", "vcard.X-LEVEL", "csv.a.b", "csv.Email", "x.=1"]
)
_RESTS = st.lists(st.tuples(MORE, TEXTS), max_size=3).map(tuple)
CONTACTS = st.builds(
    lambda texts, updated, rest: Contact(**texts, updated=updated, rest=rest),
    st.dictionaries(st.sampled_from([*HEAD, *FIELDS]), TEXTS, max_size=6),
    st.none() | st.integers(0, 4_000_000_000_000),
    _RESTS,
)
# As WHOLE, with any of its fields left out: what a format can hold comes back from each.
PARTS = st.sets(st.sampled_from(NAMES)).map(lambda names: without(WHOLE, names))


def without(contact: Contact, names: set[str]) -> Contact:
    """A contact without some of its fields."""
    left = replace(contact, updated=None) if "updated" in names else contact
    texts: dict[str, Any] = dict.fromkeys(names - {"updated"}, "")
    return replace(left, **texts)


def fields_of(lost: tuple[Phrase, ...]) -> set[str]:
    """The fields that a reading or writing says are lost."""
    return {str(each.values["field"]) for each in lost if "field" in each.values}


def require_honest(
    contacts: list[Contact],
    write: Callable[[list[Contact]], Writing],
    read: Callable[[str], Reading],
) -> None:
    """Every field comes back as it was, or is told as lost."""
    text, lost = write(contacts)
    told = fields_of(lost)
    for ours, got in zip(contacts, read(text).contacts, strict=True):
        changed = {name for name in NAMES if getattr(ours, name) != getattr(got, name)}
        assert changed <= told
        assert {name for name, value in ours.rest if (name, value) not in got.rest} <= told
