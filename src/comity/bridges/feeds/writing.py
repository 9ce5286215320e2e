"""Exports: objects in the forms that other tools take. Each is made for a label."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from comity.bridges.cells import hidden
from comity.bridges.feeds.detected import detected
from comity.bridges.held import Held, current, require, shown
from comity.bridges.misp import marks
from comity.bridges.stix import writing as stix
from comity.bridges.stix.inject import DEFINITIONS, SERVED
from comity.kernel.label import TLP

COLUMNS = ("kind", "value", "type", "id", "name", "modified", "valid_until", "tlp", "labels")


def bundle(held: Sequence[Held], made_for: TLP) -> bytes:
    """Return a STIX bundle of objects, with what defines the markings of their labels.

    Its id is made of what is in it. Raises Refusal X57.
    """
    require(held, made_for)
    said = sorted(f"{each.object.id} {each.object.version}" for each in held)
    defined = {each.object.id for each in held}
    levels = sorted({each.label for each in held})
    first = [DEFINITIONS[tlp] for tlp in levels if SERVED[tlp] not in defined]
    return stix.bundle([*first, *(each.data for each in held)], marks.made("bundle", *said))


def table(held: Sequence[Held], made_for: TLP) -> str:
    """Return a table as CSV: a row for each value of an object, or for the object that has none.

    What a spreadsheet would run is hidden from it. Raises Refusal X57.
    """
    require(held, made_for)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for each in current(held):
        for kind, value in each.object.observables or (("", ""),):
            rows.writerow(map(hidden, (kind, value, *_cells(each))))
    return out.getvalue()


def _cells(each: Held) -> list[str]:
    value, labels = each.object.value, each.object.value.get("labels")
    said = [each.object.type, each.object.id, str(value.get("name") or "")]
    said += [str(value.get(name) or "") for name in ("modified", "valid_until")]
    words = labels if isinstance(labels, list) else []
    return [*said, shown(each.label), " ".join(map(str, words))]


def lists(held: Sequence[Held], made_for: TLP, now: int) -> dict[str, str]:
    """Return lists of what is to be looked for, by kind: one value a line.

    The kinds are ip, domain, url, mail and hash. Lines that begin with ``#`` say for whom the list
    is, and when it was made: ``now`` (seconds). Raises Refusal X57.
    """
    require(held, made_for)
    found: dict[str, list[str]] = {}
    for kind, value, _ in detected(held):
        found.setdefault(kind, []).append(value)
    made = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
    head = f"# TLP:{shown(made_for)}, {made}\n"
    return {kind: head + "".join(f"{each}\n" for each in values) for kind, values in found.items()}
