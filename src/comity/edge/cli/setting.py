"""What the program was started with; light, so that `comity --help` loads nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from comity.services.node import Settings
    from comity.services.ports import Ports


class MakePorts(Protocol):
    """Makes the clock, chance and transport of the node in a folder, by the settings that it will
    have where there is none yet.
    """

    def __call__(self, folder: Path, settings: Settings | None = None, /) -> Ports:
        """Return them. Raises Refusal S5."""


@dataclass(slots=True)
class Setting:
    """Kept in the context for all commands.

    ``ports`` makes the clock, chance and transport of the node in a folder; ``folder`` and
    ``json`` are the options given before the command's name.
    """

    ports: MakePorts
    folder: Path | None = None
    json: bool = False
