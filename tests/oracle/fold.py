"""A second fold, written from the specification, slow and plain on purpose.

It shares no code with the kernel's graph, admission, membership or fold. Who came before whom is a
set of ids for every act; members and maximal facts are read off those sets by definition. It knows
the test protocol of ``tests/kernel/world.py``, and takes signatures for granted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

Row = list[Any]


@dataclass
class Fold:
    """What the acts add up to: ``up`` is everything before an act, by id, itself not in it."""

    header: dict[str, dict[str, Any]] = field(default_factory=dict)
    up: dict[str, frozenset[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    void: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    charter: str = ""

    def of_kind(self, seen: Iterable[str], kind: str, party: str | None = None) -> set[str]:
        return {
            i
            for i in seen
            if self.header[i]["kind"] == kind
            and (party is None or self.header[i]["party"] == party)
        }

    def is_member(self, party: str, seen: frozenset[str]) -> bool:
        """Founded or joined, with no own leave or decline after every founding or joining."""
        grants = self.of_kind(seen, "join", party)
        if party in self.header[self.charter]["body"]["members"]:
            grants.add(self.charter)
        ends = self.of_kind(seen, "leave", party) | self.of_kind(seen, "decline", party)
        return any(all(grant not in self.up[end] for end in ends) for grant in grants)

    def members(self, seen: frozenset[str]) -> set[str]:
        parties = {self.header[i]["party"] for i in self.of_kind(seen, "join")}
        parties |= {*self.header[self.charter]["body"]["members"]}
        return {party for party in parties if self.is_member(party, seen)}

    def forks(self) -> set[frozenset[str]]:
        """The sets of acts that share one place of one feed."""
        places: dict[tuple[str, int, int], set[str]] = {}
        for id_, header in self.header.items():
            place = (header["party"], header["log"], header["n"])
            places.setdefault(place, set()).add(id_)
        return {frozenset(ids) for ids in places.values() if len(ids) > 1}

    def digest(self) -> str:
        hashes = (hashlib.sha256(canonical(row)).hexdigest() for row in self.rows)
        total = sum(int(each, 16) for each in hashes) % 2**256
        return hashlib.sha256(str(total).encode()).hexdigest()


def fold(envelopes: Iterable[bytes]) -> Fold:
    """Return the fold of a charter and acts, in whatever order their envelopes come."""
    result = Fold()
    waiting = dict(map(read, envelopes))
    while waiting:
        known = result.header.keys() | result.refused
        ready = [i for i, h in waiting.items() if cited(h) <= known]
        assert ready, "an act cites what was not given"
        for id_ in ready:
            place(result, id_, waiting.pop(id_))
    result.rows = sorted(join(result), key=canonical)
    return result


def read(envelope: bytes) -> tuple[str, dict[str, Any]]:
    value = orjson.loads(envelope)
    payload, kind = base64.b64decode(value["payload"]), value["payloadType"].encode()
    signed = b" ".join((b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload))
    return hashlib.sha256(signed).hexdigest(), orjson.loads(payload)


def cited(header: dict[str, Any]) -> set[str]:
    return {*header["parents"], *([header["prev"]] if "prev" in header else [])}


def place(result: Fold, id_: str, header: dict[str, Any]) -> None:
    above = cited(header)
    seen = frozenset(above.union(*(result.up[i] for i in above)))
    if header["kind"] == "charter":
        result.charter = id_
    elif not may(result, header, seen):
        result.refused.add(id_)
        return
    result.header[id_], result.up[id_] = header, seen
    if rule := guard(result, header, seen):
        result.void[id_] = rule


def may(result: Fold, header: dict[str, Any], seen: frozenset[str]) -> bool:
    """Whether the author may say this, by what it had seen."""
    party, kind = header["party"], header["kind"]
    if kind not in {"join", "decline"} and not result.is_member(party, seen):
        return False
    if kind == "translation" and not is_as_narrow(result, header, seen):
        return False
    return MAY[kind](result, header["body"], party, seen) if kind in MAY else True


def may_invite(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    charter = result.header[result.charter]["body"]
    by_chair = charter["growth"] == "chair" and party == charter["chair"]
    stranger = not result.is_member(body["party"], seen)
    return stranger and (by_chair or charter["growth"] == "all_consent")


def may_join(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    spent = [result.up[join] for join in result.of_kind(seen, "join", party)]
    fresh = invites(result, party, seen).difference(*spent)
    asked = {result.header[invite]["party"] for invite in fresh}
    by_all = result.header[result.charter]["body"]["growth"] == "all_consent"
    agreed = result.members(seen) <= asked or not by_all
    return body["invite"] in fresh and agreed and not result.is_member(party, seen)


def may_decline(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    if "invite" in body:
        return body["invite"] in invites(result, party, seen)
    founders = result.header[result.charter]["body"]["members"]
    return party in founders and result.is_member(party, seen)


def may_release(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    own = all(is_own(result, id_, party, seen) for id_ in body["acts"])
    return own and result.is_member(body["to"], seen)


def may_erase(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    if body["act"] not in seen or max(body.get("parts", [0])) >= parts_of(result, body["act"]):
        return False
    return body["stage"] != "asked" or is_own(result, body["act"], party, seen)


def parts_of(result: Fold, act: str) -> int:
    return int(result.header[act]["content"]["parts"])


def may_record(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    return is_own(result, body["letter"], party, seen)


def may_translate(result: Fold, body: Any, party: str, seen: frozenset[str]) -> bool:
    if body["act"] not in seen:
        return False
    original = result.header[body["act"]]
    its_own = told(original)["party"] == party
    if original["kind"] == "translation":
        return False
    return its_own or bool(body["as"] != "official")


TLP = ("clear", "green", "amber", "amber_strict", "red")
FOOTING = ("without_prejudice", "technical", "formal")


def is_as_narrow(result: Fold, header: dict[str, Any], seen: frozenset[str]) -> bool:
    """A translation has no wider label, and no higher footing, than what it translates."""
    if header["body"]["act"] not in seen:
        return False
    charter, original = result.header[result.charter], result.header[header["body"]["act"]]
    high, low = (FOOTING.index(h.get("footing", charter["footing"])) for h in (original, header))
    return TLP.index(header["tlp"]) >= TLP.index(original["tlp"]) and low <= high


MAY = {
    "translation": may_translate,
    "invite": may_invite,
    "join": may_join,
    "decline": may_decline,
    "release": may_release,
    "erase": may_erase,
    "record": may_record,
}


def invites(result: Fold, of: str, seen: frozenset[str]) -> set[str]:
    return {i for i in result.of_kind(seen, "invite") if result.header[i]["body"]["party"] == of}


def is_own(result: Fold, id_: str, party: str, seen: frozenset[str]) -> bool:
    return id_ in seen and result.header[id_]["party"] == party


def told(header: dict[str, Any]) -> dict[str, Any]:
    """A header as the protocol sees it: of a record, what the guest did."""
    if header["kind"] != "record":
        return header
    body = header["body"]
    guest = f"{header['party']}/{body['guest']}"
    return {**header, "kind": body["kind"], "body": body["body"], "party": guest}


def guard(result: Fold, header: dict[str, Any], seen: frozenset[str]) -> str | None:
    """The rule of the test protocol by which the act has no effect, if any."""
    effective, said = seen - result.void.keys(), told(header)
    body, kind = said["body"], said["kind"]
    if header["kind"] == "record" and (kind not in {"claim", "bid"} or header["refs"]):
        return "D0"
    if kind in OFFICE:
        return None if OFFICE[kind](result, said, seen) else "D0"
    if kind == "mark":
        return None if body["of"] in plain(result, effective, "claim") else "D2"
    if kind == "bid":
        bids = {
            i
            for i in plain(result, effective, "bid")
            if told(result.header[i])["party"] == said["party"]
        }
        newest = [b for b in bids if not any(b in result.up[other] for other in bids)]
        amounts = [told(result.header[bid])["body"]["amount"] for bid in newest]
        return None if all(body["amount"] > amount for amount in amounts) else "D1"
    return None


def plain(result: Fold, seen: frozenset[str], kind: str) -> set[str]:
    """The acts of a kind, recorded ones among them."""
    return {i for i in seen if told(result.header[i])["kind"] == kind}


def holders(result: Fold, seen: frozenset[str]) -> list[tuple[str, str]]:
    """(act, party) by which the office is held: two or more when it was handed over twice."""
    seen -= result.void.keys()
    charter = result.header[result.charter]
    first = charter["body"].get("chair", charter["party"])
    standing = [(result.charter, first)]
    while len(standing) == 1:
        offers = {result.header[i]["refs"][0] for i in result.of_kind(seen, "accept")}
        following = sorted(
            (i, result.header[i]["body"]["to"])
            for i in offers
            if result.header[i]["refs"] == [standing[0][0]]
        )
        if not following:
            break
        standing = following
    return standing


def may_count(result: Fold, said: dict[str, Any], seen: frozenset[str]) -> bool:
    cites, effective = set(said["refs"]), seen - result.void.keys()
    good = {result.charter, *plain(result, effective, "bid")}
    good |= result.of_kind(effective, "hand_over")
    held = holders(result, seen)
    return bool(cites) and cites <= good and len(held) == 1 and is_by(held[0], said)


def is_by(grant: tuple[str, str], said: dict[str, Any]) -> bool:
    return grant[1] == said["party"] and grant[0] in said["refs"]


def may_hand_over(result: Fold, said: dict[str, Any], seen: frozenset[str]) -> bool:
    to, held = said["body"]["to"], holders(result, seen)
    one = len(said["refs"]) == 1 and len(held) == 1 and is_by(held[0], said)
    return one and to != said["party"] and to in result.members(seen)


def may_accept(result: Fold, said: dict[str, Any], seen: frozenset[str]) -> bool:
    offered = result.of_kind(seen - result.void.keys(), "hand_over")
    if len(said["refs"]) != 1 or said["refs"][0] not in offered:
        return False
    offer = result.header[said["refs"][0]]
    held = [act for act, _ in holders(result, seen)]
    return bool(offer["body"]["to"] == said["party"] and held == offer["refs"])


OFFICE: dict[str, Callable[[Fold, dict[str, Any], frozenset[str]], bool]] = {
    "count": may_count,
    "hand_over": may_hand_over,
    "accept": may_accept,
}
"""Whether an act of the test protocol's office has effect, by its kind."""


