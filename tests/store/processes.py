"""Starting processes that sign acts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from comity.services.node import Node

ROOT = Path(__file__).parents[2]


def start(node: Node, dossier: str, count: int, name: str, **more: Any) -> subprocess.Popen[str]:
    """Start a process that signs ``count`` acts; see ``tests.store.child``."""
    told = {"folder": str(node.folder), "dossier": dossier, "count": count, "name": name, **more}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.child", json.dumps(told)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], code: int = 0) -> list[str]:
    """Wait for a process, demand its exit code, and return the acts it was told are kept."""
    out, err = process.communicate(timeout=600)
    assert process.returncode == code, err
    return out.split()
