"""Hold version 1 of the format: what is frozen stands in a list, and the list only grows.

``docs/reference/frozen-v1.txt`` has a line for each file of the format's examples, with its
SHA-256, and one for each value in the code that the bytes depend on: payload types, domain strings,
codes, limits. Run as ``python -m tools.freeze [--check]``: it adds lines for what is new, and
refuses, writing nothing, when a line that is there would change. Whoever needs other bytes makes
version 2 beside this one (ADR 0034).
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import sys
from enum import EnumMeta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "docs" / "reference" / "frozen-v1.txt"
EXAMPLES = "docs/reference/examples"
ABOUT = (
    "# Version 1 of the format, frozen (ADR 0034). Made by tools/freeze.py, which adds lines and\n"
    "# changes none.\n"
)
# Kinds of covers and members of bundles are not here: they grow with the version of the wire, and
# suites of sealing keys with what node documents offer.
VALUES = {
    "kernel.version": "VERSION",
    "kernel.canon": "MAX_INT MAX_DEPTH HEADER_LIMIT DOCUMENT_LIMIT _KEY _FORBIDDEN",
    "kernel.dsse": "ACT RECEIPT NODE ROOT SUCCESSION COVER MAX_SIGNATURES ENVELOPE_SLACK",
    "kernel.approvals": "APPROVAL MAX_APPROVALS PLACE",
    "kernel.act": "BODY_LIMIT MAX_PARENTS MAX_REFS _KIND _REQUIRED _OPTIONAL",
    "kernel.statement": "MAX_RECEIPT_IDS RECEIPT_LIMIT",
    "kernel.documents": "MAX_ROOT_KEYS MAX_LOGS MAX_LOG MAX_KEPT MAX_MANDATES GRADES",
    "kernel.content": "SALT_SIZE PART_LIMIT MAX_PARTS DOCUMENT STIX _TYPE _TYPE_LIMIT",
    "kernel.manifest": "NAME_LIMIT MAX_FILES _TEXT_FORBIDDEN _NAME_FORBIDDEN",
    "kernel.audience": "MAX_RANGES MAX_PARTIES Reach",
    "kernel.kinds": "KERNEL_KINDS COMMON GROWTH MAX_MEMBERS MAX_READERS MAX_RELEASED MAX_ERASED "
    "MAX_DOCS PROOF_LIMIT STANDARDS AS REASONS",
    "kernel.label": "TLP PAP Footing",
    "kernel.fields": "CODE",
    "kernel.language": "PATTERN LIMIT",
    "kernel.ids": "_FINGERPRINT_DOMAIN FINGERPRINT_GROUPS GUEST",
    "kernel.keys": "ED25519 SIGNATURE_SIZE",
    "kernel.note": "LIMIT ED25519 COSIGNATURE",
    "kernel.checkpoint": "PADDING _NAME",
    "kernel.proof": "STANDARD MAX_PATH",
    "kernel.blob": "RECORD_HEAD PLAINTEXT_LIMIT _AAD",
    "kernel.seal": "_X25519 PLAINTEXT_LIMIT LEAST_BUCKET _DOMAIN",
    "kernel.cover": "MAGIC PAYLOAD_LIMIT LINE_LIMIT",
    "kernel.evidence": "LIMIT MAX_DOCUMENTS MAX_STATEMENTS MAX_SHOWN",
    "kernel.provenance": "LIMIT MAX_CAME MAX_STRETCHES MAX_DOCUMENTS MAX_HANDS",
    "kernel.exhibit": "LIMIT",
    "services.delivery.stick": "MAGIC",
    "services.identity.codes": "KIT ROOT HOLDER SIGNATURE CHECK _LABELS",
    "services.identity.holders": "HELD KIND",
    "services.identity.proposals": "KIND",
}


def now() -> dict[str, str]:
    """Return what each line of the list is about, and what it says today."""
    found = {
        f"{EXAMPLES}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((ROOT / EXAMPLES).iterdir())
    }
    for module, names in VALUES.items():
        home = importlib.import_module(f"comity.{module}")
        for name in names.split():
            found |= lines(f"{module}.{name}", getattr(home, name))
    keyring = importlib.import_module("comity.services.identity.keyring")
    keys = keyring.signers_of(bytes(32)).public.to_object()
    return found | lines("services.identity.keyring.signers_of(0)", keys)


def lines(name: str, value: object) -> dict[str, str]:
    """Return what the list says of a value; of a mapping, which may grow, each member by itself."""
    if isinstance(value, dict):
        return {f"{name}.{key}": spelled(each) for key, each in value.items()}
    return {name: spelled(value)}


def spelled(value: object) -> str:
    """Return a value of the code as one line of JSON."""
    return json.dumps(_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, re.Pattern):
        return value.pattern
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, EnumMeta):
        return [each.value for each in value]  # type: ignore[var-annotated]
    return value


def listed() -> dict[str, str]:
    """Return what the list says of each thing; nothing where there is no list yet."""
    text = LIST.read_text(encoding="utf-8") if LIST.exists() else ""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: said for name, _, said in (line.partition(" ") for line in lines)}


def broken(today: dict[str, str]) -> list[str]:
    """Return what the list has and is another today, or gone."""
    return [name for name, said in listed().items() if today.get(name) != said]


def broken_files(files: dict[str, bytes]) -> list[str]:
    """Return which examples, given by the name of their file, are frozen with other bytes."""
    held = listed()
    told = {f"{EXAMPLES}/{name}": hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return [name for name, said in told.items() if held.get(name, said) != said]


def main(arguments: list[str]) -> int:
    """Add what is new to the list, or with ``--check`` say what is not as it is listed."""
    today = now()
    for name in (changed := broken(today)):
        print(f"{name} is frozen and is another now. Make version 2 beside it (ADR 0034).")
    new = today.keys() - listed().keys()
    if "--check" in arguments:
        for name in sorted(new):
            print(f"{name} is not in the list; run python -m tools.freeze")
        return int(bool(changed or new))
    if not changed:
        text = "".join(f"{name} {said}\n" for name, said in (listed() | today).items())
        LIST.write_text(ABOUT + text, encoding="utf-8")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
