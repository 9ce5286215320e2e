"""Play an incident and a flaw across borders, on four separately running nodes, by the commands.

    make demo                          plays the story, and stops the nodes
    make demo KEEP=1                   leaves the nodes running, with work for who signs in
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
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
import urllib3
from rich.console import Console
from rich.panel import Panel

from tools import demo_open, demo_people
from tools import demo_story as story

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".demo"
WAIT = 60.0
"""Seconds after which something that should have happened counts as not happening."""
CADENCE = "1"
Found = TypeVar("Found")
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

    @property
    def pages(self) -> str:
        """Where its people sign in.

        Browsers keep cookies by name and not by port: with a name for each party, one browser can
        be signed in at all of them.
        """
        return f"http://{self.folder.name}.localhost:{self.port}"

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


def together(work: Callable[[Stage], Found], stages: Iterable[Stage]) -> list[Found]:
    """Do something at several parties at once; return what came of it, in their order."""
    with ThreadPoolExecutor() as pool:
        return [*pool.map(work, stages)]


def now(ahead: int = 0) -> str:
    """Return an instant so many seconds ahead, as a command takes it."""
    return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(time.time() + ahead))


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
    together(begin, demo.stages)
    council = demo.stages[2]
    for stage in demo.stages:
        witness = demo.stages[0] if stage is council else council
        settle(stage, witness.party)
    together(lambda stage: stage.start(), demo.stages)
    demo.say("Four parties, four processes, four databases. No server in the middle.")


def begin(stage: Stage) -> None:
    """Make a party: its folder, its keys, its database."""
    made = stage.run(
        "init", "--name", stage.name, "--listen", f"127.0.0.1:{stage.port}",
        "--endpoint", stage.url, "--cadence", CADENCE,
    )  # fmt: skip
    stage.party, stage.fingerprint = made["party"], made["fingerprint"]


def settle(stage: Stage, witness: str) -> None:
    """Name a witness and the pages in a node's settings, as its administrator would by hand."""
    path = stage.folder / "node.json"
    settings = orjson.loads(path.read_bytes())
    # Passwords made for one run need no second factor; anywhere else leave it as it is.
    settings |= {"witnesses": [witness], "quorum": 1, "second_factor": False, "pages": stage.pages}
    settings["intake"] = True
    path.write_bytes(orjson.dumps(settings, option=orjson.OPT_INDENT_2))


def meet(demo: Demo) -> None:
    """Introduce everyone to everyone, and compare fingerprints as over a telephone."""

    def compare(stage: Stage) -> None:
        for other in demo.stages:
            if other is not stage:
                stage.run("introduce", other.url)
                stage.run("accredit", other.party, "--fingerprint", other.fingerprint)

    together(compare, demo.stages)
    first = demo.stages[1]
    demo.say(f"Each compared the others' fingerprints. {first.name}: {first.fingerprint}")
    took = time.monotonic() - demo.began
    demo.figures["ready"] = (
        f"{len(demo.stages)} parties ready to work together after {took:.0f} s, on one computer, "
        "with no server in the middle"
    )


def let_in(demo: Demo) -> None:
    """Let people in at every party, leave them something to do, and say how each signs in."""
    people = dict(zip(story.PARTIES, together(demo_people.let_in, demo.stages), strict=True))
    demo_open.play(demo, people)
    nodes: list[dict[str, Any]] = [
        {
            "party": stage.name,
            "url": stage.url,
            "dir": str(stage.folder),
            "pid": stage.process.pid if stage.process else 0,
            "people": [person.to_object() for person in people[stage.name].values()],
        }
        for stage in demo.stages
    ]
    (HOME / "run.json").write_bytes(orjson.dumps({"nodes": nodes}, option=orjson.OPT_INDENT_2))
    console.print(
        "\nThe nodes go on running, and a younger incident is open. Who may sign in, where:"
    )
    for stage in demo.stages:
        console.print(demo_people.table(stage, people[stage.name].values()))
    console.print(
        "Where a browser finds no such name, put 127.0.0.1 in its place and keep the number.\n"
        f"A command to begin with: comity status --dir {demo.stages[0].folder}\n"
        f"Stop the nodes with: kill {' '.join(str(node['pid']) for node in nodes)}"
    )


def shut_down(demo: Demo) -> None:
    """Stop the nodes."""
    for stage in demo.stages:
        stage.stop()


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
    demo, left = Demo(stages), False
    try:
        set_up(demo)
        meet(demo)
        story.play(demo)
        show_cards(demo)
        if keep:
            let_in(demo)
            left = True
    except Failed as failed:
        console.print(f"[bold red]The demonstration failed.[/bold red] {failed}")
        return 1
    finally:
        if not left:
            shut_down(demo)
    return 0


if __name__ == "__main__":
    # The story asks this very module for its words, whether it was started by name or by path.
    sys.modules["tools.demo"] = sys.modules["__main__"]
    sys.exit(main())
