"""Write the generated parts of every protocol's SPEC.md: diagram, acts, codes and rules.

A generated part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; what a person
wrote around it stays. The diagram shows the steps between statuses that the accepted cases take.

Run as ``python -m tools.spec [--check]``; with ``--check`` it writes nothing and fails when a page
is not current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from comity.kernel.dossier import Dossier
from comity.kernel.errors import SCHEMA_RULE
from comity.kernel.fieldtypes import Code
from comity.kernel.protocol import (
    SCHEMA_TITLE,
    ActKind,
    Field,
    Files,
    Protocol,
    Refs,
)
from tests.protocols.table import Table
from tools.vectors import all_protocols, folder, played

PART = re.compile(r"(<!-- generated: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def generated(text: str, place: str, protocol: Protocol) -> str:
    """Return the text of a SPEC.md with its generated parts as they should be.

    Raises KeyError when it names a part that nobody generates.
    """
    parts = {
        "states": lambda: _states(place, protocol),
        "acts": lambda: _acts(protocol),
        "codes": lambda: _codes(protocol),
        "rules": lambda: _rules(protocol),
    }
    return PART.sub(lambda m: f"{m[1]}\n{parts[m[2]]()}\n\n{m[3]}", text)


def part_names(text: str) -> list[str]:
    """Return the names of the generated parts in a SPEC.md."""
    return [match[2] for match in PART.finditer(text)]


def _states(place: str, protocol: Protocol) -> str:
    steps: dict[tuple[str, str], set[str]] = {}
    for name, table, _ in played(place, protocol):
        if name.startswith("accepted/"):
            for before, after, kind in _steps(table):
                steps.setdefault((before, after), set()).add(kind)
    order = ["[*]", *protocol.statuses]
    lines = [
        f"    {before} --> {after}: {', '.join(sorted(kinds))}"
        for (before, after), kinds in sorted(
            steps.items(), key=lambda item: [order.index(status) for status in item[0]]
        )
    ]
    names = [f'    state "{label}" as {status}' for status, label in protocol.statuses.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *names, *lines, "```"])


def _steps(table: Table) -> Iterator[tuple[str, str, str]]:
    dossier = table.replica([])
    yield "[*]", _status(dossier), "charter"
    for act in table.acts[1:]:
        before = _status(dossier)
        dossier.admit(act, table.docs)
        yield before, _status(dossier), act.header.kind


def _status(dossier: Dossier) -> str:
    summary = dossier.summary()
    return "" if summary is None else summary.status


def _acts(protocol: Protocol) -> str:
    rows = [
        "| kind | what a person does | coded, in the header | content | cites |",
        "|---|---|---|---|---|",
    ]
    for kind in (protocol.opening, *protocol.acts):
        coded = "<br>".join(_field(f) for f in kind.body)
        rows.append(
            f"| `{kind.kind}` | {kind.label} | {coded} | {_content(kind)} | {_cites(kind.refs)} |"
        )
    if protocol.recordable:
        names = [f"`{k.kind}`" for k in protocol.acts if k.kind in protocol.recordable]
        rows += ["", f"A member may record for its guest: {', '.join(names)}."]
    return "\n".join(rows)


def _field(field: Field) -> str:
    if field.when is not None:
        values = " or ".join(f"`{value}`" for value in field.when.values)
        return f"`{field.name}`: {field.type.name}, exactly when `{field.when.field}` is {values}"
    return f"`{field.name}`: {field.type.name}{'' if field.required else ', optional'}"


def _content(kind: ActKind) -> str:
    found = [f"{f.name}{'' if f.required else ', optional'}" for f in kind.content]
    if kind.files is not Files.NONE:
        found.append("files" if kind.files is Files.MUST else "files, optional")
    if kind.batch:
        found.append("or a STIX batch" if found else "a STIX batch")
    return "; ".join(found)


def _cites(refs: Refs | None) -> str:
    if refs is None:
        return ""
    count = str(refs.least) if refs.least == refs.most else f"{refs.least} to {refs.most}"
    return f"{count}: {', '.join(f'`{kind}`' for kind in refs.kinds)}"


def _codes(protocol: Protocol) -> str:
    rows = ["| field | code | label |", "|---|---|---|"]
    for kind in (protocol.opening, *protocol.acts):
        for field in kind.body:
            if isinstance(field.type, Code):
                rows += [
                    f"| `{kind.kind}.{field.name}` | `{code}` | {label} |"
                    for code, label in field.type.choices.items()
                ]
    return "\n".join(rows)


def _rules(protocol: Protocol) -> str:
    rows = ["| rule | what must hold |", "|---|---|", f"| {SCHEMA_RULE} | {SCHEMA_TITLE} |"]
    return "\n".join([*rows, *(f"| {rule} | {title} |" for rule, title in protocol.rules.items())])


def main(arguments: list[str]) -> int:
    """Write or check the SPEC.md of every protocol."""
    check = arguments == ["--check"]
    stale = 0
    for place, protocol in all_protocols().items():
        page = folder(place) / "SPEC.md"
        text = page.read_text(encoding="utf-8")
        current = generated(text, place, protocol)
        if current != text:
            stale += 1
            print(f"{'not current' if check else 'written'}: {place}/SPEC.md")
            if not check:
                page.write_text(current, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
