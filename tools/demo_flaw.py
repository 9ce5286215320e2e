"""The vulnerability of the story: found by a lab without a node, and disclosed under an embargo.

The lab reports it at Fennick's pages, with no account, and is answered at the address it was told.
Fennick tells the others that there is something, and gives its words to who has agreed to terms.
"""

from __future__ import annotations

import html
import re
from functools import partial
from typing import TYPE_CHECKING

from tools.demo_people import Browser

if TYPE_CHECKING:
    from tools.demo import Demo, Stage

LAB = "Wicklight Lab"
FLAW = "fnk-2026-7"
WORDS = "A malformed frame of 1,400 bytes stops the drive until somebody restarts it."
ANSWER = "We see it too, and are mending it."
TICKET = re.compile(r'name="ticket" value="([^"]*)"')
ADDRESS = re.compile(r'<p class="panel"><a href="[^"]*?(/report/[^"]+)"')
SEEN = "The same frame, 1,400 bytes long, came to controllers of ours that are not in that port."
PUBLISHED = "Release 4.2 of the FC-40 takes no such frame. Install it."
DONE = "published"
DAYS = 30


def reported(demo: Demo, fennick: Stage) -> None:
    """The lab reports what it found at Fennick's pages, and reads there what it is answered."""
    from tools.demo import Failed  # noqa: PLC0415  the files are one program

    lab = Browser(fennick.url)
    ticket = TICKET.search(lab.get("/report"))
    found = {"affected": "FC-40 port controller", "description": WORDS, "name": LAB}
    made = lab.http.request_encode_body(
        "POST", f"{fennick.url}/report", encode_multipart=False,
        fields=found | {"ticket": ticket[1] if ticket else ""},
    )  # fmt: skip
    address = ADDRESS.search(made.data.decode())
    if address is None:
        raise Failed(f"The report of {LAB} was not kept.")
    (report,) = fennick.run("report")["reports"]
    fennick.run("report", report["id"], "--answer", ANSWER)
    if ANSWER not in html.unescape(lab.get(address[1])):
        raise Failed(f"{LAB} was not answered.")
    demo.say(f"{LAB} has no node: it reported a flaw at {fennick.name}'s pages, and was answered.")


def disclosed(demo: Demo, fennick: Stage, agreeing: tuple[Stage, ...], silent: Stage) -> str:
    """Fennick proposes an embargo: who agrees is given its words, and who is silent is not.

    Returns the case.
    """
    from tools.demo import Failed, now, together, until  # noqa: PLC0415

    members = [word for stage in (*agreeing, silent) for word in ("--with", stage.party)]
    case = fennick.run(
        "open", "disclosure", "--yes", *members, "--role", "vendor", "--names", FLAW,
        "--title", "The FC-40 stops at a malformed frame", "--text", WORDS,
    )["dossier"]  # fmt: skip
    terms = fennick.run(
        "say", case, "propose", "--yes", "--end", now(DAYS * 24 * 3600),
        "--use", "defence", "--duties", "none",
    )["id"]  # fmt: skip

    def agree(stage: Stage) -> None:
        until(f"{stage.name} holds the terms", lambda: len(stage.acts(case)) > 1)
        if stage.acts(case)[0]["held"]:
            raise Failed(f"{stage.name} was given the report before it had agreed to terms.")
        stage.run("say", case, "accept", "--yes", "--ref", terms, "--duties", "none")
        until(f"{stage.name} is given the report", lambda: stage.acts(case)[0]["held"])

    together(agree, agreeing)
    names = " and ".join(stage.name for stage in agreeing)
    demo.say(
        f"{fennick.name} asked for {DAYS} days in which nobody publishes. {names} agreed, "
        f"and were given its words then; {silent.name} has said nothing, and holds none."
    )
    return str(case)


def held(demo: Demo, fennick: Stage, case: str, silent: Stage) -> None:
    """A fix is ready. The embargo stands, and who never agreed was given no words until then."""
    from tools.demo import Failed, until  # noqa: PLC0415

    fix = fennick.run("say", case, "fix", "--yes", "--step", "ready")["id"]
    until("the Council hears of the fix", lambda: fix in {a["id"] for a in silent.acts(case)})
    given = [act["id"] for act in silent.acts(case) if act["held"] and act["kind"] == "charter"]
    status = fennick.run("show", case)["dossier"]["status"]
    if given or status != "active":
        raise Failed(f"The embargo should stand, and is {status}; given: {given}.")
    demo.say(f"{fennick.name} has a fix. The embargo holds; nobody is in charge of it.")


def ended(demo: Demo, fennick: Stage, seeing: tuple[Stage, Stage], case: str) -> None:
    """Two parties see attacks: the word of one ends nothing for Fennick, that of both does."""
    from tools.demo import Failed, now, until  # noqa: PLC0415

    for number, stage in enumerate(seeing):
        if outs(fennick) != 0:
            raise Failed(f"{number} parties saw attacks, and {fennick.name} keeps to nothing.")
        stage.run(
            "say", case, "claim", "--yes", "--what", "attack", "--basis", "own", "--text", SEEN
        )
        until("the claim arrives", partial(has_claims, fennick, case, number + 1))
    until(f"{fennick.name} believes two who saw it", lambda: outs(fennick) == 1)
    fennick.run("say", case, "publish", "--yes", "--time", now(), "--text", PUBLISHED)

    def published() -> bool:
        return {stage.run("show", case)["dossier"]["status"] for stage in demo.stages} == {DONE}

    until("all hold that it is published", published)
    first, second = (stage.name for stage in seeing)
    demo.say(
        f"{first} saw attacks: one word, which ended nothing for {fennick.name}. Then {second} saw "
        "them too. Two saw it, so the embargo was over, and the vendor published."
    )
    demo.figures["embargo"] = (
        f"one embargo of {DAYS} days: words went to two who agreed first, and to no other; it "
        "ended when two had seen attacks"
    )


def has_claims(stage: Stage, case: str, count: int) -> bool:
    """Say whether a party's node holds so many claims that the flaw is out."""
    return len([act for act in stage.acts(case) if act["kind"] == "claim"]) == count


def outs(stage: Stage) -> int:
    """Return how many embargoes ended for a party because it believes that the flaw is out."""
    return int(stage.run("measures")["embargo"]["out"])
