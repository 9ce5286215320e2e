"""A full disk, told as what it is."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError

from comity.kernel.errors import Refusal

_FULL = {errno.ENOSPC, errno.EDQUOT}
_WORDS = ("disk is full", "No space left", "disk full")


@contextmanager
def room() -> Iterator[None]:
    """Raise Refusal S7 when the disk is full; what was begun inside is undone by its owner."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _refusal() from error
    except OperationalError as error:
        if not any(words in str(error) for words in _WORDS):
            raise
        raise _refusal() from error


def _refusal() -> Refusal:
    return Refusal("S7", "The disk is full. Nothing was changed; free some space and try again.")
