"""A campaign of contact checks by the command line, from a plan to its figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edge.desk import Desk

DAY = 24 * 3_600_000
PLAN = """
campaign: council/2026-2
title: Contacts of the Council
level: 1
hours: 24
checked:
  - party: Tolmere
    contacts: [{contact: duty_desk, channels: [node, phone]}]
  - seat: sarivane/ministry
    contacts: [{contact: desk, channels: [email]}]
"""


def test_a_campaign_from_its_plan_to_its_figures(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    told = desk.ok("orvanda", "check-contacts", "start", plan, "--yes")
    assert "A check of its own, which nobody else reads, for each of:\n  Tolmere\n" in told
    assert "  sarivane/ministry (without a node: send it what is asked as a letter)" in told
    assert "Opened 2 checks, sent 3 probes." in told
    again = desk.json("orvanda", "check-contacts", "start", plan, "--yes")
    assert [(each["opened"], each["probes"]) for each in again["checks"]] == [(False, 0)] * 2
    dossier = again["checks"][0]["dossier"]

    desk.ok("orvanda", "sync")
    acts = desk.json("tolmere", "show", dossier)["acts"]
    probe = next(act["id"] for act in acts if act.get("kind") == "probe")
    answered = ("say", dossier, "answer", "--ref", probe, "--outcome", "confirmed", "--yes")
    desk.ok("tolmere", *answered)
    desk.ok("tolmere", "sync")

    desk.clock.at += DAY // 2
    reminded = desk.json("orvanda", "check-contacts", "remind", "council/2026-2")["done"]
    assert [each["word"] for each in reminded] == ["half", "half"]
    early = desk.refused("orvanda", "check-contacts", "close", "council/2026-2")
    assert early["reason"].startswith("2 probes are not due yet")

    desk.clock.at += DAY
    closed = desk.ok("orvanda", "check-contacts", "close", "council/2026-2")
    assert closed == "Closed 2 checks.\n"
    shown = desk.ok("orvanda", "check-contacts", "stats", "council/2026-2")
    assert "2 checks, 0 open; for you alone:" in shown
    assert "  sarivane/ministry · desk · email: nobody answered; due 2026-11-" in shown
    assert ": still right; answered 2026-11-" in shown
    assert (
        "  email, reached: 0 %, of 1 (WHO Exercise Crystal 2008-2024, other contacts: 99 %, "
        "not checked in its source)" in shown
    )
    published = desk.ok("orvanda", "check-contacts", "stats", "council/2026-2", "--publish")
    assert "not told, for it would tell of too few" in published
    assert "Tolmere" not in published
    assert "sarivane" not in published


def test_a_plan_that_cannot_be_read_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.make("orvanda", "tolmere")
    plan = tmp_path / "plan.yaml"
    plan.write_text("campaign: [", encoding="utf-8")
    refused = desk.refused("orvanda", "check-contacts", "start", plan)
    assert refused["reason"].startswith("The plan is no YAML that can be read")
    plan.write_text(PLAN, encoding="utf-8")
    asked = desk.refused("orvanda", "check-contacts", "start", plan)
    assert asked["reason"].startswith("Nothing was signed")
    none = desk.refused("orvanda", "check-contacts", "stats", "council/2026-2")
    assert none["rule"] == "S3"
    desk.ok("orvanda", "check-contacts", "start", plan, "--yes")
    assert desk.ok("orvanda", "check-contacts", "remind") == "Nothing is to be said now.\n"
    early = desk.refused("orvanda", "check-contacts", "stats", "council/2026-2", "--publish")
    assert early["reason"].startswith("Figures are for others once the campaign is closed")


@pytest.mark.parametrize(
    "text", ["[" * 5_000, "campaign: &a [x, x]\ntitle: &b [*a, *a]\nchecked: [*b, *b]\n"]
)
def test_a_plan_that_is_no_plan_is_refused(desk: Desk, tmp_path: Path, text: str) -> None:
    desk.make("orvanda")
    plan = tmp_path / "plan.yaml"
    plan.write_text(text, encoding="utf-8")
    refused = desk.refused("orvanda", "check-contacts", "start", plan, "--yes")
    assert refused["reason"].startswith("The plan is no YAML that can be read: ")
