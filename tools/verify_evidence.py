#!/usr/bin/env python3
"""Verify a Comity evidence file, format v1, without Comity and without trusting its bearer.

Give the ids of parties and witnesses that you know from elsewhere. Exit code 0: verified; 1: fails,
and what fails is named; 3: consistent, but compare the fingerprints printed; 2: usage. Written from
docs/reference/format-v1.md alone, whose sections it names. Needs PyNaCl for libsodium's Ed25519.
"""
# fmt: off

import argparse
import base64
import hashlib
import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

from nacl import bindings, exceptions

Json = dict[str, Any]
LIMITS = {"act": 16, "receipt": 64, "node": 256, "root": 256, "succession": 256}  # In KiB.
BAD = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
PROOF = re.compile(  # Index, path, checkpoint (origin, size, root, extensions), signature lines.
    r"c2sp[.]org/tlog-proof@v1\nindex (0|[1-9][0-9]*)\n((?:\S+\n){,63})\n(([^\0-\x1f]+)\n"
    r"([1-9][0-9]{,18})\n(\S+)\n(?:[^\0-\x1f]+\n)*)\n((?:— [^ \n]+ [^ \n]+\n){1,64})")
PLACE = {"v", "doc", "log", "seq", "n", "prev", "parents", "time"}  # What no mandate approves.
KEYS, OPEN = ("act", "checkpoint", "witness"), Json(size=2**53, root="", kept=())
FIRST: Json = {"version": (0, 0), "logs": {}, "party": None, "root": None, "by": ((), 0)}
MIME, SUITE = b"application/vnd.comity.%s.v1+json", "x25519-hkdf_sha256-chacha20_poly1305"
SEAL = re.compile(  # In the one encoding, and not of low order (section 17).
    "x25519:(?!0[01](00){31}|(e[c-f]|f.)(ff){30}7f|e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd"
    "866205165f49b800|5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157)"
    "[0-9a-f]{62}[0-7][0-9a-f]")
TYPES = {name: form for names, form in (each.split("=", 1) for each in r"""v=1 any=".*" id="H{64}"
    first,grace,index,last,quorum,seq,size,time=0|[1-9]\d* log,n,parts,threshold,version=[1-9]\d*
    body,limits,terms={.*} key="ed25519:H{64}" code="[a-z][a-z0-9_/-]{0,63}" 120="C{1,120}"
    200="C{1,200}" 500="C{1,500}" 8000="C{1,8000}" kind="[a-z][a-z0-9_]{0,31}"
    to="(members|public|author)"|\["H{64}"(,"H{64}"){,31}\] pap="(clear|green|amber|red)"
    tlp="(clear|green|amber|amber_strict|red)" footing="(without_prejudice|technical|formal)"
    grade="(evaluation|hardened)" growth="(closed|chair|all_consent)"
    type="(?=.{,127}"$)N/N(;[a-z0-9-]+=[\w.+-]+)*" """.replace("C", r"(?:[^\\]|\\.)").replace(
        "H", "[0-9a-f]").replace("N", "[a-z0-9][a-z0-9!#$&^_.+-]*").split())
    for name in names.split(",")}  # What JSON writes of a field of this name; or else an id.
FIELD = re.compile(r"(\w+)(\??):?(\w*)([+<]?)(\d*)-?(\d*)")  # ? may be absent; :its type, or else
FORMS = {kind: {name: rest for name, *rest in FIELD.findall(form)} for kind, form in (  # its name;
    each.split(None, 1) for each in """file v subject documents:envelope+1-4096
    statements:shown+1-1024; shown envelope closing?:any+0-63 parts?:part+1-4096 proof?:any;
    envelope payload:any payloadType:any signatures+1-16; signatures keyid sig:any; kept seq id;
    part data:any index path:any+0-24 salt:any; roots keys:key<1-16 threshold; by role:code
    approved_by?:code+0-8; root v party? version prev? time grade roots logs<1-1024 next
    mandates?:key<1-64; logs log act:key checkpoint:key witness:key closed?; closed size root:id
    kept<0-2000; closes log size root:id kept<0-2000; keys act:key checkpoint:key witness:key;
    succession v party root:id prev? log keys closes next time; audience first last to;
    receipt v party doc log seq time to:id acts:id<1-256 whole<0-256; hpke key:8000 suite:200;
    node v party doc log seq time version name:120 endpoints:500+0-8 hpke+1-8 wire:seq+1-32
    protocols<0-200 witnesses<0-16 quorum mailbox? limits; protocols name:code versions:seq+1-32;
    act v party doc log seq time dossier? kind n prev? parents<0-64 tlp pap? footing? realm?:kind
    body content refs+0-32; content type parts size hash; approved approvals?+1-16; approvals
    key:any sig:any; readers party handle:code; policy witnesses<1-16 quorum grace; charter
    protocol:code version members<1-100 growth ceiling:tlp chair? readers?+1-32 succeeds?
    time?:policy terms? by? audience?+1-64 approvals?+1-16""".split(";"))}  # + many, < in order.
