"""Static files under addresses that change with their bytes: browsers keep them for good."""

from __future__ import annotations

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class Hashed(StaticFilesStorage):
    """Gives addresses with a hash, for files that are served from where they are installed."""

    def url(self, name: str | None) -> str:
        """Return the address of a file."""
        return f"{super().url(name)}?{_hash(name or '')}"


@cache
def _hash(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        raise FileNotFoundError(name)
    with open(path, "rb") as file:  # noqa: PTH123  the finder gives a string
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
