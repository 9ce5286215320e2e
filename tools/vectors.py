"""Play the cases of every protocol and write what they gave as its vectors.

A case is a function ``accepted_…`` or ``refused_d<n>_…`` of ``tests/protocols/<name>/cases.py``. A
vector holds the parties' documents, every act as signed, the verdict on each, and what they add
up to. Keys derive from names, so that a case always gives the same bytes. Vectors are the freeze
of a version: rewrite those of a released version, and charters signed under it change meaning.

Run as ``python -m tools.vectors [--check]``; with ``--check`` it writes nothing and fails when a
vector differs from what its case gives.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from comity import protocols
from comity.kernel.dossier import Dossier
from comity.kernel.protocol import Protocol, discover
from tests.protocols.table import Table

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "_template"


def all_protocols() -> dict[str, Protocol]:
    """Return every protocol by its folder below ``protocols``, the template among them."""
    template = importlib.import_module(f"comity.protocols.{TEMPLATE}").PROTOCOL
    return {protocol.name: protocol for protocol in discover(protocols).values()} | {
        TEMPLATE: template
    }


def folder(place: str) -> Path:
    """Return the folder of the protocol at ``place``."""
    return ROOT / "src" / "comity" / "protocols" / place


def cases(place: str) -> ModuleType:
    """Return the module that plays the cases of the protocol at ``place``."""
    return importlib.import_module(f"tests.protocols.{place.replace('/', '.')}.cases")


def played(place: str, protocol: Protocol) -> Iterator[tuple[str, Table, str]]:
    """Yield (name of the vector, the table after the case, what the case says)."""
    for name, case in inspect.getmembers(cases(place), inspect.isfunction):
        if name.startswith(("accepted_", "refused_")):
            yield file_name(name), play(protocol, case), " ".join((case.__doc__ or "").split())


def play(protocol: Protocol, case: Callable[[Table], None]) -> Table:
    """Play one case at a new table."""
    table = Table(protocol)
    case(table)
    return table


def file_name(case: str) -> str:
    """Return ``refused/D1-ask-of-oneself`` for ``refused_d1_ask_of_oneself``."""
    verdict, _, rest = case.partition("_")
    if verdict == "refused":
        rule, _, rest = rest.partition("_")
        rest = f"{rule.upper()}_{rest}"
    return f"{verdict}/{rest.replace('_', '-')}"


def vector(table: Table, about: str) -> dict[str, Any]:
    """Return the vector of a case that was played."""
    return {
        "about": about,
        "protocol": table.protocol.id,
        "parties": {name: party.id for name, party in table.parties.items()},
        "documents": [
            json.loads(envelope.to_bytes())
            for party in table.parties.values()
            for envelope in party.envelopes
        ],
        "acts": [
            {
                "id": act.id,
                "kind": act.header.kind,
                "verdict": table.verdict(act),
                "envelope": json.loads(act.envelope.to_bytes()),
            }
            for act in table.acts
        ],
        "state": state(table.seen),
    }


def state(dossier: Dossier) -> dict[str, Any]:
    """Return what a vector says of the state that its acts add up to."""
    summary = dossier.summary()
    if summary is None:
        raise SystemExit("A vector needs its protocol.")
    found: dict[str, Any] = {
        "digest": dossier.digest(),
        "status": summary.status,
        "parties": [*summary.parties],
        "duties": [duty._asdict() for duty in summary.duties],
        "caption": {"code": summary.caption.code, "params": dict(summary.caption.params)},
    }
    if summary.subjects:
        found["subjects"] = [subject._asdict() for subject in summary.subjects]
    return found


def text_of(value: dict[str, Any]) -> str:
    """Return a vector as it is written."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write(place: str, protocol: Protocol, *, check: bool) -> list[str]:
    """Write the vectors of one protocol and remove those without a case; return what differed."""
    home = folder(place) / "vectors"
    wanted = {f"{name}.json": text_of(vector(t, a)) for name, t, a in played(place, protocol)}
    held = {p.relative_to(home).as_posix(): p for p in sorted(home.rglob("*.json"))}
    differing = [
        name
        for name, text in wanted.items()
        if name not in held or held[name].read_text(encoding="utf-8") != text
    ]
    surplus = sorted(held.keys() - wanted.keys())
    if not check:
        for name in differing:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(wanted[name], encoding="utf-8")
        for name in surplus:
            held[name].unlink()
    return [f"{place}/vectors/{name}" for name in (*differing, *surplus)]


def main(arguments: list[str]) -> int:
    """Write or check the vectors of every protocol."""
    check = arguments == ["--check"]
    differing = [
        name
        for place, protocol in all_protocols().items()
        for name in write(place, protocol, check=check)
    ]
    for name in differing:
        print(f"{'differs' if check else 'written'}: {name}")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
