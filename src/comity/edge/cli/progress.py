"""A bar for work that takes more than a second, on the error output, for a person who looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PATIENCE = 1.0
"""Seconds before the bar appears."""
Tell: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@contextmanager
def shown(what: str, *, enabled: bool) -> Iterator[Tell]:
    """Show ``what`` while the block runs, from ``PATIENCE`` seconds on; then leave no trace.

    The bar moves to and fro until the block tells how far it is.
    """
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not enabled,
    )
    task = bar.add_task(what, total=None)
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    if enabled:
        timer.start()
    try:
        yield lambda now, done, total: bar.update(
            task, description=f"{what}: {now}", completed=done, total=total
        )
    finally:
        timer.cancel()
        bar.stop()
