"""What is said of objects that are published from files: of each what becomes of it, and who will
see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from comity.bridges.stix.record import Flaw
from comity.edge.cli.words import TLP_MEANS, TLP_WORDS, count, flaw, short
from comity.kernel.ids import Id
from comity.kernel.label import TLP
from comity.services.sharing.audience import MemberSight
from comity.services.sharing.preparing import CONFLICT, FLAW, HELD, OUT, Line, Prepared
from comity.services.sharing.settling import KEEP, LEAVE, STRIP

SHOWN = 50
"""How many verdicts a person is shown one by one; a program gets all."""


class Told(NamedTuple):
    """What is said of a batch: as it was ``found``, what ``members`` see, and the act under each
    label that was ``signed``.
    """

    found: Prepared
    members: Sequence[MemberSight]
    signed: Mapping[TLP, Id]

    @property
    def going(self) -> list[Line]:
        """What goes."""
        return [line for line in self.found.lines if line.tlp is not None]

    @property
    def left(self) -> list[Line]:
        """What does not go and is not there."""
        return [line for line in self.found.lines if line.verdict in {FLAW, CONFLICT, OUT}]

    def value(self, dossier: str) -> dict[str, object]:
        """Return it as JSON values."""
        objects = [self._object(line) for line in self.found.lines]
        warned = [(line.id, value, hit) for line in self.going for value, hit in line.hits]
        return {
            "dossier": dossier,
            "acts": [*self.signed.values()],
            "verdicts": dict(Counter(str(each["verdict"]) for each in objects)),
            "objects": objects,
            "members": [_member(each) for each in self.members],
            "warnings": [{"id": i, "value": value, **hit._asdict()} for i, value, hit in warned],
        }

    def _object(self, line: Line) -> dict[str, object]:
        told: dict[str, object] = {"id": line.id}
        told |= {"of": line.of} if line.of else {}
        if line.tlp is not None:
            done = "published" if self.signed else "would be published"
            act = self.signed.get(line.tlp)
            return {**told, "verdict": done, "tlp": line.tlp.value, "act": act}
        if line.verdict == HELD:
            return {**told, "verdict": "there already"}
        why = {"path": line.path, "rule": line.rule, "reason": str(line.reason)}
        return {**told, "verdict": "refused", **why}

    def preview(self) -> Iterator[str]:
        """Yield who will see how much of it, and what is on lists of the harmless."""
        for label, number in self.found.labels:
            yield f"{count(number, 'object')} under {TLP_WORDS[label]}: {TLP_MEANS[label]}"
        yield "WHO WILL BE ABLE TO READ IT"
        for member in self.members:
            note = "" if member.accredited else " · not accredited: nobody compared its fingerprint"
            yield f"  {member.name}: {count(member.count, 'object')}{note}"
        if not self.members:
            yield "  nobody but you"
        warned = [
            f"{value} · {hit.list} · {line.id}" for line in self.going for value, hit in line.hits
        ]
        yield from (f"ON A LIST OF THE HARMLESS: {each}" for each in warned[:SHOWN])
        if len(warned) > SHOWN:
            yield f"  and {len(warned) - SHOWN} more are on such lists"

    def verdicts(self) -> Iterator[str]:
        """Yield what becomes of each object, and how many of them go."""
        yield from self.preview()
        held = sum(line.verdict == HELD for line in self.found.lines)
        yield from self._listed([self._going(line) for line in self.going], "go")
        if held:
            yield f"{count(held, 'object')} there already"
        yield from self._listed([_left(line) for line in self.left], "were left out")
        if out := sum(line.verdict == OUT for line in self.left):
            told = f"--claims {KEEP}, {STRIP} or {LEAVE} settles it."
            yield f"{out} claim who did something: {told}"
        done = "Published" if self.signed else "Nothing was signed; to publish:"
        yield f"{done} {len(self.going)}, there already {held}, left out {len(self.left)}."

    def _going(self, line: Line) -> str:
        act = line.tlp and self.signed.get(line.tlp)
        where = f"[{short(act)}]" if act else "would be published"
        of = f" · made of {line.of}, without its claims" if line.of else ""
        return f"{line.id} · {line.tlp and TLP_WORDS[line.tlp]} · {where}{of}"

    @staticmethod
    def _listed(told: Sequence[str], what: str) -> Iterator[str]:
        yield from (f"  {each}" for each in told[:SHOWN])
        if len(told) > SHOWN:
            yield f"  and {len(told) - SHOWN} more {what}"


def _left(line: Line) -> str:
    return f"left out: {flaw(Flaw(line.id, line.path, line.rule, line.reason))}"


def _member(member: MemberSight) -> dict[str, object]:
    return {
        "party": member.party,
        "name": member.name,
        "accredited": member.accredited,
        "sees": {label.value: number for label, number in member.sees},
    }
