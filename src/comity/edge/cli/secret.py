"""What must not be lost or read by others: the spare-key kit, and files with secrets."""

from __future__ import annotations

import os
from pathlib import Path

KIT = """
THE SPARE-KEY KIT. It is shown this once, and kept nowhere on this machine.

    {kit}

What to do with it:
  1. Write it down or print it, and put it where your important papers are.
  2. Keep it away from this machine and from its backups.
  3. After a disk is lost or a backup restored, `comity restore` asks for it:
     without it this party cannot go on under its own name.
"""


def write_secret(path: Path, what: str | bytes) -> None:
    """Write a new file that only this user may read. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(what if isinstance(what, bytes) else f"{what}\n".encode())
        file.flush()
        os.fsync(file.fileno())
