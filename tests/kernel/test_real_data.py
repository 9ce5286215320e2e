"""The hard cases of the format with real data: ATT&CK, advisories of CISA, events of MISP."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from comity.bridges.stix import reading
from comity.kernel import content, exhibit, manifest, provenance
from comity.kernel.content import Part
from comity.kernel.provenance import Came, Provenance
from tests.kernel.world import Party, open_dossier

ATTACK = "data/stix/attack-enterprise.stix21.json.gz"
BATCH = 1000
HOPS = 63


def part(index: int, data: bytes) -> Part:
    return Part(index, hashlib.sha256(data).digest(), data)


def renumbered(parts: list[Part]) -> list[Part]:
    return [Part(i, each.salt, each.data) for i, each in enumerate(parts)]


def published(author: Party, raws: list[bytes]) -> tuple[list[Part], list[Came]]:
    """Publish objects in batches; return every seventh, with the acts that they came through."""
    dossier, chosen, came = open_dossier(author), list[Part](), list[Came]()
    for first in range(0, len(raws), BATCH):
        batch = [part(i, raw) for i, raw in enumerate(raws[first : first + BATCH])]
        act = author.say(dossier, "publish", content=content.commit(content.STIX, batch))
        some = batch[::7]
        places = {len(chosen) + i: each.index for i, each in enumerate(some)}
        came.append(provenance.show(act.envelope, [each.leaf for each in batch], places))
        chosen += some
    return renumbered(chosen), came


def carried_on(parts: list[Part], came: list[Came], by: Party, documents: list[Party]) -> Came:
    """Sign a hop over parts and what they came through; return it."""
    told = Provenance(tuple(e for p in documents for e in p.envelopes), tuple(came)).to_bytes()
    pieces = [told[r.start : r.stop] for r in content.split(len(told))]
    whole = [*parts, *(part(len(parts) + i, data) for i, data in enumerate(pieces))]
    body = {"proofs": len(pieces), "hops": len(documents)}
    said = by.say(open_dossier(by), "forward", body, content=content.commit(content.STIX, whole))
    places = {i: i for i in range(len(parts))}
    return provenance.show(said.envelope, [each.leaf for each in whole], places)


@pytest.mark.parametrize(
    "count", [400, pytest.param(30_000, marks=pytest.mark.long, id="all of it")]
)
def test_every_object_of_attack_leads_back_through_two_hands(shared: Path, count: int) -> None:
    file = shared / ATTACK
    raws = reading.split(gzip.decompress(file.read_bytes()))[:count]
    assert max(map(len, raws)) < content.PART_LIMIT
    orvanda, tolmere = Party("orvanda"), Party("tolmere")
    chosen, came = published(orvanda, raws)
    came.append(carried_on(chosen, came, tolmere, [orvanda]))
    told = provenance.build((*orvanda.envelopes, *tolmere.envelopes), came)
    leaves = {each.index: each.leaf for each in chosen}
    found = provenance.verify(provenance.parse(told.to_bytes()), leaves)
    for each in chosen[:: max(1, len(chosen) // 20)]:
        assert [a.header.party for a in found.through(each.index)] == [orvanda.id, tolmere.id]
        narrowed = [provenance.narrow(piece, leaves, {each.index: 0}) for piece in came]
        pieces = [piece for piece in narrowed if piece is not None]
        file_ = exhibit.Exhibit(
            Part(0, each.salt, each.data), provenance.build(told.documents, pieces)
        )
        acts = exhibit.parse(file_.to_bytes()).verify().acts
        assert [a.header.party for a in acts] == [orvanda.id, tolmere.id]


def test_the_longest_way_has_room(shared: Path) -> None:
    file = shared / ATTACK
    raws = reading.split(gzip.decompress(file.read_bytes()))[: BATCH // 10]
    parties = [Party(f"hand {i}") for i in range(HOPS + 1)]
    chosen, came = published(parties[0], raws)
    for at in range(HOPS):
        came.append(carried_on(chosen, came, parties[at + 1], parties[: at + 1]))
    told = provenance.build((e for p in parties for e in p.envelopes), came)
    assert len(told.to_bytes()) < provenance.LIMIT / 8
    found = provenance.verify(told, {each.index: each.leaf for each in chosen})
    assert [a.header.party for a in found.through(0)] == [p.id for p in parties]


@pytest.mark.parametrize("folder", ["csaf", "misp"])
def test_advisories_and_events_are_attached_as_they_are(shared: Path, folder: str) -> None:
    paths = sorted(p for p in (shared / "data" / folder).rglob("*.json") if p.is_file())[:100]
    datas = [path.read_bytes() for path in paths]
    names = [(f"{i} {p.name}", "application/json", p.stat().st_size) for i, p in enumerate(paths)]
    words = manifest.build({"text": "\u0645\u0646\u0627\u0631\u0629 \u706f\u5854"}, names, "ar")
    pieces = [d[r.start : r.stop] for d in datas for r in content.split(len(d))]
    parts = [part(i, data) for i, data in enumerate([words.to_bytes(), *pieces])]
    commitment = content.commit(content.DOCUMENT, parts)
    found = manifest.parse(parts[0].data, commitment)
    for entry, data in zip(found.files, datas, strict=True):
        held = parts[entry.first : entry.first + entry.parts]
        assert b"".join(each.data for each in held) == data
    leaves = [each.leaf for each in parts]
    for each in parts[::7]:
        content.verify_part(commitment, content.show(leaves, each))
