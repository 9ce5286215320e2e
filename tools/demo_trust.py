"""The second part of the story: whom to call, a number that is stale, and a question well asked.

The sea council keeps a directory. It tries a number in it, which nobody answers; the one who held
it has left, and is replaced in one message. Odd traffic comes from six hosts: an announced scan
explains half of it, and of the other half a neighbour is asked, without being accused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.demo import Demo, Stage

HOSTS = tuple(f"198.51.100.{number}" for number in range(1, 7))
"""Where the odd traffic comes from; the first three are in the ranges of the scan."""
RANGES = "198.51.100.1/32,198.51.100.2/31"
OLD, NEW = "+99 555 0140", "+99 555 0177"


def play(demo: Demo) -> None:
    """Play every scene in order; each checks what it tells."""
    orvanda, tolmere, council, fennick = demo.stages
    forum, nomination = directory(demo, orvanda, tolmere, council)
    check = stale_number(demo, tolmere, council)
    hand_over(demo, tolmere, council, forum, nomination)
    answered(demo, tolmere, council, check)
    half_explained(demo, orvanda, fennick)
    clarified(demo, orvanda, tolmere)


def directory(demo: Demo, orvanda: Stage, tolmere: Stage, council: Stage) -> tuple[str, str]:
    """The council opens a directory, and Tolmere nominates its desk. Returns both acts."""
    from tools.demo import until  # noqa: PLC0415  the files are one program

    forum = council.run(
        "open", "community", "--yes", "--with", orvanda.party, "--with", tolmere.party,
        "--freshness", "365", "--cadence", "182", "--visibility", "members",
        "--title", "Contact points of the Lantern Sea", "--purpose", "To be reached at any hour.",
    )["dossier"]  # fmt: skip
    until("Tolmere holds the directory", lambda: tolmere.acts(forum))
    act = tolmere.run(
        "say", forum, "nominate", "--yes", "--contact", "night_desk", "--seat", "tolmere",
        "--role", "technical", "--holder-is", "desk", "--source", "own", "--visibility", "members",
        "--holder", "Night desk, Ines Aldana", "--phone", OLD, "--email", "desk@tolmere.example",
        "--languages", "en, fr", "--hours", "24/7", "--zone", "Africa/Accra",
    )["id"]  # fmt: skip
    until("Orvanda finds whom to call", lambda: ways(orvanda))
    demo.say(f"Whom do I call in {tolmere.name}? Signed by {tolmere.name} itself, looked up here.")
    return str(forum), str(act)


def stale_number(demo: Demo, tolmere: Stage, council: Stage) -> str:
    """The council tries the number; nobody answers there. Returns the check."""
    from tools.demo import Failed, until  # noqa: PLC0415

    check = council.run(
        "open", "contact_check", "--yes", "--with", tolmere.party, "--campaign", "autumn",
        "--level", "1", "--due-hours", "24", "--title", "Contact check, autumn",
    )["dossier"]  # fmt: skip
    until("Tolmere holds the check", lambda: tolmere.acts(check))
    asked = probe(council, check, "phone")
    council.run("say", check, "result", "--yes", "--ref", asked, "--outcome", "bounced")
    first = next(way for way in ways(council) if way["channel"] == "phone")
    if first["answered"] is not False or ways(council)[0]["channel"] != "email":
        raise Failed(f"A number that nobody answers must come last: {ways(council)}")
    demo.say(f"{council.name} tried {OLD}: the number is dead. It comes last now, and says so.")
    return str(check)


def hand_over(demo: Demo, tolmere: Stage, council: Stage, forum: str, nomination: str) -> None:
    """Tolmere says in one message who has left, who came, and where they are reached."""
    from tools.demo import now, until  # noqa: PLC0415

    tolmere.run(
        "say", forum, "hand_over", "--yes", "--contact", "night_desk", "--ref", nomination,
        "--holder-is", "desk", "--since", now(), "--visibility", "members",
        "--leaver", "Ines Aldana", "--holder", "Night desk, Tomas Reyl", "--phone", NEW,
        "--deputies", "Mara Oduya; +99 555 0178",
    )  # fmt: skip
    until("the council has the new number", lambda: NEW in {way["text"] for way in ways(council)})
    demo.say("One message: who left, who came, the deputy, the new number. The old one is gone.")


def answered(demo: Demo, tolmere: Stage, council: Stage, check: str) -> None:
    """The council tries again, and a person answers."""
    from tools.demo import Failed, until  # noqa: PLC0415

    asked = probe(council, check, "phone")
    until("Tolmere is asked", lambda: any(act["id"] == asked for act in tolmere.acts(check)))
    tolmere.run("say", check, "answer", "--yes", "--ref", asked, "--outcome", "confirmed")
    until("the council has the answer", lambda: ways(council)[0]["answered"])
    first = ways(council)[0]
    if (first["channel"], first["text"]) != ("phone", NEW):
        raise Failed(f"The number that was answered must come first: {first}")
    demo.say(f"{council.name} tried {NEW}: answered by a person. It comes first now.")
    demo.figures["reached"] = "one stale number found by a check, replaced in one signed message"


def half_explained(demo: Demo, orvanda: Stage, fennick: Stage) -> None:
    """A scan that Fennick announced explains three of the six hosts."""
    from tools.demo import Failed, now, until  # noqa: PLC0415

    planned = fennick.run(
        "open", "planned", "--yes", "--with", orvanda.party, "--activity", "scan",
        "--begins", now(-3600), "--ends", now(6 * 3600), "--ranges", RANGES, "--effect", "none",
        "--title", "Survey of FC-40 controllers", "--text", "One frame to each of them.",
        "--contact", "Survey desk, +99 555 0150",
    )["dossier"]  # fmt: skip
    until("Orvanda holds the announcement", lambda: orvanda.acts(planned))
    found = [host for host in HOSTS if orvanda.run("explain", host)["announcements"]]
    if found != list(HOSTS[:3]):
        raise Failed(f"Half of the hosts should be explained, and are: {found}")
    demo.say(f"Six hosts knock at the port. {fennick.name} announced a scan: it explains three.")


def clarified(demo: Demo, orvanda: Stage, tolmere: Stage) -> None:
    """Of the others Orvanda asks Tolmere, which finds what it was; both say that it is clear."""
    from tools.demo import Failed, until  # noqa: PLC0415

    asked = orvanda.run(
        "open", "consultation", "--yes", "--with", tolmere.party, "--urgency", "routine",
        "--lanes", "diplomatic,technical", "--title", "Three hosts at the port",
        "--seen", f"Frames from {', '.join(HOSTS[3:])} since noon.",
        "--unknown", "Who sends them, and whether anybody means to.",
        "--explanations", "A survey that was announced more narrowly than it is run.",
        "--harm", "None.", "--confidence", "We cannot tell.",
        "--question", "Do you know what these three hosts do?",
    )["dossier"]  # fmt: skip
    until("Tolmere is asked", lambda: tolmere.acts(asked))
    tolmere.run("say", asked, "acknowledge", "--yes", "--ref", asked, "--as", "looking")
    tolmere.run(
        "say", asked, "answer", "--yes", "--ref", asked, "--result", "yes",
        "--text", "A company here ran the survey from three more hosts than it had announced.",
        "--measures", "It has stopped, and will announce the rest.",
    )  # fmt: skip
    until("Orvanda has the answer", lambda: status(orvanda, asked) == "answered")
    for stage in (orvanda, tolmere):
        stage.run("say", asked, "close", "--yes", "--ref", asked, "--outcome", "clarified")
    until("both say so", lambda: status(orvanda, asked) == status(tolmere, asked) == "clarified")
    told = orvanda.acts(asked)[0]["footing"]
    if told != "without_prejudice":
        raise Failed(f"A consultation is without prejudice, and this one is {told}.")
    demo.say(
        f"Of the other three {orvanda.name} asked {tolmere.name}, which is no accusation. "
        "Answered, closed by both as [bold green]clarified[/bold green], without prejudice."
    )
    demo.figures["clarified"] = "six odd hosts: three explained by a notice, three by an answer"


def probe(council: Stage, check: str, channel: str) -> str:
    """Let the council ask by a channel whether the desk is there; return the act."""
    from tools.demo import now  # noqa: PLC0415

    asked = council.run(
        "say", check, "probe", "--yes", "--contact", "night_desk", "--channel", channel,
        "--level", "1", "--due", now(24 * 3600),
    )  # fmt: skip
    return str(asked["id"])


def ways(stage: Stage) -> list[dict[str, Any]]:
    """Return how a node says that the desk is to be reached, best first; none while it is not."""
    found = stage.run("call", "--party", "tolmere", "--purpose", "technical", ok=False)
    candidates = found.get("candidates", [])
    return list(candidates[0]["ways"]) if candidates else []


def status(stage: Stage, dossier: str) -> str:
    """Return where a dossier stands, as a party's node computes it."""
    return str(stage.run("show", dossier)["dossier"]["status"])
