"""A node's web with little patience: ``python -m tests.edge.impatient FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from comity import wsgi
from comity.edge.wire import stalled
from comity.edge.wire.app import WireApp
from comity.services.delivery import way
from comity.services.gate import Limits
from comity.services.node import open_node

LIMITS = Limits(bodies=4)


def application() -> WireApp:
    """Return the node that COMITY_DIR names."""
    wsgi._follow_parent()
    stalled.watch(stalled.Pace(grace=0.5, look=0.1))
    folder = Path(os.environ[wsgi.FOLDER])
    return WireApp(open_node(folder, way.ports(folder)), limits=LIMITS)


if __name__ == "__main__":
    here = Path(sys.argv[1])
    made = open_node(here, way.ports(here))
    wsgi._start_web(here, wsgi._server(made, "", "tests.edge.impatient:application"))
