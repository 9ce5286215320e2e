"""The story of the demonstration: a flaw in a port controller, and an incident across a border.

Its parties are two states, a regional organisation and a company, each with a node, and a lab that
has none. The incident is told here; the flaw in ``demo_flaw``, what the incident makes parties owe
in ``demo_duties``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from tools import demo_duties, demo_flaw, demo_trust

if TYPE_CHECKING:
    from tools.demo import Demo, Stage

PARTIES = ("Orvanda", "Tolmere", "Lantern Sea Council", "Fennick Controls")
ROOT = Path(__file__).resolve().parent.parent
VERIFIER = ROOT / "tools" / "verify_evidence.py"


def play(demo: Demo) -> None:
    """Play every scene in order; each checks what it tells."""
    orvanda, tolmere, council, fennick = demo.stages
    demo_flaw.reported(demo, fennick)
    case = demo_flaw.disclosed(demo, fennick, (orvanda, tolmere), council)
    dossier = warning(demo, orvanda, tolmere, council, fennick)
    acknowledgement(demo, orvanda, tolmere, dossier)
    help_asked(demo, orvanda, tolmere, dossier)
    demo_duties.clock(demo, orvanda, dossier)
    middleman(demo, council, tolmere, dossier)
    cut_off(demo, orvanda, tolmere, council, dossier)
    demo_duties.joint_warning(demo, orvanda, tolmere, (council, fennick), dossier)
    demo_flaw.held(demo, fennick, case, council)
    demo_flaw.ended(demo, fennick, (tolmere, orvanda), case)
    closing(demo, orvanda, dossier)
    timeline(demo, orvanda, dossier)
    evidence(demo, orvanda, council, dossier)
    demo_trust.play(demo)


def indicators() -> dict[str, Any]:
    """Return the warning as a STIX 2.1 bundle with documentation addresses only."""
    objects = []
    for number in range(1, 7):
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:example:indicator:{number}")
        objects.append(
            {
                "type": "indicator",
                "spec_version": "2.1",
                "id": f"indicator--{name}",
                "created": "2026-05-01T02:40:00.000Z",
                "modified": "2026-05-01T02:40:00.000Z",
                "name": f"Host that sends the malformed frame ({number})",
                "pattern": f"[ipv4-addr:value = '198.51.100.{number}']",
                "pattern_type": "stix",
                "valid_from": "2026-05-01T02:40:00Z",
            }
        )
    return {
        "type": "bundle",
        "id": "bundle--6f1a9c1e-6c4c-4d0b-9d5e-0a4b7e3c2d10",
        "objects": objects,
    }


def warning(demo: Demo, orvanda: Stage, *others: Stage) -> str:
    """Orvanda opens the incident and warns, having seen who will read it. Returns the dossier."""
    from tools.demo import HOME, Failed, until  # noqa: PLC0415

    stix = Path(os.environ.get("COMITY_DEMO_STIX", ""))
    if not stix.is_file():
        stix = HOME / "indicators.json"
        stix.write_bytes(orjson.dumps(indicators()))
    tolmere, council, _ = others
    members = [word for stage in others for word in ("--with", stage.party)]
    opened = orvanda.run(
        "open", "response/incident", "--yes", *members,
        "--title", "Cranes in the port of Orvanda stopped", "--rsit", "availability",
        "--text", "At 02:40 all FC-40 controllers stopped answering.",
        "--witness", council.party, "--quorum", "1",
    )  # fmt: skip
    dossier = opened["dossier"]
    names = ", ".join(reader["name"] for reader in opened["readers"])
    demo.say(f"Before anything left: [bold]{names}[/bold] will be able to read this, nobody else.")
    sent = orvanda.run(
        "say", dossier, "inform", "--yes", "--ack-wanted", "yes", "--attach", str(stix)
    )
    act = sent["id"]
    until("Tolmere holds the warning whole", lambda: rung(orvanda, dossier, act, tolmere, "whole"))
    there = find(tolmere, dossier, act)
    expected = len(orjson.loads(stix.read_bytes())["objects"])
    if there["objects"] != expected or not there["held"]:
        raise Failed(f"{expected} objects were sent and {there['objects']} arrived.")
    ladder = next(r for r in find(orvanda, dossier, act)["ladder"] if r["party"] == tolmere.party)
    receipt = ladder["rungs"]["received"] - ladder["rungs"]["signed"]
    demo.say(
        f"The warning went out: {expected} objects arrived and verified at {tolmere.name}, "
        f"each committed to on its own; signed receipt after {receipt} ms."
    )
    demo.figures |= {
        "objects": f"{expected} objects sent, {expected} arrived and verified",
        "receipt": f"{receipt} ms from signing to the signed receipt",
        "told": f"{len(opened['readers'])} of {len(opened['readers'])} parties told",
    }
    return str(dossier)


def acknowledgement(demo: Demo, orvanda: Stage, tolmere: Stage, dossier: str) -> None:
    """The duty officer of Tolmere acknowledges, by pressing a button and not by opening a page."""
    from tools.demo import Failed, until  # noqa: PLC0415

    act = newest(orvanda, dossier, "inform")
    if rung(orvanda, dossier, act, tolmere, "acknowledged"):
        raise Failed("Reading alone must not acknowledge.")
    tolmere.run("say", dossier, "acknowledge", "--yes", "--as", "acting", "--ref", act)
    until(
        "the acknowledgement arrives", lambda: rung(orvanda, dossier, act, tolmere, "acknowledged")
    )
    demo.say(
        f"{tolmere.name} had read it, and nothing was said of that. "
        "Now its duty officer acknowledged."
    )


def help_asked(demo: Demo, orvanda: Stage, tolmere: Stage, dossier: str) -> None:
    """Orvanda asks for help; Tolmere says whether and when, helps, and is told what came of it."""
    from tools.demo import Failed, now, until  # noqa: PLC0415

    ask = orvanda.run(
        "say", dossier, "ask", "--yes", "--to", tolmere.party, "--verb", "block-host",
        "--due", now(12 * 3600), "--text", "Please stop traffic from the six hosts.",
    )["id"]  # fmt: skip
    until("the request arrives", lambda: find(tolmere, dossier, ask))
    tolmere.run(
        "say", dossier, "answer", "--yes", "--ref", ask, "--result", "will", "--when", now(6 * 3600)
    )
    tolmere.run(
        "say", dossier, "deliver", "--yes", "--ref", ask,
        "--text", "Four hosts are blocked. Two are in a network we do not run; we asked its owner.",
    )  # fmt: skip
    until("the help arrives", lambda: newest(orvanda, dossier, "deliver"))
    orvanda.run("say", dossier, "result", "--yes", "--ref", ask, "--result", "partly")
    (asked,) = orvanda.run("incident", dossier)["asked"]
    (helper,) = asked["helpers"]
    said = (helper["whether"], helper["helped"], asked["result"])
    if helper["late"] or not all(said):
        raise Failed(f"The help stands otherwise: {asked}")
    demo.say(
        f"Asked: block six hosts. {tolmere.name} said that it will and by when, well within its "
        "8 hours for that, and did; it helped in part, says who asked."
    )
    demo.figures["asked"] = "one request: whether and when, the help, and what came of it"


def middleman(demo: Demo, council: Stage, tolmere: Stage, dossier: str) -> None:
    """A copy whose label was lowered on the way is refused by the rule, whoever brings it."""
    from tools.demo import Failed  # noqa: PLC0415
    from tools.demo_middleman import lowered_copy  # noqa: PLC0415

    act = newest(council, dossier, "inform")
    refusal = lowered_copy(council.folder, act, tolmere.party)
    if refusal.get("rule") != "K5":
        raise Failed(f"The altered copy was not refused by K5: {refusal}")
    demo.say(
        f"A middleman's copy, its label lowered to CLEAR: refused, "
        f"{refusal['rule']}: {refusal['reason']}"
    )
    demo.figures["refused"] = f"one altered copy refused by rule {refusal['rule']}"


def cut_off(demo: Demo, orvanda: Stage, tolmere: Stage, council: Stage, dossier: str) -> None:
    """One node is killed and another cut off; they are told something meanwhile, and catch up."""
    from tools.demo import together, until  # noqa: PLC0415

    tolmere.stop(signal.SIGKILL)
    council.stop()
    said = ("say", dossier, "inform", "--yes", "--text", "Cranes 1 to 4 run by hand.")
    act = orvanda.run(*said)["id"]

    def catch_up(stage: Stage) -> float:
        stage.start()
        return until(f"{stage.name} catches up", lambda: find(stage, dossier, act))

    took = together(catch_up, (tolmere, council))
    tolmere.run("fsck")
    demo.say(
        f"{tolmere.name}'s node was killed and {council.name}'s cut off; nobody waited for them. "
        f"They caught up in {took[0]:.1f} s and {took[1]:.1f} s; the killed one checked clean."
    )
    demo.figures["killed"] = f"a killed node caught up {took[0]:.1f} s after it answered again"


def closing(demo: Demo, orvanda: Stage, dossier: str) -> None:
    """Orvanda closes the incident; all four nodes compute the same state."""
    from tools.demo import together, until  # noqa: PLC0415

    charter = orvanda.acts(dossier)[0]["id"]
    orvanda.run("say", dossier, "close", "--yes", "--ref", charter, "--outcome", "resolved")

    def agree() -> bool:
        return len(set(together(lambda stage: state(stage, dossier), demo.stages))) == 1

    until("all states agree", agree)
    acts = len(orvanda.acts(dossier))
    demo.say(
        f"Closed. Four nodes, {acts} signed messages, one state: {state(orvanda, dossier)[1][:16]}…"
    )
    demo.figures["acts"] = f"{acts} signed messages, the same state computed on four nodes"


def timeline(demo: Demo, orvanda: Stage, dossier: str) -> None:
    """Print the timeline with the ladder, as `comity show` gives it."""
    command = [sys.executable, "-m", "comity", "show", dossier, "--dir", str(orvanda.folder)]
    width = str(shutil.get_terminal_size((100, 40)).columns)
    shown = subprocess.run(
        command, capture_output=True, check=True, cwd=ROOT, env={**os.environ, "COLUMNS": width}
    )
    demo.say("The timeline, with how far each message got:\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(shown.stdout + b"\n")
    sys.stdout.flush()


def evidence(demo: Demo, orvanda: Stage, council: Stage, dossier: str) -> None:
    """A stranger verifies one message without trusting anyone here; one changed byte fails."""
    from tools.demo import HOME, Failed, until  # noqa: PLC0415

    act = newest(orvanda, dossier, "inform")
    until(
        "the Council cosigns",
        lambda: "cosigned" in find(orvanda, dossier, act)["ladder"][0]["rungs"],
    )
    target = HOME / "evidence.json"
    orvanda.run("evidence", act, "--out", str(target))
    known = [word for stage in demo.stages for word in ("--party", stage.party)]
    trusted = [*known, "--witness", council.party, "--quorum", "1"]
    good = verify(target, *trusted)
    if good.returncode != 0:
        raise Failed(f"The evidence does not verify: {good.stdout.decode()}{good.stderr.decode()}")
    demo.say(
        "A stranger with a 350-line script and four fingerprints: "
        "[bold green]verified[/bold green]."
    )
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.with_suffix(".tampered").write_bytes(data)
    bad = verify(target.with_suffix(".tampered"), *trusted)
    if bad.returncode == 0:
        raise Failed("A changed byte was not noticed.")
    pairs = (line.split(maxsplit=1) for line in bad.stdout.decode().splitlines())
    words = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    demo.say(f"One byte changed: [bold red]refused[/bold red], {words['rule']}: {words['reason']}")
    demo.figures["evidence"] = f"{len(data):,} bytes of evidence verified offline by a stranger"


def verify(path: Path, *trusted: str) -> subprocess.CompletedProcess[bytes]:
    """Run the independent verifier, which imports nothing of the product."""
    return subprocess.run(
        [sys.executable, str(VERIFIER), str(path), *trusted], capture_output=True, check=False
    )


def find(stage: Stage, dossier: str, act: str) -> dict[str, Any]:
    """Return an act as a party's node shows it; empty while it does not."""
    return next((a for a in stage.acts(dossier) if a["id"] == act), {})


def newest(stage: Stage, dossier: str, kind: str) -> str:
    """Return the id of the newest act of a kind; empty while there is none."""
    return next((str(a["id"]) for a in reversed(stage.acts(dossier)) if a["kind"] == kind), "")


def rung(stage: Stage, dossier: str, act: str, recipient: Stage, name: str) -> bool:
    """Say whether an own act has reached a rung of its ladder for a recipient."""
    ladder = find(stage, dossier, act).get("ladder", [])
    return any(r["party"] == recipient.party and name in r["rungs"] for r in ladder)


def state(stage: Stage, dossier: str) -> tuple[str, str]:
    """Return a dossier's status and state digest as a party's node computes them."""
    row = stage.run("show", dossier)["dossier"]
    return row["status"], row["digest"]


def cards(figures: dict[str, str]) -> dict[str, list[str]]:
    """Return the closing cards, each with figures of this run."""
    return {
        "For a head of agency": [figures["told"], figures["asked"], figures["clock"]],
        "For a diplomat": [figures["joint"], figures["clarified"], figures["reached"]],
        "For an engineer": [figures[name] for name in ("objects", "receipt", "acts", "killed")],
        "For a donor": [figures[name] for name in ("embargo", "evidence", "refused", "ready")],
    }
