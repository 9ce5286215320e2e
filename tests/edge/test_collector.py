"""The collector of garbage runs seldom in every process of a node."""

from __future__ import annotations

import os
import subprocess
import sys

from comity.services.process import YOUNG
from tests.nodes import Nodes

STARTS = """
import gc, os
from pathlib import Path
from comity import wsgi
folder = Path(os.environ["COMITY_DIR"])
for start in (lambda: wsgi._opened(folder), wsgi.application, wsgi.collections):
    gc.unfreeze()
    gc.set_threshold(700)
    start()
    print(gc.get_threshold()[0], gc.get_freeze_count() > 0, flush=True)
os._exit(0)
"""


def test_each_process_of_a_node_tunes_it(nodes: Nodes) -> None:
    orvanda = nodes.make("orvanda")
    environment = os.environ | {"COMITY_DIR": str(orvanda.folder)}
    done = subprocess.run(
        [sys.executable, "-c", STARTS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"{YOUNG} True"] * 3
