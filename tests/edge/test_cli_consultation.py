"""A consultation by the command line: what is generic carries it wholly."""

from __future__ import annotations

from typing import Any

from tests.edge.desk import Desk

HOUR = 3_600_000
SECOND = "Do you know this host?"
CHECK = (
    ("What is seen", "Scans of 400 addresses."),
    ("What is not known", "Who sends them."),
)
CHECKED = {
    "title": "Scans of the port authority",
    "urgency": "urgent",
    "lanes": "diplomatic,technical",
    "seen": "Scans of 400 addresses.",
    "unknown": "Who sends them.",
    "explanations": "A research scan.",
    "harm": "None so far.",
    "confidence": "We cannot tell.",
    "question": "Is there a planned activity that explains this?",
}


def options(**texts: str) -> list[str]:
    return [word for name, text in texts.items() for word in (f"--{name.strip('_')}", text)]


def opened(desk: Desk, **more: str) -> str:
    """Orvanda asks Tolmere."""
    words = options(**CHECKED | more)
    found = desk.json("orvanda", "open", "consultation", "--with", "tolmere", *words, "--yes")
    desk.ok("orvanda", "sync")
    return str(found["dossier"])


def say(desk: Desk, who: str, dossier: str, kind: str, *refs: str, **texts: str) -> str:
    """Say something, and let the others have it."""
    cited = [word for ref in refs for word in ("--ref", ref)]
    found = desk.json(who, "say", dossier, kind, *cited, *options(**texts), "--yes")
    desk.ok(who, "sync")
    return str(found["id"])


def status(desk: Desk, who: str, dossier: str) -> str:
    return str(desk.json(who, "show", dossier)["dossier"]["status_words"])


def needs(desk: Desk, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json(who, "inbox", "--keep")["needs"]
    return found


def test_it_is_asked_answered_question_by_question_and_closed_by_both(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    asked = opened(desk)
    first = desk.json("tolmere", "show", asked)["acts"][0]
    assert first["fields"]["question"] == CHECKED["question"]
    assert [(need["step"], need["words"]) for need in needs(desk, "tolmere")] == [
        ("acknowledge", "Acknowledge that Orvanda asked"),
        ("answer", "Answer Orvanda"),
    ]
    say(desk, "tolmere", asked, "acknowledge", asked, as_="passed_on")
    second = say(desk, "orvanda", asked, "ask", question=SECOND, lane="technical")
    say(desk, "tolmere", asked, "answer", asked, result="yes", measures="It was ended.")
    assert status(desk, "orvanda", asked) == "Answered in part"
    say(desk, "tolmere", asked, "more_time", second, hours="24", reason="looking")
    (need,) = needs(desk, "tolmere")
    assert (need["subject"], need["step"]) == (second, "answer")
    # Who says that it needs more time has taken notice.
    (act,) = (a for a in desk.json("orvanda", "show", asked)["acts"] if a["id"] == second)
    assert act["ladder"][0]["highest"] == "acknowledged"
    say(desk, "tolmere", asked, "answer", second, result="not_known")
    say(desk, "orvanda", asked, "close", outcome="clarified")
    assert status(desk, "tolmere", asked) == "Closed by one side"
    say(desk, "tolmere", asked, "close", outcome="clarified")
    assert status(desk, "orvanda", asked) == status(desk, "tolmere", asked) == "Clarified"
    told = desk.ok("tolmere", "show", asked)
    assert "Orvanda asked a further question" in told
    seen, unknown = (f"    {label}:\n    | {text}\n" for label, text in CHECK)
    assert f"{seen}{unknown}" in told
    assert f"    | {SECOND}\n" in told
    assert "Question:\n    | " + SECOND not in told
    assert "Tolmere needs more time (24 h): we are still looking into it" in told


def test_it_is_without_prejudice_and_open_by_consent_unless_said_otherwise(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    asked = opened(desk)
    charter = desk.json("tolmere", "show", asked)["acts"][0]
    assert charter["footing"] == "without_prejudice"
    assert charter["body"]["growth"] == "all_consent"
    stricter = opened(desk, footing="technical", growth="closed")
    charter = desk.json("tolmere", "show", stricter)["acts"][0]
    assert (charter["footing"], charter["body"]["growth"]) == ("technical", "closed")
    words = ("open", "consultation", "--with", "tolmere", *options(**CHECKED), "--yes")
    refusal = desk.refused("orvanda", *words, "--growth", "chair")
    assert refusal["reason"] == "--growth is one of closed, all."
    incident = desk.json("orvanda", "show", desk.open("orvanda", "tolmere"))["acts"][0]
    assert (incident["footing"], incident["body"]["growth"]) == ("technical", "closed")


def test_silence_is_late_by_the_own_clock_and_never_a_refusal(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    asked = opened(desk)
    desk.clock.at += 49 * HOUR
    assert [need["late"] for need in needs(desk, "tolmere")] == [True, True]
    assert status(desk, "orvanda", asked) == "Asked"
    shown = desk.ok("orvanda", "show", asked)
    assert "Tolmere: Answer Orvanda by" in shown
    assert ", no reply (message" in shown
    told = desk.ok("tolmere", "show", asked)
    assert ", late (message" in told
    for text in (shown, told):
        assert not {"declined", "refused"} & {*text.lower().split()}


def test_a_helper_comes_by_the_word_of_both_and_reads_what_both_release(desk: Desk) -> None:
    desk.make("orvanda", "tolmere", "lantern")
    asked = opened(desk)
    refusal = desk.refused("orvanda", "invite", asked, "lantern", "--yes")
    assert "(D10): Both have to agree on a helper first; propose it." in refusal["reason"]
    proposal = say(desk, "orvanda", asked, "propose_helper", party="lantern")
    say(desk, "tolmere", asked, "answer_helper", proposal, word="agreed")
    wanted = "Invite the helper agreed on with Tolmere"
    assert wanted in {need["words"] for need in needs(desk, "orvanda")}
    desk.ok("orvanda", "invite", asked, "lantern", "--yes")
    assert wanted not in {need["words"] for need in needs(desk, "orvanda")}
    desk.ok("orvanda", "sync")
    assert "word of all" in desk.refused("lantern", "join", asked)["reason"]
    # Tolmere has not heard of Orvanda's invitation: the join takes up both.
    desk.ok("tolmere", "invite", asked, "lantern", "--yes")
    desk.ok("tolmere", "sync")
    desk.ok("lantern", "join", asked)
    desk.sync("lantern", "orvanda", "tolmere")
    assert status(desk, "lantern", asked) == "With a helper"
    assert desk.json("lantern", "show", asked)["acts"][0]["fields"] == {}
    say(desk, "tolmere", asked, "inform", text="What is said from now on.")
    assert desk.json("lantern", "show", asked)["acts"][-1]["fields"]["text"].startswith("What is")
    who = desk.json("lantern", "parties")["parties"][0]["id"]
    given = ("say", asked, "release", "--acts", asked, "--to", who, "--yes")
    assert "(D11)" in desk.refused("orvanda", *given)["reason"]
    say(desk, "tolmere", asked, "agree_release", asked)
    desk.ok("orvanda", *given)
    desk.ok("orvanda", "sync")
    assert desk.json("lantern", "show", asked)["acts"][0]["fields"]["harm"] == "None so far."
