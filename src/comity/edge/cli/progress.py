"""A bar for work that takes more than a second, on the error output, for a person who looks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PATIENCE = 1.0
"""Seconds before the bar appears."""


@contextmanager
def shown(what: str, *, enabled: bool) -> Iterator[None]:
    """Show ``what`` while the block runs, from ``PATIENCE`` seconds on; then leave no trace."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not enabled,
    )
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    bar.add_task(what, total=None)
    if enabled:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
        bar.stop()
