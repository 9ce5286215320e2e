"""Play one cross-border incident between four separately running nodes, by the public commands.

    make demo                          plays the story, and stops the nodes
    make demo KEEP=1                   leaves the nodes running, and says how to stop them
    COMITY_DEMO_STIX=FILE make demo    sends that STIX 2.1 file as the warning

Every party, place and product is invented; addresses are those kept for documentation. Whatever is
claimed on the screen was checked in this run: a claim that does not hold ends the demonstration.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import urllib3
from rich.console import Console
from rich.panel import Panel

from tools import demo_people
from tools import demo_story as story

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
WAIT = 60.0
"""Seconds after which something that should have happened counts as not happening."""
CADENCE = "1"
console = Console(width=100, highlight=False)


class Failed(Exception):
    """A claim of the story did not hold in this run."""


@dataclass
class Stage:
    """One party on the stage: its folder, its node's process, and what it measured."""

    name: str
    port: int
    folder: Path
    party: str = ""
    fingerprint: str = ""
    process: subprocess.Popen[bytes] | None = None
    before: tuple[str, ...] = ()
    """Words of a command through which this party's commands are run, if there is one."""

    @property
    def url(self) -> str:
        """Where its node answers."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, ok: bool = True) -> dict[str, Any]:
        """Run one public command on this node and return its JSON answer."""
        command = [sys.executable, "-m", "comity", *words, "--dir", str(self.folder), "--json"]
        done = subprocess.run([*self.before, *command], capture_output=True, check=False, cwd=ROOT)
        if ok and done.returncode != 0:
            raise Failed(f"{self.name}: comity {' '.join(words)}\n{done.stdout.decode()}")
        lines = done.stdout.splitlines()
        value = orjson.loads(lines[-1]) if lines else {}
        return {**value, "exit_code": done.returncode}

    def start(self, *options: str) -> None:
        """Start the node: web and worker, as `comity run` does, with these options."""
        log = (self.folder / "demo.log").open("ab")
        self.process = subprocess.Popen(
            [
                *self.before,
                *(sys.executable, "-m", "comity", "run", *options, "--dir", str(self.folder)),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            start_new_session=True,
        )
        until(f"{self.name} answers", self.answers)

    def answers(self) -> bool:
        """Say whether the node answers its health check."""
        try:
            return (
                urllib3.request("GET", f"{self.url}/healthz", retries=False, timeout=1).status < 500
            )
        except urllib3.exceptions.HTTPError:
            return False

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop the node's process and those it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(timeout=30)

    def acts(self, dossier: str) -> list[dict[str, Any]]:
        """Return the timeline of a dossier as this node shows it; empty while it has none."""
        shown = self.run("show", dossier, ok=False)
        return list(shown.get("acts", []))


@dataclass
class Demo:
    """The run: its stages, what it measured, and when it began."""

    stages: list[Stage]
    keep: bool
    figures: dict[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """Tell a line of the story, with the seconds since it began."""
        console.print(f"[dim]{time.monotonic() - self.began:6.1f} s[/dim]  {text}")


def until(what: str, holds: Callable[[], object]) -> float:
    """Wait until ``holds`` does; return the seconds it took. Raises Failed after WAIT."""
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > WAIT:
            raise Failed(f"Waited {WAIT:.0f} s and it did not happen: {what}.")
        time.sleep(0.1)
    return time.monotonic() - start


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nothing listens on."""
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def set_up(demo: Demo) -> None:
    """Make four parties, each with its own folder, database and keys, and start their nodes."""
    for stage in demo.stages:
        made = stage.run(
            "init", "--name", stage.name, "--listen", f"127.0.0.1:{stage.port}",
            "--endpoint", stage.url, "--cadence", CADENCE,
        )  # fmt: skip
        stage.party, stage.fingerprint = made["party"], made["fingerprint"]
    council = demo.stages[2]
    for stage in demo.stages:
        witness = demo.stages[0] if stage is council else council
        choose_witness(stage, witness.party)
        stage.start()
    demo.say("Four parties, four processes, four databases. No server in the middle.")


def choose_witness(stage: Stage, witness: str) -> None:
    """Name a witness in the node's settings, as its administrator would with an editor."""
    path = stage.folder / "node.json"
    settings = orjson.loads(path.read_bytes())
    # Passwords made for one run need no second factor; anywhere else leave it as it is.
    settings |= {"witnesses": [witness], "quorum": 1, "second_factor": False}
    path.write_bytes(orjson.dumps(settings, option=orjson.OPT_INDENT_2))


def meet(demo: Demo) -> None:
    """Introduce everyone to everyone, and compare fingerprints as over a telephone."""
    for stage in demo.stages:
        for other in demo.stages:
            if other is not stage:
                stage.run("introduce", other.url)
                stage.run("accredit", other.party, "--fingerprint", other.fingerprint)
    first = demo.stages[1]
    demo.say(f"Each compared the others' fingerprints. {first.name}: {first.fingerprint}")
    took = time.monotonic() - demo.began
    demo.figures["ready"] = (
        f"{len(demo.stages)} parties ready to work together after {took:.0f} s, on one computer, "
        "with no server in the middle"
    )


def shut_down(demo: Demo) -> None:
    """Stop the nodes, or leave them running and say how to stop them."""
    if not demo.keep:
        for stage in demo.stages:
            stage.stop()
        return
    nodes: list[dict[str, Any]] = [
        {
            "party": stage.name,
            "url": stage.url,
            "dir": str(stage.folder),
            "pid": stage.process.pid if stage.process else 0,
            "people": demo_people.let_in(stage),
        }
        for stage in demo.stages
    ]
    (HOME / "run.json").write_bytes(orjson.dumps({"nodes": nodes}, option=orjson.OPT_INDENT_2))
    pids = " ".join(str(node["pid"]) for node in nodes)
    console.print("\nThe nodes go on running; their pages are at these addresses:")
    for node in nodes:
        console.print(f"  {node['party']:<22} {node['url']}   comity status --dir {node['dir']}")
        for person in node["people"]:
            email, password = person["email"], person["password"]
            console.print(f"    {person['role']:<20} {email:<28} {password}")
    console.print(f"Stop them with: kill {pids}")


def show_cards(demo: Demo) -> None:
    """Close with three cards, each with figures measured in this run."""
    for title, lines in story.cards(demo.figures).items():
        body = "\n".join(f"• {line}" for line in lines)
        console.print(Panel(body, title=title, title_align="left", width=92))


def main() -> int:
    """Play the story; return 0 when every claim of it held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true")
    keep = parser.parse_args().keep or os.environ.get("KEEP") == "1"
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir()
    names = story.PARTIES
    ports = free_ports(len(names))
    stages = [
        Stage(name, port, HOME / name.split()[0].lower())
        for name, port in zip(names, ports, strict=True)
    ]
    demo = Demo(stages, keep)
    try:
        set_up(demo)
        meet(demo)
        story.play(demo)
        show_cards(demo)
    except Failed as failed:
        console.print(f"[bold red]The demonstration failed.[/bold red] {failed}")
        demo = replace(demo, keep=False)
        return 1
    finally:
        shut_down(demo)
    return 0


if __name__ == "__main__":
    # The story asks this very module for its words, whether it was started by name or by path.
    sys.modules["tools.demo"] = sys.modules["__main__"]
    sys.exit(main())
