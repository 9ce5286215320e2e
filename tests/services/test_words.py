"""Words for people: one line for every act, status and duty, in English, without content."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comity.kernel import kinds
from comity.kernel.fieldtypes import Code, FieldType, Flag, Hex, Instant, Many, Party, Whole
from comity.kernel.protocol import VOID, Caption, Duty
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.incident.acts import Acknowledge, Close, HandOver, Inform
from comity.protocols.response.incident.assistance import Answer, Ask
from comity.services.casework import words
from comity.services.casework.kernelkinds import KERNEL_ACTS
from comity.services.casework.words import Words
from tests.kernel.world import digest
from tests.protocols.table import LATER, TIME, Table

DAY = 1_777_776_000_000
"""3 May 2026, 02:40 UTC."""


@pytest.fixture(name="table")
def opened_incident() -> Table:
    table = Table(PROTOCOL)
    table.open({"rsit": "availability"})
    return table


@pytest.fixture(name="of")
def words_with_names(table: Table) -> Words:
    return Words(PROTOCOL, {table.id("orvanda"): "Orvanda", table.id("tolmere"): "Tolmere"})


def told(table: Table, of: Words) -> str:
    last = table.acts[-1]
    return of.act(last.id, last.header)


def test_an_incident_is_told_without_its_content(table: Table, of: Words) -> None:
    opening = table.acts[0]
    line = f"Incident · opened by Orvanda · 14 November 2023 · {opening.id[:4]}"
    assert told(table, of) == line
    summary = table.seen.summary()
    assert summary is not None
    assert of.caption(summary.caption) == line
    assert of.status(summary.status) == "Open"


def test_every_act_is_told_in_one_line(table: Table, of: Words) -> None:
    opening = table.acts[0]
    sarivane = table.id("sarivane")[:8]
    table.say("orvanda", Inform(ack_wanted=True))
    assert told(table, of) == "Orvanda informed"
    table.say("tolmere", Acknowledge(as_="acting"), [opening])
    assert told(table, of) == "Tolmere acknowledged: acting on it"
    ask = table.say("orvanda", Ask(to=[table.id("sarivane")], verb="block-host", due=LATER))
    assert told(table, of) == f"Orvanda asked {sarivane}: block traffic from the hosts named"
    table.say("sarivane", Answer(result="cannot", reason="law"), [ask])
    assert told(table, of) == f"{sarivane} answered: cannot be done"
    table.say("tolmere", HandOver())
    assert told(table, of) == "Tolmere handed over files"
    table.say("orvanda", Close(outcome="mitigated"), [opening])
    assert told(table, of) == "Orvanda closed the incident: mitigated, the cause remains"


def test_what_is_owed_is_told(table: Table, of: Words) -> None:
    table.say("orvanda", Ask(to=[table.id("tolmere")], verb="investigate", due=LATER))
    table.say("tolmere", Inform(ack_wanted=True))
    summary = table.seen.summary()
    assert summary is not None
    lines = sorted((duty.who, of.duty(duty)) for duty in summary.duties)
    assert lines == sorted(
        [
            (table.id("tolmere"), "Answer Orvanda"),
            (table.id("orvanda"), "Acknowledge what Tolmere said"),
            (table.id("sarivane"), "Acknowledge what Tolmere said"),
        ]
    )


def test_what_a_guest_did_is_told_as_done_by_the_guest_of_its_host(table: Table, of: Words) -> None:
    letter = table.say("orvanda", "note")
    table.record("orvanda", "finder", letter, Inform(ack_wanted=True))
    assert told(table, of) == "Guest of Orvanda (finder) informed"
    table.record("orvanda", "finder", letter, Ask(to=[table.id("tolmere")], verb="investigate"))
    assert (
        told(table, of) == "Guest of Orvanda (finder) asked Tolmere: investigate the systems named"
    )
    summary = table.seen.summary()
    assert summary is not None
    assert {of.duty(duty) for duty in summary.duties} == {
        "Answer guest of Orvanda (finder)",
        "Acknowledge what guest of Orvanda (finder) said",
    }
    # What may not be recorded is no word of the guest's: it is told as what its host did.
    table.record("orvanda", "finder", letter, Close(outcome="moved"), table.acts[:1])
    assert told(table, of) == "Orvanda recorded what a guest did"
    assert of.party(f"{digest('nobody')}/x").startswith("guest of ")


def test_a_duty_to_nobody_names_who_owes(table: Table, of: Words) -> None:
    duty = Duty(table.id("orvanda"), "answer", None, table.acts[0].id)
    assert of.duty(duty) == "Answer Orvanda"


def test_the_kernels_kinds_have_words_too(table: Table, of: Words) -> None:
    note = table.say("orvanda", "note")
    assert told(table, of) == "Orvanda wrote a note"
    table.say("orvanda", "erase", body={"act": note.id, "stage": "asked", "reason": "law"})
    assert told(table, of) == f"Orvanda asks the others to erase {note.id[:4]}"
    table.say("orvanda", "leave")
    assert told(table, of) == "Orvanda left"


def test_every_kernel_kind_is_told() -> None:
    assert KERNEL_ACTS.keys() | {"charter"} == kinds.KERNEL_KINDS


def test_an_invitation_names_both() -> None:
    table = Table(PROTOCOL)
    table.open(members=["orvanda"], growth="chair")
    table.say("orvanda", "invite", body={"party": table.id("tolmere")})
    of = Words(PROTOCOL, {table.id("tolmere"): "Tolmere"})
    assert told(table, of) == f"{table.id('orvanda')[:8]} invited Tolmere"


def test_an_act_without_effect_is_told_as_far_as_it_can_be(table: Table, of: Words) -> None:
    table.say("tolmere", "ask", body={"verb": "hack-back", "to": 7})
    assert told(table, of) == "Tolmere asked ?: ?"
    table.say("tolmere", "answer")
    assert told(table, of) == "Tolmere answered: ?"


def test_a_kind_that_nobody_declares_is_named(table: Table, of: Words) -> None:
    table.say("tolmere", "accuse", body={"party": digest("anyone")})
    assert told(table, of) == "Tolmere: accuse"
    assert of.kind("accuse") == "accuse"


def test_a_body_cannot_speak_for_the_header(table: Table, of: Words) -> None:
    table.say("tolmere", "inform", body={"by": {"role": "analyst"}, "act": digest("x"), "at": 0})
    assert told(table, of) == "Tolmere informed"


def test_kinds_have_labels(of: Words) -> None:
    assert of.kind("ask") == "Ask for help"
    assert of.kind("invite") == "Invite a party"
    assert of.kind("charter") == "Open an incident"


def test_a_dossier_without_effect_has_words(of: Words) -> None:
    assert of.status(VOID) == "Without effect"
    caption = Caption(VOID, {"act": "4f2a" + "0" * 60})
    assert of.caption(caption) == "Opened against its own rules · 4f2a"


@pytest.mark.parametrize(
    ("template", "params", "line"),
    [
        ("{at:day}", {"at": str(DAY)}, "3 May 2026"),
        ("{by:party}", {"by": f"{'4f2a' * 16}/port"}, "guest of 4f2a4f2a (port)"),
        ("{by:party}", {"by": f"{'4f2a' * 16}/Jane Doe"}, "?"),
        ("{by:party}", {"by": "4f2a/port"}, "?"),
        ("{at:instant}", {"at": str(DAY)}, "3 May 2026, 02:40 UTC"),
        ("{count:number} more", {"count": "12"}, "12 more"),
        ("{verb:ask.verb}", {"verb": "honeypot"}, "redirect the traffic to a honeypot"),
        ("{verb:ask.verb}", {"verb": "unheard"}, "?"),
        ("{at:day}", {"at": "soon"}, "?"),
        ("{at:day}", {}, "?"),
        ("{at:moon}", {"at": "1"}, "?"),
        ("{verb:ask.noun}", {"verb": "honeypot"}, "?"),
        ("{verb:none.verb}", {"verb": "honeypot"}, "?"),
        ("{verb}", {"verb": "honeypot"}, "?"),
    ],
)
def test_a_placeholder_says_its_type(template: str, params: dict[str, str], line: str) -> None:
    of = Words(replace(PROTOCOL, captions={"test": template}))
    assert of.caption(Caption("test", params)) == line


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (Code({"up": "rising"}), "up", "rising"),
        (Flag(), True, "yes"),
        (Hex(), "4f2a" + "0" * 60, "4f2a"),
        (Party(), "4f2a" + "0" * 60, "4f2a0000"),
        (Whole(), 7, "7"),
        (Instant(), DAY, "3 May 2026, 02:40 UTC"),
        (words.Day(), DAY, "3 May 2026"),
        (Many(Code({"up": "rising", "ok": "fine"})), ["ok", "up"], "fine, rising"),
    ],
)
def test_values_have_words(type_: FieldType[object], value: object, text: str) -> None:
    assert Words(PROTOCOL).value(type_, value) == text  # type: ignore[arg-type]


def test_instants_are_written_in_one_way() -> None:
    assert words.day(TIME) == "14 November 2023"
    assert words.when(0) == "1 January 1970, 00:00 UTC"
