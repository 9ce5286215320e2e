"""Whether a node is able to do its work, in words that anybody may read."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import Error as DatabaseError

from comity.kernel.errors import Refusal
from comity.services.delivery.worker import PULSE
from comity.services.quota import LEAST_FREE
from comity.store.access import parties

if TYPE_CHECKING:
    from comity.services.node import Node

LATE = 60.0
"""Seconds without a sign of life after which the worker is said to be gone."""


@dataclass(frozen=True, slots=True)
class Health:
    """``able`` to take anything in at all, and the ``reasons`` why all is not well."""

    able: bool
    reasons: tuple[str, ...]


def health(node: Node) -> Health:
    """Return how a node stands. The reasons name no party, no file and no content."""
    stopped = [*_log(node), *_disk(node)]
    return Health(not stopped, (*stopped, *_worker(node)))


def _log(node: Node) -> list[str]:
    try:
        # The anchor first: an append between the two readings only moves the database ahead.
        mark = node.anchor.read()
        row = next((row for row in parties.logs(node.db) if not row.closed), None)
    except Refusal:
        return ["The anchor cannot be read."]
    except DatabaseError:
        return ["The database does not answer."]
    if row is None:
        return ["There is no open log."]
    if mark is None:
        return ["The anchor is missing; nothing is signed."]
    if (mark.log, mark.size) > (row.log, row.size):
        return ["The database is behind the anchor; nothing is signed."]
    return []


def _disk(node: Node) -> list[str]:
    free = shutil.disk_usage(node.folder).free
    return ["The disk is nearly full."] if free < LEAST_FREE else []


def _worker(node: Node) -> list[str]:
    try:
        seen = (node.folder / PULSE).stat().st_mtime
    except FileNotFoundError:
        return ["No worker has run; nothing is sent or fetched."]
    late = time.time() - seen  # noqa: TID251  compared with what the file system wrote
    return [f"The worker was last seen {late:.0f} s ago."] if late > LATE else []
