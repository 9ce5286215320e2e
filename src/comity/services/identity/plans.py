"""What a ceremony has come to, as files of the node's folder; none holds a secret.

::

    ceremony.json  {threshold, holders{key: label}, payload, rests_on, signatures{key: sig}}
    holders.json   {key: label}     of the root keys in force; labels are this node's own words

Each step replaces the file at once, so that a machine that dies in between goes on where it was.
``payload`` and each ``sig`` are base64, absent or empty before something is proposed.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from comity.kernel import dsse
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.kernel.keys import Key, key_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLAN, LABELS = "ceremony.json", "holders.json"
BROKEN = (
    "The file of the ceremony cannot be read. `comity ceremony cancel` puts it away; nothing was "
    "published by it."
)


@dataclass(slots=True)
class Plan:
    """A ceremony under way.

    ``threshold`` of ``holders`` (labels by key) shall be needed from now on. ``payload`` is the
    root document proposed, b"" before; ``rests_on`` the own document that was the newest then;
    ``signatures`` those that came, by key.
    """

    threshold: int
    holders: dict[Key, str] = field(default_factory=dict)
    payload: bytes = b""
    rests_on: str = ""
    signatures: dict[Key, bytes] = field(default_factory=dict)

    @property
    def id(self) -> Id | None:
        """The id that the proposed document will have, or None before."""
        return dsse.Envelope(dsse.ROOT, self.payload, ()).id if self.payload else None

    def void(self) -> None:
        """Forget what was proposed, with its signatures: it says other than what is wanted now."""
        self.payload, self.rests_on, self.signatures = b"", "", {}

    def envelope(self) -> dsse.Envelope:
        """Return what was proposed, with the signatures that came."""
        signed = tuple(dsse.Signature(key_id(key), sig) for key, sig in self.signatures.items())
        return dsse.Envelope(dsse.ROOT, self.payload, signed)


def read(folder: Path) -> Plan | None:
    """Return the ceremony that is under way, or None. Raises Refusal S5."""
    value = _load(folder / PLAN)
    if value is None:
        return None
    try:
        return Plan(
            threshold=int(value["threshold"]),
            holders={Key(key): str(label) for key, label in value["holders"].items()},
            payload=base64.b64decode(value["payload"]),
            rests_on=str(value["rests_on"]),
            signatures={
                Key(key): base64.b64decode(sig) for key, sig in value["signatures"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refusal("S5", BROKEN, str(folder / PLAN)) from error


def write(folder: Path, plan: Plan) -> None:
    """Keep a ceremony, durably."""
    value = {
        "threshold": plan.threshold,
        "holders": plan.holders,
        "payload": _text(plan.payload),
        "rests_on": plan.rests_on,
        "signatures": {key: _text(sig) for key, sig in plan.signatures.items()},
    }
    _save(folder / PLAN, value)


def remove(folder: Path) -> None:
    """Put the ceremony away."""
    (folder / PLAN).unlink(missing_ok=True)


def labels(folder: Path) -> dict[Key, str]:
    """Return what the holders of root keys are called here, by key."""
    value = _load(folder / LABELS) or {}
    return {Key(key): str(label) for key, label in value.items()}


def save_labels(folder: Path, found: Mapping[Key, str]) -> None:
    """Keep what the holders of the root keys in force are called."""
    _save(folder / LABELS, dict(found))


def _load(path: Path) -> dict[str, Any] | None:
    try:
        value = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except orjson.JSONDecodeError as error:
        raise Refusal("S5", BROKEN, str(path)) from error
    if not isinstance(value, dict):
        raise Refusal("S5", BROKEN, str(path))
    return value


def _save(path: Path, value: dict[Any, Any]) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