TLP, FOOTING = ([*re.findall("[a-z_]+", TYPES[name])] for name in ("tlp", "footing"))
dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
class FailsError(Exception):
    """What fails: the rule's number, a reason, and the id of what it is about."""
def need(holds: object, rule: str, reason: str, subject: object = "") -> None:
    if not holds:
        raise FailsError(rule, reason, str(subject))
def check(value: Any, kind: str, rule: str) -> None:  # Types, fields, numbers, order, all the way.
    form, point = FORMS.get(kind, {}), bindings.crypto_core_ed25519_is_valid_point
    fields = {name for name, (maybe, *_) in form.items() if not maybe or name in value}
    good = type(value) is dict and fields == {*value} if form else re.fullmatch(
        f"(?s:{TYPES.get(kind, TYPES['id'])})", dump(value))
    good = good and (kind != "key" or point(bytes.fromhex(value[8:])))
    need(good, "K9" if kind == "key" else rule, f"What stands for {kind!r} is not of its form.")
    for name in fields:
        _, inner, many, least, top = form[name]
        items, inner = value[name] if many else [value[name]], inner or name
        ranks = [value["size"] - 1] if name == "kept" else []  # What is kept lies beyond the end.
        for item in items:
            check(item, inner, rule)
            ranks.append(item[next(iter(FORMS[inner]))] if inner in FORMS else item)
        good = not many or (type(items) is list and int(least) <= len(items) <= int(top))
        good = good and (many != "<" or all(a < b for a, b in pairwise(ranks)))
        need(good, rule, f"Of {name!r} there are too few, too many, or not in order.")
def unbase64(text: str, rule: str = "W7") -> bytes:  # In its one spelling.
    data = base64.b64decode(text)
    need(base64.b64encode(data).decode() == text, rule, "A value is not base64.")
    return data
