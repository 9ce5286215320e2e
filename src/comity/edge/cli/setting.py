"""What the program was started with; light, so that `comity --help` loads nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from comity.services.ports import Ports


@dataclass(slots=True)
class Setting:
    """Kept in the context for all commands.

    ``ports`` makes the clock, chance and transport of the node in a folder; ``folder`` and
    ``json`` are the options given before the command's name.
    """

    ports: Callable[[Path], Ports]
    folder: Path | None = None
    json: bool = False
