"""Witness policies: C2SP tlog-policy. Which logs are accepted, and which cosignatures are enough.

::

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name> ...
    quorum <name>|none

A line each, in order of definition; blanks and tabs separate; ``#`` begins a comment line. A name
defined once is a member of one group at most, so that nobody counts twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.kernel import note
from comity.kernel.errors import Refusal
from comity.kernel.note import VerifierKey, parse_vkey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comity.kernel.checkpoint import Cosignature
    from comity.kernel.keys import Key

LIMIT = 64 * 1024
"""The largest policy, in bytes."""
MAX_DEFINED = 256
"""The most logs, and the most witnesses and groups; the standard asks for 32 of each at least."""
NONE = "none"

_BLANKS = re.compile("[ \t]+")
_FORBIDDEN = re.compile(b"[^\t\n\x20-\x7e\x80-\xff]")
_COUNT = re.compile("[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Group:
    """Counts as a cosigner when ``threshold`` of its ``members``, by name, do."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy.

    Fields: ``logs`` (type 0x01 keys, named for their origins), ``witnesses`` (name → type 0x04
    key), ``groups`` (name → group, each after its members), ``quorum`` (a name, or None for no
    cosignatures).
    """

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str | None

    @property
    def cosigners(self) -> tuple[VerifierKey, ...]:
        """The keys of all witnesses, whether the quorum needs them or not."""
        return tuple(self.witnesses.values())


@dataclass(slots=True)
class _Draft:
    """A policy as its lines are read, in their order."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorums: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take one line that is neither empty nor a comment."""
        match _BLANKS.split(line):
            case ["log", vkey] | ["log", vkey, _]:
                self._add_log(parse_vkey(vkey))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._add_witness(name, parse_vkey(vkey))
            case ["group", name, threshold, *members] if members:
                self._add_group(name, threshold, members)
            case ["quorum", name]:
                self._require_defined([name] if name != NONE else [])
                self.quorums.append(name)
            case _:
                raise _refuse("A line is not of the form of a log, witness, group or quorum.")

    def _add_log(self, key: VerifierKey) -> None:
        if key.kind != note.ED25519 or len(self.logs) >= MAX_DEFINED:
            raise _refuse(f"A log has a key of type 0x01, and there are at most {MAX_DEFINED}.")
        if key.key in {log.key for log in self.logs}:
            raise _refuse("Two logs have the same public key.")
        self.logs.append(key)

    def _add_witness(self, name: str, key: VerifierKey) -> None:
        self._require_new(name)
        if key.kind != note.COSIGNATURE:
            raise _refuse(f"Witness {name!r} has a key that is not of type 0x04.")
        if key.key in {witness.key for witness in self.witnesses.values()}:
            raise _refuse("Two witnesses have the same public key.")
        self.witnesses[name] = key

    def _add_group(self, name: str, threshold: str, members: list[str]) -> None:
        self._require_new(name)
        self._require_defined(members)
        if len(set(members)) < len(members) or not self.members.isdisjoint(members):
            raise _refuse(f"A member of group {name!r} is a member already.")
        words = {"any": "1", "all": str(len(members))}
        count = words.get(threshold, threshold)
        if not _COUNT.fullmatch(count) or int(count) > len(members):
            raise _refuse(f"Group {name!r} has a threshold that is not all, any or 1 to n.")
        self.groups[name] = Group(int(count), tuple(members))
        self.members.update(members)

    def _require_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise _refuse(f"The name {name!r} is taken.")
        if len(self.witnesses) + len(self.groups) >= MAX_DEFINED:
            raise _refuse(f"There are more than {MAX_DEFINED} witnesses and groups.")

    def _require_defined(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.witnesses and name not in self.groups:
                raise _refuse(f"The name {name!r} is not defined on a line before.")


def _refuse(reason: str) -> Refusal:
    return Refusal("W5", reason)


def parse(data: bytes) -> Policy:
    """Return the policy in ``data``.

    Raises Refusal W5 (not of the form, or without a meaning), W1 or K9 (a key).
    """
    if len(data) > LIMIT or _FORBIDDEN.search(data) or not data.endswith(b"\n"):
        raise _refuse(f"A policy is at most {LIMIT} bytes of whole lines of text.")
    draft = _Draft()
    # Octets above ASCII stand for themselves: names are compared as they are written.
    for line in data.decode(errors="surrogateescape").split("\n"):
        words = line.strip(" \t")
        if words and not words.startswith("#"):
            draft.read(words)
    if len(draft.quorums) != 1:
        raise _refuse(f"A policy has one quorum line, and this one has {len(draft.quorums)}.")
    quorum = None if draft.quorums == [NONE] else draft.quorums[0]
    return Policy(tuple(draft.logs), draft.witnesses, draft.groups, quorum)


def write(logs: Iterable[VerifierKey], witnesses: Sequence[VerifierKey], threshold: int) -> bytes:
    """Return the text of the policy that asks for ``threshold`` of ``witnesses``; 0: for none.

    Witnesses are named w1, w2, … in their order. Raises Refusal W5 or W1, as ``parse`` would.
    """
    names = [f"w{number}" for number in range(1, len(witnesses) + 1)]
    lines = [f"log {log.vkey}" for log in logs]
    lines += [f"witness {n} {w.vkey}" for n, w in zip(names, witnesses, strict=True)]
    if threshold:
        lines.append(" ".join(["group", "witnesses", str(threshold), *names]))
    lines.append("quorum witnesses" if threshold else f"quorum {NONE}")
    text = "".join(f"{line}\n" for line in lines).encode()
    parse(text)
    return text


def require_policy(policy: Policy, cosignatures: Iterable[Cosignature]) -> None:
    """Require that verified ``cosignatures`` satisfy the policy's quorum. Raises Refusal W5."""
    if policy.quorum is not None:
        satisfied_time(policy, cosignatures)


def satisfied_time(policy: Policy, cosignatures: Iterable[Cosignature]) -> int:
    """Return the second as of which verified ``cosignatures`` satisfied the quorum.

    A witness speaks at its earliest cosignature, a group with threshold k when the k-th of its
    members does. Raises Refusal W5: no quorum, or a policy that asks for none and so proves none.
    """
    times = _earliest(cosignatures)
    spoken = {
        name: times[witness.key]
        for name, witness in policy.witnesses.items()
        if witness.key in times
    }
    for name, group in policy.groups.items():
        heard = sorted(spoken[member] for member in group.members if member in spoken)
        if len(heard) >= group.threshold:
            spoken[name] = heard[group.threshold - 1]
    if policy.quorum not in spoken:
        raise _refuse("The cosignatures are not enough for the policy's quorum.")
    return spoken[policy.quorum]


def _earliest(cosignatures: Iterable[Cosignature]) -> dict[Key, int]:
    # By public key: a cosignature does not cover the cosigner's name, so two names of one key
    # are one cosigner.
    times: dict[Key, int] = {}
    for each in cosignatures:
        times[each.cosigner.key] = min(each.time, times.get(each.cosigner.key, each.time))
    return times