def sha(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()
def load(data: bytes, rule: str) -> Json:  # Canonical JSON of integers (section 1).
    value: Json = json.loads(data.decode(), parse_float=int, parse_constant=int)
    good = dump(value).encode() == data and len(data) <= 2**26
    need(good, rule, "The bytes are not JSON in its one canonical form.")
    told = value["v"] if type(value["v"]) is int else 1
    need(told != 0, "K19", "The format is from before version 1, and no program reads it.")
    need(told < 2, "K17", "The format version is above 1.")
    return value
def profile(value: Any, depth: int = 1) -> None:  # What a payload may hold (section 1).
    if type(value) in {dict, list}:
        good = all(re.fullmatch("[a-z0-9_]{1,64}", k) for k in value if type(value) is dict)
        need(good and depth <= 8, "K2", "A payload has a wrong key, or more than 8 levels.")
        for item in value.values() if type(value) is dict else value:
            profile(item, depth + 1)
    else:
        good = not BAD.search(value) if type(value) is str else abs(value) < 2**53
        need(good and type(value) in {str, bool, int}, "K2", "A value is of no type allowed.")
def verify(key: str, message: bytes, signature: bytes, rule: str, subject: str) -> None:
    good = False  # Strictly: S in range, neither R nor the key of small order (section 3).
    with suppress(exceptions.CryptoError, ValueError):
        good = bindings.crypto_sign_open(signature + message, bytes.fromhex(key[8:])) == message
    need(good, rule, "A signature does not verify.", subject)
def climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:  # RFC 6962, to the root.
    good = 0 <= index < size and bool(path) == (size > 1) and {*map(len, path)} <= {32}
    need(good, "W3", "There is no such leaf, or path.")
    if size == 1:
        return leaf
    left = 1 << (size - 1).bit_length() - 1
    if index < left:
        return sha(b"\1", climb(leaf, index, left, path[:-1]), path[-1])
    return sha(b"\1", path[-1], climb(leaf, index - left, size - left, path[:-1]))
def most(lines: list[Any]) -> int:  # Different parties by different keys (section 12).
    own = {p for _, p, key in lines if all(q == p or other != key for _, q, other in lines)}
    rest = sorted({party for _, party, _ in lines} - own)  # Who has no key alone: König's theorem.
    return len(own) + min(len(rest) - n + len({key for _, party, key in lines if party in some})
                          for n in range(len(rest) + 1) for some in combinations(rest, n))
def pae(kind: bytes, payload: bytes) -> bytes:  # What is signed (section 2).
    return b"DSSEv1 %d %b %d %b" % (len(MIME % kind), MIME % kind, len(payload), payload)
def envelope(outer: Json) -> Json:  # Its payload, and under "." what it says (section 2).
    payload, mime = unbase64(outer["payload"], "K3"), outer["payloadType"].encode()
    kind = next((k for k in LIMITS if mime == MIME % k.encode()), "")
    early = re.fullmatch(rb"application/vnd\.comity\.[a-z]+\.v0\+json", mime)
    need(not early, "K19", "A payload is of the format before version 1.")
    need(kind, "K17", "A payload is of an unknown type.")
    need(len(payload) <= LIMITS[kind] * 1024, "K1", "A payload is too large.")
    profile(body := load(payload, "K2"))
    check(body, kind, "K4")
    by = {line["keyid"]: unbase64(line["sig"], "K3") for line in outer["signatures"]}
    need(len(by) == len(outer["signatures"]), "W7", "A key signs twice.")
    message = pae(kind.encode(), payload)
    return body | {".kind": kind, ".id": sha(message).hex(), ".by": by, ".message": message}
def signed(body: Json, *roles: tuple[list[str], int]) -> None:  # By so many of each, by no others.
    keys = {sha(key.encode()).hex(): key for role, _ in roles for key in role}
    for name, signature in body[".by"].items():
        verify(keys.get(name, ""), body[".message"], signature, "K5", body[".id"])
    enough = all(sum(keys[name] in role for name in body[".by"]) >= least for role, least in roles)
    need(enough, "K5", "There are too few signatures.", body[".id"])
def approved(act: Json, mandates: list[str]) -> None:  # By mandates, each once (section 7).
    said = {name: act[name] for name in act.keys() - PLACE if name[0] != "."}
    said["body"] = {name: value for name, value in act["body"].items() if name != "approvals"}
    lines, message = act["body"].get("approvals", []), pae(b"approval", dump(said).encode())
    check({"approvals": lines} if "approvals" in act["body"] else {}, "approved", "K16")
    once = len({line["key"] for line in lines} & {*mandates}) == len(lines)
    need(once, "K16", "An approval is by no mandate, or by one twice.", act[".id"])
    for line in lines:
        verify(line["key"], message, unbase64(line["sig"], "K16"), "K16", act[".id"])
def chartered(act: Json, body: Json) -> None:  # What else holds of a charter (section 9).
    check(body, "charter", "K14")
    pairs = [(each["party"], each["handle"]) for each in body.get("readers", [])]
    inside = {act["party"], body.get("chair", act["party"]), *(party for party, _ in pairs)}
    time, ranges = body.get("time", {"quorum": 1, "witnesses": [0]}), body.get("audience", [])
    ends = [n for each in ranges for n in (2 * each["first"], 2 * each["last"] + 1)]
    good = inside <= {*body["members"]} and ("chair" in body) == (body["growth"] == "chair")
    good = good and 0 < time["quorum"] <= len(time["witnesses"]) and pairs == sorted({*pairs})
    good = good and ends == sorted({*ends}) and all(n < 2 * act["content"]["parts"] for n in ends)
    good = good and all(type(to := each["to"]) is str or to == sorted({*to}) for each in ranges)
    good = good and "footing" in act and bool(pairs) == (body["ceiling"] == "red")
    need(good, "K14", "The charter contradicts itself.", act[".id"])
class Case:  # An evidence file while it is verified (section 13).
    def __init__(self, data: bytes) -> None:
        self.views: dict[object, Json] = {None: FIRST}  # What documents say, by their ids.
        self.latest, self.acts, self.places = dict[str, Json](), dict[str, Json](), dict[Any, Any]()
        self.receipts, self.parts, file = list[Json](), list[Json](), load(data, "W7")
        check(file, "file", "W7")
        for value in file["documents"]:
            self.document(envelope(value))
        for shown in file["statements"]:
            self.statement(envelope(shown["envelope"]), shown)
        need(file["subject"] in self.acts, "W7", "The act that it is about is missing.")
        self.act, self.charter = self.acts[file["subject"]], next(iter(self.acts.values()))
    def document(self, body: Json) -> None:  # A root document or a succession (sections 4, 5).
        id_, before, roots = body[".id"], body.get("prev", body.get("root")), body.get("roots", {})
        need(before in self.views and id_ not in self.views, "K8", "Not after its document.", id_)
        old = self.views[before]
        version, since = old["version"]
        if body[".kind"] == "root":
            new = {"logs": {log.pop("log"): log for log in body["logs"]}, "root": id_}
            new |= {"version": (body["version"], 0), "mandates": body.get("mandates", [])}
            new["by"] = (roots["keys"], roots["threshold"])
            says = [body["version"], body.get("party"), before]
            place = [version + 1, old["party"], old["root"]]
            signed(body, new["by"], old["by"])
        else:
            last, closed = max(old["logs"]), dict(body["closes"])
            says = [closed.pop("log"), *(body.get(n) for n in ("log", "party", "root", "prev"))]
            says += [sha(dump(body["keys"]).encode()).hex(), "closed" in old["logs"][last]]
            prev = None if old["id"] == old["root"] else old["id"]
            place = [last, last + 1, old["party"], old["root"], prev, old["next"], False]
            ends = {last: old["logs"][last] | {"closed": closed}, last + 1: body["keys"]}
            new = {"logs": old["logs"] | ends, "version": (version, since + 1)}
            signed(body, ([body["keys"]["act"]], 1))
        need(says == place, "K8", "The document does not follow the one before.", id_)
        for number, was in old["logs"].items():
            now, end = new["logs"].get(number, {}), was.get("closed", OPEN)
            after = end if end is OPEN else now.get("closed", OPEN)
            same = {**was, "closed": after["size"]} == {**now, "closed": end["size"]}
            same = same and all(kept in after["kept"] for kept in end["kept"])
            need(same and after["root"] == end["root"], "K8", f"Log {number} is rewritten.", id_)
        keys = [log[name] for log in new["logs"].values() for name in KEYS]
        good = len({*keys}) == len(keys) and max(new["logs"]) < 10**6
        need(good, "K4", "A key has two purposes, or a log too large a number.", id_)
        view = {**old, **new, "id": id_, "party": old["party"] or id_, "next": body["next"]}
        party, self.views[id_] = view["party"], view
        need(self.places.setdefault((party, view["version"]), id_) == id_, "K8", "A fork.", id_)
        self.latest[party] = max(view, self.latest.get(party, view), key=lambda v: v["version"])
    def statement(self, body: Json, shown: Json) -> None:  # Signature, place, standing (6, 7, 10).
        id_, seq, view = body[".id"], body["seq"], self.views.get(body["doc"], FIRST)
        log = view["logs"].get(body["log"], {}) if view["party"] == body["party"] else {}
        need(log, "K6", "The document named is not the party's, or lists no such log.", id_)
        need(seq < log.get("closed", OPEN)["size"], "K7", "The log was closed before.", id_)
        signed(body, ([log["act"]], 1))
        place, count = f"{body['party']} {body['log']} {seq}", len(self.places)
        need(self.places.setdefault(place, count) == count, "W6", "Its place is taken.", id_)
        now = self.latest[body["party"]]["logs"].get(body["log"], {})
        leaf, end = sha(b"\0", bytes.fromhex(id_)), now.get("closed", OPEN)
        late, kept = seq >= end["size"], {"seq": seq, "id": id_} in end["kept"]
        owned = (kept or not late) and all(now.get(name) == log[name] for name in KEYS)
        need(owned, "K7", "The party's newest documents disown the statement.", id_)
        tree = self.prove(body, log, leaf, shown["proof"]) if "proof" in shown else None
        sure = tree is not None if end is OPEN else tree == (end["size"], end["root"])
        need(sure or not tree or tree[0] != end["size"], "W6", "Two trees.", id_)
        if "closing" in shown:
            top = climb(leaf, seq, end["size"], [*map(unbase64, shown["closing"])]).hex()
            need(sure := top == end["root"], "W3", "The path is not to the closing.", id_)
        weak = "plain" if late or end is OPEN else "unproven"
        body |= {".tree": tree, ".standing": "proven" if sure and not late else weak}
        if body[".kind"] == "act":
            approved(body, view["mandates"])
            self.take(body, shown.get("parts", []))
        elif body[".kind"] == "receipt":
            about = {self.acts[each]["party"] for each in body["acts"] if each in self.acts}
            good = body["to"] in about and {*body["whole"]} <= {*body["acts"]}
            need(good, "W7", "A receipt is for no act shown before it.", id_)
            self.receipts.append(body)
        else:
            seals = [each["key"] for each in body["hpke"] if each["suite"] == SUITE]
            good = all(map(SEAL.fullmatch, seals)) and body["quorum"] <= len(body["witnesses"])
            need(good, "K4", "A sealing key is not valid, or witnesses are too few.", id_)
        placed = body[".kind"] == "act" or (self.acts and "parts" not in shown)
        need(placed and shown.get("parts", 1), "W7", "Before the charter, or without parts.", id_)
    def take(self, act: Json, parts: list[Any]) -> None:  # Its charter and its parts (8 and 9).
        id_, content, charter = act[".id"], act["content"], next(iter(self.acts.values()), act)
        ours = charter["kind"] == "charter" and act.get("dossier", id_) == charter[".id"]
        need(ours, "W7", "The charter of the act's dossier is not the first statement.", id_)
        if act is charter:
            chartered(act, act["body"])
        first = act["n"] == 1
        good = first == ("prev" not in act) and act.get("prev") not in act["parents"] and (
            act is charter) == ("dossier" not in act) == (first and not act["parents"])
        good = good and len({*act["refs"]}) == len(act["refs"]) and content["size"] <= content[
            "parts"] << 20 <= 2**44 and len(dump(act["body"]).encode()) <= 8192
        need(good, "K4", "The act contradicts itself, or is larger than an act can be.", id_)
        act[".footing"] = act.get("footing", charter["footing"])
        within = FOOTING.index(act[".footing"]) <= FOOTING.index(charter["footing"])
        within = within and TLP.index(act["tlp"]) <= TLP.index(charter["body"]["ceiling"])
        need(within and act.get("realm") == charter.get("realm"), "K13", "Beyond the charter.", id_)
        self.acts[id_], least, left = act, 0, content["size"]
        for part in parts:
            data, salt, index = unbase64(part["data"]), unbase64(part["salt"]), part["index"]
            path, leaf = [*map(unbase64, part["path"])], sha(b"\0", salt, data)
            good = climb(leaf, index, content["parts"], path).hex() == content["hash"]
            good = good and len(salt) == 32 and index >= least and len(data) <= 2**20
            need(good, "K15", f"Part {index} is not what the act commits to.", id_)
            least, left, digest = index + 1, left - len(data), sha(data).hex()
            self.parts.append({"act": id_, "part": index, "size": len(data), "sha256": digest})
        need(not left or (left > 0 and len(parts) < content["parts"]), "K15", "Another size.", id_)
    def prove(self, body: Json, log: Json, leaf: bytes, text: str) -> tuple[int, str]:
        id_, match, own = body[".id"], PROOF.fullmatch(text), f"{body['party']}/{body['log']}"
        index, path, note, origin, size, root, lines = match.groups() if match else [""] * 7
        need(match, "W1", "The proof has not its form.", id_)
        need(origin == f"comity.alt/{own}", "W2", "The checkpoint is of another log.", id_)
        top = climb(leaf, int(index), int(size), [*map(unbase64, path.split())]).hex()
        good = int(index) == body["seq"] and int(size) < 2**63 and top == unbase64(root).hex()
        need(good, "W3", "The log is not proven to hold the statement in its place.", id_)
        need(self.places.setdefault(f"{own} of {size}", top) == top, "W6", "Two trees.", id_)
        keys = {f"comity.alt/{party}/{number}/witness": (party, b"\4", each["witness"])
                for party, view in self.latest.items() for number, each in view["logs"].items()}
        keys[origin], body[".times"] = ("", b"\1", log["checkpoint"]), []
        for name, encoded in (line.split(" ")[1:] for line in lines.split("\n")[:-1]):
            (party, kind, key), blob = keys.get(name, ("", b"", "")), unbase64(encoded)
            good = blob[:4] == sha(name.encode(), b"\n", kind, bytes.fromhex(key[8:]))[:4] and key
            time = int.from_bytes(blob[4:12], "big") if party else 1
            need(good and 0 < time * 1000 < 2**53, "W7", "A line is by no known key or time.", id_)
            message = f"cosignature/v1\ntime {time}\n{note}" if party else note
            verify(key, message.encode(), blob[12 if party else 4:], "K5" if party else "W2", id_)
            body[".times"] += [(time * 1000, party, key)] if party else []
        need(len(body[".times"]) == lines.count("\n") - 1, "W2", "The log signs once.", id_)
        return int(size), top
    def report(self, parties: set[str], witnesses: set[str], quorum: int) -> Json:
        act, charter, tree, first = self.act, self.charter, self.act[".tree"], Json()
        seen = sorted(act.get(".times", []))
        known = [line for line in seen if line[1] in witnesses - {act["party"]}]
        rises = [known[i] for i in range(len(known)) if most(known[: i + 1]) > most(known[:i])]
        for time, party, _ in seen:
            good, ours = party in [line[1] for line in rises], party in charter["body"]["members"]
            first.setdefault(party, {"party": party, "time": time, "counted": good, "member": ours})
        need(len(rises) >= quorum, "W5", f"Of {quorum} witnesses, {len(rises)}.", act[".id"])
        received = [
            {"party": each["party"], "time": each["time"], "whole": act[".id"] in each["whole"]}
            for each in self.receipts if act[".id"] in each["acts"] and each["to"] == act["party"]]
        named = {each["party"] for each in (*self.acts.values(), *received)} - parties - witnesses
        return {
            "verdict": "consistent, identity not checked" if named else "verified",
            "subject": act[".id"], "author": act["party"], "fingerprint": digits(act["party"]),
            **{n: act.get(n) for n in ("kind", "time", "log", "seq", "tlp", "pap", "realm")},
            "footing": act[".footing"], "dossier": charter[".id"], "body": act["body"],
            "protocol": f"{charter['body']['protocol']}@{charter['body']['version']}",
            "standing": "cosigned" if quorum and act[".standing"] == "proven" else act[".standing"],
            "size": tree and tree[0], "proven_time": rises[quorum - 1][0] if quorum else None,
            "cosigned": [*first.values()], "received": received, "parts": self.parts,
            "unknown": {party: digits(party) for party in sorted(named)}}
def digits(party: str) -> str:  # The fingerprint by which people compare a party id (section 3).
    digest = hashlib.sha512(b"comity fingerprint v1\n" + bytes.fromhex(party)).digest()
    parts = (digest[start : start + 5] for start in range(0, 60, 5))
    return " ".join(f"{int.from_bytes(part, 'big') % 100_000:05d}" for part in parts)
def words(name: str, value: object) -> str:  # For people: times in UTC, objects as their fields.
    if isinstance(value, dict):
        return ", ".join(f"{key} {words(key, item)}" for key, item in value.items())
    if name in {"time", "proven_time"} and isinstance(value, int) and value < 2**47:
        return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value):%F %T UTC}"
    return str(value)
def main(args: list[str] | None = None) -> int:  # The command line; returns the exit code.
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    for name in ("--party", "--witness"):
        parser.add_argument(name, action="append", default=[], metavar="ID")
    parser.add_argument("--quorum", type=int, metavar="N", help="witnesses needed; 1 if any given")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(args)
    quorum = min(len(given.witness), 1) if given.quorum is None else max(given.quorum, 0)
    try:
        report = Case(given.file.read_bytes()).report({*given.party}, {*given.witness}, quorum)
    except OSError as error:
        parser.error(str(error))
    except FailsError as error:
        named = zip(("rule", "reason", "subject"), error.args, strict=True)
        report = {"verdict": "fails", **dict(named)}
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        report = {"verdict": "fails", "rule": "W7", "reason": "This is no whole evidence file."}
    for name, value in () if given.json else report.items():
        for item in value if isinstance(value, list) else [value] * (value is not None):
            print(f"{name:12} {words(name, item)}")
    print(json.dumps(report, indent=2) if given.json else "")
    return {"verified": 0, "fails": 1}.get(report["verdict"], 3)
if __name__ == "__main__":
    raise SystemExit(main())
