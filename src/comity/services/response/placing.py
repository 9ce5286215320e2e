"""Where an advisory of this party goes out: into circles, and into its folder as a CSAF provider.

Placing the same twice leaves it there once, so that who was interrupted begins anew.
"""

from __future__ import annotations

import fcntl
import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from comity.bridges.csaf import provider
from comity.bridges.csaf.provider import Site
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.sharing import advisories, circles, publishing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.services.sharing.advisories import Checked
    from comity.services.sharing.publishing import Published, Sorted

LOG = logging.getLogger(__name__)
LOCK = "advisories.lock"
NEWER = "A newer version of it lies in the folder already."


class Places(NamedTuple):
    """Where one goes out: the ids of ``circles``, and whether into the ``provider``'s folder."""

    circles: tuple[str, ...]
    provider: bool


def is_provider(node: Node) -> bool:
    """Say whether this node has a folder to publish advisories in."""
    return bool(node.settings.advisories and node.settings.advisories_url)


def rehearse(node: Node, checked: Checked, places: Places) -> None:
    """Do everything that placing would, and place nothing.

    Raises Refusal X47 to X49, X23 and others as ``place`` does, S4 without any place or a folder,
    S5 where the folder or the key cannot be read.
    """
    if not places.circles and not places.provider:
        raise Refusal("S4", "Choose where it is to go out.", "circles")
    if checked.advisory.status == "draft":
        raise Refusal("X49", Phrase("A draft is not published."), checked.advisory.id)
    for circle in places.circles:
        shelf = circles.shelf_of(node, circle)
        _require_whole(publishing.sort(node, shelf, advisories.as_objects(checked)))
    if places.provider:
        try:
            _, site, all_ = _tree(node, checked)
        except OSError as error:
            raise Refusal("S5", _unwritten(error), "provider") from error
        provider.tree(site, advisories.entries(all_))


def place(
    node: Node, checked: Checked, places: Places, by: Object | None
) -> tuple[list[str], Phrase | None]:
    """Publish an advisory wherever it can be, and return where it stands now: its address, and the
    ids of circles; and what is wrong with the first place where it cannot, None where all is done.
    """
    found: list[str] = []
    wrong: list[Phrase] = []
    ways: list[Callable[[], str]] = []
    ways += [partial(_into_folder, node, checked)] if places.provider else []
    ways += [partial(_into_circle, node, checked, circle, by) for circle in places.circles]
    for way in ways:
        try:
            found.append(way())
        except Refusal as refusal:
            wrong.append(Phrase(refusal.reason))
        except OSError as error:
            wrong.append(_unwritten(error))
    for each in wrong:
        LOG.warning("An advisory could not go out: %s", each)
    return found, next(iter(wrong), None)


def _unwritten(error: OSError) -> Phrase:
    why = error.strerror or str(error)
    return Phrase("It could not be written: {why}.", why=why)


def _into_folder(node: Node, checked: Checked) -> str:
    with _alone(node):
        folder, site, all_ = _tree(node, checked)
        written = advisories.publish(folder, site, all_).written
    return site.at(next(path for path in written if path.endswith(f"/{checked.file.name}")))


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    """Let nobody else read and write the folder meanwhile: what one did not see it takes away."""
    with (node.folder / LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _into_circle(node: Node, checked: Checked, circle: str, by: Object | None) -> str:
    objects = advisories.as_objects(checked)
    # All of it or nothing: what is said to have gone nowhere is nowhere.
    _require_whole(publishing.sort(node, circles.shelf_of(node, circle), objects))
    _require_whole(publishing.publish(node, circle, objects, by=by))
    return circle


def _require_whole(done: Sorted | Published) -> None:
    for flaw in done.flaws:
        raise Refusal(flaw.rule, flaw.reason, flaw.path or flaw.id)


def _tree(node: Node, checked: Checked) -> tuple[Path, Site, list[Checked]]:
    """Return the folder of this party as a provider, and what will be in it: what is there, without
    an earlier version of this one, and this one. Raises Refusal X48 for a newer one.
    """
    settings = node.settings
    if not is_provider(node):
        told = "This node has no folder for advisories: name it as advisories in node.json."
        raise Refusal("S4", told, "provider")
    folder = node.folder / settings.advisories
    there, refused = advisories.check_all(advisories.found([folder] if folder.is_dir() else []))
    if refused:
        raise refused[0].refusal
    own = [each.advisory for each in there if each.advisory.id == checked.advisory.id]
    if any(each.current > checked.advisory.current for each in own):
        raise Refusal("X48", NEWER, checked.file.name)
    all_ = [each for each in there if each.advisory.id != checked.advisory.id]
    all_.append(checked)
    now = node.now()
    key = node.folder / settings.advisories_key if settings.advisories_key else None
    public, sign = advisories.signing(key, now) if key else (None, None)
    publisher = advisories.publisher_of(all_)
    site = Site(settings.advisories_url, publisher, now, TLP.CLEAR, public, sign)
    return folder, site, all_
