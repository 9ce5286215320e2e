"""The way out of a node, as its settings say: by a proxy, with authorities of one's own, how far.

The transport is made before the node is opened, and for commands that need no node at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from comity.services.delivery import addresses
from comity.services.delivery.outbound import HTTPTransport, Way
from comity.services.node import SETTINGS, Settings
from comity.services.ports import Ports, SystemClock, SystemRandom

if TYPE_CHECKING:
    from pathlib import Path


def ports(folder: Path, settings: Settings | None = None) -> Ports:
    """Return the real clock, chance and transport of the node in ``folder``.

    ``settings`` are those it will have, where there is none yet. Where nothing is known of them,
    whoever types an address commands this machine, and may name any. Raises Refusal S5 for
    settings that cannot be read.
    """
    if settings is None and (folder / SETTINGS).exists():
        settings = Settings.read(folder)
    way = Way() if settings is None else of_settings(settings, folder)
    return Ports(SystemClock(), SystemRandom(), HTTPTransport(way))


def of_settings(settings: Settings, folder: Path) -> Way:
    """Return the way out that a node's settings describe; files are looked for in its folder."""
    return Way(
        ca=folder / settings.ca if settings.ca else None,
        proxy=settings.proxy,
        proxy_login=folder / settings.proxy_login if settings.proxy_login else None,
        local=is_local(settings),
    )


def is_local(settings: Settings) -> bool:
    """Say whether addresses of this machine and of its own network are connected to.

    Where nothing is set, a node that others reach at such an address lives among them. That it
    listens on this machine alone says nothing: so does every node behind a reverse proxy.
    """
    if settings.local_addresses is not None:
        return settings.local_addresses
    return any(addresses.is_local(urlsplit(url).hostname or "") for url in settings.endpoints)
