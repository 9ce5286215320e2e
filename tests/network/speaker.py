"""A person's command line that goes on saying things until enough was said, whatever kills it.

python -m tests.network.speaker FOLDER DOSSIER COUNT PAUSE
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from comity.services.casework import dossiers, issue
from comity.services.casework.issue import Draft
from comity.services.node import Node, open_node
from tests.running import real_ports


def said(node: Node, dossier_id: str) -> int:
    """Return how many notes of this party the dossier holds."""
    with node.lock:
        graph = dossiers.load(node, dossier_id).graph
        mine = [n for n in graph.order if n.header.party == node.me and n.header.kind == "note"]
    return len(mine)


def main() -> None:
    folder, dossier_id, count, pause = sys.argv[1:]
    node = open_node(Path(folder), real_ports(), upgrade=False)
    while said(node, dossier_id) < int(count):
        act = issue.issue(node, dossier_id=dossier_id, draft=Draft("note"))
        sys.stdout.write(f"{act}\n")
        sys.stdout.flush()
        time.sleep(float(pause))


if __name__ == "__main__":
    main()
