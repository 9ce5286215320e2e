"""What must not be lost or read by others: the spare-key kit, and files with secrets."""

from __future__ import annotations

import os
from pathlib import Path

_KIT = """
THE SPARE-KEY KIT. The first code is shown this once, and kept nowhere on this machine.

    {codes}

What to do with it:
  1. Write it down or print it, and put it where your important papers are.
  2. Keep it away from this machine and from its backups: who has it can act as this party.
  3. After a disk is lost or a backup restored, `comity restore` asks for it.
     {meaning}
"""
_ONE = """Without it this party cannot go on under its own name."""
_BOTH = """Without the first code this party cannot go on under its own name; without
     the second, others see that its root key has not confirmed the new log."""


def kit_words(kit: str, root: str) -> str:
    """Return the kit as it is shown: the spare-key code, and the root code if there is one."""
    meaning = _BOTH if root else _ONE
    return _KIT.format(codes=kit_text(kit, root).replace("\n", "\n    "), meaning=meaning)


def kit_text(kit: str, root: str) -> str:
    """Return the kit as its file holds it: one line per code."""
    return "\n".join(filter(None, (kit, root)))


def write_secret(path: Path, what: str | bytes) -> None:
    """Write a new file that only this user may read. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(what if isinstance(what, bytes) else f"{what}\n".encode())
        file.flush()
        os.fsync(file.fileno())
