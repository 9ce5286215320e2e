"""A process that signs acts and says which ones it was told are kept; it may be killed.

python -m tests.store.child '{"folder": …, "dossier": …, "count": 5, "name": …,
                             "point"?: …, "skip"?: 2, "delay"?: 0.01}'
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from comity.services.node import open_node
from comity.services.ports import Ports
from comity.store.anchor import Mark
from comity.store.append.log import LogWriter
from tests.nodes import FakeClock, FakeRandom, Switchboard, say, spoken
from tests.store.points import hooked, kill


def main(told: dict[str, Any]) -> None:
    ports = Ports(FakeClock(), FakeRandom(told["name"]), Switchboard())
    node = open_node(Path(told["folder"]), ports, known=spoken(), upgrade=False)
    if "point" in told:
        owner, name, replacement = hooked(told["point"], kill, told["skip"])
        setattr(owner, name, replacement)
    if "delay" in told:
        _delay(random.Random(told["name"]), told["delay"])
    for _ in range(told["count"]):
        act = say(node, told["dossier"], "claim", {"status": "held"}, files={"f": b"f" * 70_000})
        print(act, flush=True)  # noqa: T201  this is how it tells its parent


def _delay(chance: random.Random, most: float) -> None:
    """Let every commit come after a random pause."""
    original = LogWriter.flush

    def slow(self: LogWriter) -> Mark:
        time.sleep(chance.random() * most)
        return original(self)

    LogWriter.flush = slow  # type: ignore[method-assign]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
