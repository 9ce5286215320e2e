"""The points at which an append is killed (docs/reference/crash-contract.md), by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from comity.services.casework import dossiers, issue
from comity.store.anchor import Anchor
from comity.store.append import acts, log, outbox
from comity.store.append.log import LogWriter

BEFORE, AFTER = "before", "after"

POINTS: dict[str, tuple[Any, str, str]] = {
    "prepared": (issue, "appending", BEFORE),
    "locked": (log, "_locked_head", AFTER),
    "signed": (issue, "_sign", AFTER),
    "inserted": (acts, "insert_acts", AFTER),
    "parts inserted": (acts, "insert_parts", AFTER),
    "queued": (outbox, "queue", AFTER),
    "derived": (dossiers, "project", AFTER),
    "leaves inserted": (LogWriter, "flush", AFTER),
    "committed": (Anchor, "advance", BEFORE),
    "anchored": (Anchor, "advance", AFTER),
}
COMMITTED = {"committed", "anchored"}
"""Points beyond the commit: the act is there, though nobody was told so."""


class Crash(BaseException):
    """Nothing catches it on purpose, as nothing catches a kill."""


def crash() -> NoReturn:
    """Fail inside the process."""
    raise Crash


def kill() -> NoReturn:
    """Die at once, without any clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def hooked(point: str, die: Callable[[], NoReturn], skip: int = 0) -> tuple[Any, str, Any]:
    """Return (owner, name, replacement) that dies at ``point``, the first ``skip`` times not."""
    owner, name, when = POINTS[point]
    original = getattr(owner, name)
    calls = 0

    def replacement(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if when == BEFORE and calls > skip:
            die()
        result = original(*args, **kwargs)
        if when == AFTER and calls > skip:
            die()
        return result

    return owner, name, replacement
