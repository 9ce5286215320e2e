"""What the incident makes its parties owe beyond it: a report in time, and a warning to all.

Orvanda keeps the clock of a regime that it has agreed to. With the others it then writes a warning
for everybody, of which each paragraph has its author and each party says whether it stands behind.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.demo import Demo, Stage

REGIME = "nis2"
DAY = 24 * 3_600_000


def clock(demo: Demo, orvanda: Stage, incident: str) -> None:
    """Orvanda says when it became aware, and is told what is due when, and why then."""
    from tools.demo import Failed, now  # noqa: PLC0415  the files are one program

    file = orvanda.run(
        "open", "reporting", "--yes", "--zone", "Africa/Accra", "--incident", incident,
        "--title", "Cranes in the port of Orvanda stopped",
    )["dossier"]  # fmt: skip
    orvanda.run("say", file, "aware", "--yes", "--event", "aware", "--at", now(-3600))
    orvanda.run("say", file, "applies", "--yes", "--regime", REGIME, "--basis", "agreed")
    orvanda.run(
        "say", file, "reported", "--yes", "--regime", REGIME, "--stage", "early_warning",
        "--at", now(),
    )  # fmt: skip
    board = orvanda.run("clocks", "--which", "all", "--regime", REGIME, "--file", file)["clocks"]
    stages = {each["stage"]: each for each in board}
    first, second = stages["early_warning"], stages["notification"]
    if not first["good"] or second["due"] - first["due"] != 2 * DAY:
        raise Failed(f"The clocks of {REGIME} stand otherwise: {board}")
    due = time.strftime("%d %B, %H:%M UTC", time.gmtime(second["due"] / 1000))
    demo.say(
        f"Aware an hour ago, said {orvanda.name}, in a file of its own. {first['regime_name']}: "
        f"the early warning was in time; the notification is due on {due}."
    )
    demo.say(f"Why then: {'; '.join(second['reasons'])}.")
    demo.figures["clock"] = "one report in time, and the next due at an instant that says why"


def joint_warning(
    demo: Demo, orvanda: Stage, tolmere: Stage, behind: tuple[Stage, ...], rests_on: str
) -> None:
    """Orvanda and Tolmere write a warning for everybody; the others stand behind it."""
    from tools.demo import Failed, together, until  # noqa: PLC0415

    others = (tolmere, *behind)
    members = [word for stage in others for word in ("--with", stage.party)]
    product = orvanda.run(
        "open", "product", "--yes", *members, "--tlp", "clear", "--product", "warning",
        "--title", "Cranes and pumps with FC-40 controllers", "--text", "For ports and terminals.",
    )["dossier"]  # fmt: skip
    until("Tolmere holds it", lambda: tolmere.acts(product))
    first = orvanda.run(
        "say", product, "paragraph", "--yes", "--place", "1", "--sources", rests_on,
        "--text", "FC-40 controllers stopped in a port. Keep yours off other networks.",
    )["id"]  # fmt: skip
    second = tolmere.run(
        "say", product, "paragraph", "--yes", "--place", "2",
        "--text", "Look for 198.51.100.1 to 198.51.100.6 in your logs.",
    )["id"]  # fmt: skip
    until("Orvanda holds both", lambda: second in {a["id"] for a in orvanda.acts(product)})
    draft = orvanda.run("say", product, "draft", "--yes", "--ref", first, "--ref", second)["id"]

    def concur(stage: Stage) -> None:
        until(f"{stage.name} holds it", lambda: draft in {a["id"] for a in stage.acts(product)})
        stage.run("say", product, "position", "--yes", "--ref", draft, "--position", "concur")

    together(concur, others)
    until("all stand behind it", lambda: positions(orvanda, product) == ["concur"] * len(others))
    orvanda.run("say", product, "publish", "--yes", "--ref", draft)
    until("all hold it", lambda: all(reading(stage, product)["is_public"] for stage in others))
    told = reading(behind[0], product)
    if told["tlp"] != "clear" or len(told["paragraphs"]) != 2:
        raise Failed(f"The warning reads otherwise: {told}")
    demo.say(
        f"A joint warning is public: {len(told['paragraphs'])} paragraphs, each signed by its "
        f"author, and {len(others)} other parties behind all of it."
    )
    demo.figures["joint"] = (
        f"one warning published with the signatures of {len(others) + 1} parties"
    )


def reading(stage: Stage, product: str) -> dict[str, Any]:
    """Return a joint product as a party's node shows it."""
    found = stage.run("product", product)["products"]
    return dict(found[0]) if found else {"is_public": False, "stands": []}


def positions(stage: Stage, product: str) -> list[str]:
    """Return where the parties stand, as a party's node shows it."""
    return [each["position"] for each in reading(stage, product)["stands"]]