Said = tuple[str, str, list[Any], Any]

FACTS: dict[str, Callable[[Any, str], list[Said]]] = {
    "charter": lambda b, _: [("add", "member", [party], True) for party in b["members"]],
    "invite": lambda b, _: [("add", "invited", [b["party"]], True)],
    "join": lambda _, by: [
        ("add", "member", [by], True),
        ("latest", "membership", [], "joined"),
    ],
    "leave": lambda _b, _: [("latest", "membership", [], "left")],
    "decline": lambda _b, _: [("latest", "membership", [], "declined")],
    "release": lambda b, _: [("add", "released", [act, b["to"]], True) for act in b["acts"]],
    "erase": lambda b, _: [
        ("latest", "erased", [b["act"]], {n: b[n] for n in ("stage", "reason", "parts") if n in b})
    ],
    "translation": lambda b, _: [("latest", "translated", [b["act"], b["lang"]], b["as"])],
    "record": lambda b, _: [("add", "recorded", [b["letter"], b["guest"]], True)],
    "claim": lambda b, _: [("latest", "status", [], b["status"])],
    "mark": lambda b, _: [("add", "marked", [b["of"]], True)],
    "bid": lambda b, _: [
        ("least", "lowest", [], b["amount"]),
        ("most", "highest", [], b["amount"]),
    ],
}
"""How, cell, key and value of what an act with effect says, by its kind."""


def office_facts(result: Fold, id_: str, said: dict[str, Any]) -> list[Said]:
    """What an act says of the office: who has it first, to whom it is offered, who took it."""
    if said["kind"] == "charter":
        [(act, party)] = holders(result, frozenset())
        return [("add", "office", ["teller", "", act, party], True)]
    if said["kind"] == "hand_over":
        key = ["teller", *said["refs"], id_, said["body"]["to"]]
        return [("add", "offered", key, True)]
    if said["kind"] == "accept":
        offer = result.header[said["refs"][0]]
        key = ["teller", *offer["refs"], *said["refs"], offer["body"]["to"]]
        return [("add", "office", key, True)]
    if said["kind"] in {"objection", "count"}:
        return [("add", said["kind"], [id_], True)]
    return []


def join(result: Fold) -> list[Row]:
    """All facts that stand: of one author's word on one key those that none of them replaced."""
    said: list[Row] = []
    for id_, header in result.header.items():
        if id_ in result.void:
            said.append(["add", "void", [id_, result.void[id_]], header["party"], id_, True])
            continue
        for by in (header, told(header)) if header["kind"] == "record" else (header,):
            found = FACTS[by["kind"]](by["body"], by["party"]) if by["kind"] in FACTS else []
            found = [*found, *office_facts(result, id_, by)]
            said += [[how, cell, key, by["party"], id_, value] for how, cell, key, value in found]
    words = [row for row in said if row[0] == "latest"]
    rows = [row for row in said if row[0] == "add"]
    rows += [
        row
        for row in words
        if not any(other[:4] == row[:4] and row[4] in result.up[other[4]] for other in words)
    ]
    for how, best in (("least", min), ("most", max)):
        bounds: dict[bytes, list[Row]] = {}
        for row in said:
            if row[0] == how:
                bounds.setdefault(canonical(row[:3]), []).append(row)
        rows += [[*group[0][:3], "", "", best(r[5] for r in group)] for group in bounds.values()]
    return rows


def canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
