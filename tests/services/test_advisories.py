"""Advisories: checked with what lies beside them, taken in, published, and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.bridges.csaf import names, reading
from comity.bridges.csaf.provider import Site
from comity.bridges.openpgp import signatures, trusted
from comity.bridges.stix import reading as stix
from comity.kernel.errors import Refusal
from comity.kernel.label import TLP
from comity.services.node import Node
from comity.services.sharing import advisories, attached, circles, publishing, searching
from comity.services.sharing.advisories import Checked
from comity.services.sharing.schemas import stix_schemas
from comity.store.access import objects
from tests.bridges.csaf.samples import Doc, data, denied, new, old
from tests.bridges.openpgp.samples import CRYSTAL_KEY, CRYSTAL_SECRET, ORVANDA_KEY, ORVANDA_SECRET
from tests.nodes import Nodes
from tests.sharing import open_circle

NAME = "pu_2026_1.json"
NOW = 1_900_000_000_000


@pytest.fixture
def orvanda(nodes: Nodes) -> Node:
    return nodes.make("orvanda")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key.asc"
    file.write_bytes(CRYSTAL_KEY)
    return file


def lay(
    folder: Path, doc: Doc, *, secret: bytes = CRYSTAL_SECRET, name: str = NAME, at: int = NOW
) -> Path:
    """Lay an advisory into a folder with its hash and signature."""
    folder.mkdir(exist_ok=True)
    file, raw = folder / name, data(doc)
    file.write_bytes(raw)
    (folder / f"{name}.sha512").write_bytes(names.hash_file("sha512", raw, name))
    private, _ = trusted.read_private(secret)
    (folder / f"{name}.asc").write_bytes(signatures.make(raw, private, at // 1000))
    return file


def site(checked: Checked, **other: Any) -> Site:
    return Site("https://pumps.example/csaf", checked.advisory.publisher, NOW, **other)


def test_an_advisory_is_checked_with_its_hash_and_signature(tmp_path: Path, key: Path) -> None:
    file = lay(tmp_path / "in", old())
    checked = advisories.check(file, advisories.trusted_keys([key]), now=NOW)
    assert checked.hashes == ("sha512",)
    assert checked.signer == checked.issuer == "89276EBE18E428440176FCE357C9E2476F4FAE7F"
    # Without a key to trust, the signature says who should have made it, and no more.
    assert advisories.check(file).signer == ""
    assert advisories.check(file).issuer == checked.issuer


def test_what_lies_beside_it_is_believed(tmp_path: Path, key: Path) -> None:
    file = lay(tmp_path / "in", old())
    keys = advisories.trusted_keys([key])
    raw = file.read_bytes()
    file.write_bytes(raw + b"\n")
    denied("X44", advisories.check, file)
    (file.parent / f"{NAME}.sha512").unlink()
    denied("X45", advisories.check, file, keys)
    (file.parent / f"{NAME}.asc").unlink()
    assert advisories.check(file).hashes == ()
    denied("X45", advisories.check, file, keys)
    lay(tmp_path / "in", old(), secret=ORVANDA_SECRET)
    denied("X45", advisories.check, file, keys)
    (file.parent / f"{NAME}.asc").write_bytes(b"signed")
    denied("X46", advisories.check, file)
    lay(tmp_path / "in", old())
    (file.parent / f"{NAME}.sha256").write_bytes(b"0" * 64)
    denied("X44", advisories.check, file)
    (file.parent / f"{NAME}.sha256").write_bytes(b"0" * 10_000)
    denied("X44", advisories.check, file)


def test_wrong_names_and_large_files_are_refused(tmp_path: Path) -> None:
    denied("X43", advisories.check, lay(tmp_path, old(), name="other.json"))
    climbing = old()
    climbing["document"]["tracking"]["id"] = "../../secrets"
    denied("X43", advisories.check, lay(tmp_path, climbing))
    assert advisories.check(lay(tmp_path, climbing, name="_secrets.json")).file.parent == tmp_path
    large = tmp_path / "large.json"
    with large.open("wb") as opened:
        opened.truncate(reading.LIMIT + 1)
    denied("X40", advisories.check, large)
    denied("X46", advisories.trusted_keys, [large])


def test_one_bad_file_stands_in_no_ones_way(tmp_path: Path) -> None:
    lay(tmp_path, old())
    (tmp_path / "bad.json").write_bytes(b"[" * 1000)
    (tmp_path / "provider-metadata.json").write_bytes(b"{}")
    (tmp_path / "feed-tlp-white.json").write_bytes(b"{}")
    checked, refused = advisories.check_all(advisories.found([tmp_path]))
    assert [each.file.name for each in checked] == [NAME]
    assert [(each.file.name, each.refusal.rule) for each in refused] == [("bad.json", "X40")]


def test_it_is_taken_in_as_objects_once(tmp_path: Path, orvanda: Node) -> None:
    checked = advisories.check(lay(tmp_path, old()))
    came = advisories.take_in(orvanda, [checked])
    assert [item.type for item in came.objects] == [
        "identity", "vulnerability", "note", "artifact", "artifact", "relationship", "report"
    ]  # fmt: skip
    again = advisories.take_in(orvanda, [checked])
    assert (again.objects, len(again.held), again.flaws) == ([], 7, [])
    shelf = objects.shelf(orvanda.db, advisories.INTAKE)
    assert shelf is not None
    assert shelf.kind == circles.INTAKE

    changed = old()
    changed["document"]["title"] = "Pumps do not stop"
    other = advisories.check(lay(tmp_path, changed))
    came = advisories.take_in(orvanda, [other])
    assert [flaw.rule for flaw in came.flaws] == ["X22"]


def test_an_advisory_of_a_hundred_thousand_products_is_taken_in(
    tmp_path: Path, orvanda: Node
) -> None:
    doc = old()
    ids = [f"X-{number}" for number in range(100_000)]
    tree: Doc = doc["product_tree"]
    tree["full_product_names"] += [{"name": f"Pump {i}", "product_id": i} for i in ids]
    flaw: Doc = doc["vulnerabilities"][0]
    flaw["product_status"]["known_affected"] += ids
    checked = advisories.check(lay(tmp_path, doc))
    came = advisories.take_in(orvanda, [checked])
    assert came.flaws == []
    assert "vulnerability" in {item.type for item in came.objects}
    assert sum(len(item.raw) for item in came.objects) < len(data(doc))


@pytest.mark.parametrize(
    ("label", "taken"),
    [(None, TLP.AMBER), ("WHITE", TLP.CLEAR), ("white", None), ("CLEAR", None), ("", None)],
)
def test_a_label_is_read_as_the_standard_spells_it_and_unmarked_is_no_clear(
    tmp_path: Path, orvanda: Node, label: str | None, taken: TLP | None
) -> None:
    doc = old()
    doc["document"]["distribution"] = (
        {"tlp": {"label": label}} if label is not None else {"text": "x"}
    )
    file = lay(tmp_path, doc)
    if taken is None:
        refusal = denied("X41", advisories.check, file)
        assert refusal.subject == "document.distribution.tlp.label"
        return
    came = advisories.take_in(orvanda, [advisories.check(file)])
    assert came.objects
    found = searching.search(orvanda, searching.at_the_machine(orvanda), searching.Query()).found
    assert {each.tlp for each in found} == {taken}


def test_products_that_are_made_of_each_other_are_named_and_not_taken_in(
    tmp_path: Path, orvanda: Node
) -> None:
    doc, count = old(), 10_000
    doc["product_tree"]["relationships"] += [
        {
            "category": "installed_on",
            "full_product_name": {"name": f"Pump {number}", "product_id": f"R-{number}"},
            "product_reference": f"R-{(number + 1) % count}",
            "relates_to_product_reference": "P-3",
        }
        for number in range(count)
    ]
    refusal = denied("X42", advisories.check, lay(tmp_path, doc))
    assert "The product R-0 is defined by itself." in refusal.reason
    assert objects.shelf(orvanda.db, advisories.INTAKE) is None


def test_one_that_makes_no_objects_stands_in_no_ones_way(tmp_path: Path, orvanda: Node) -> None:
    early, good = old(), advisories.check(lay(tmp_path, old()))
    # By the time of this zone it is the year 1; by that of Greenwich there is none.
    early["document"]["tracking"]["initial_release_date"] = "0001-01-01T00:00:00+14:00"
    early["document"]["tracking"]["revision_history"][0]["date"] = "0001-01-01T00:00:00+14:00"
    bad = advisories.check(lay(tmp_path / "early", early))
    came = advisories.take_in(orvanda, [bad, good])
    assert ([flaw.rule for flaw in came.flaws], len(came.objects)) == (["X6"], 7)


def test_of_one_advisory_given_twice_the_stricter_label_holds(
    tmp_path: Path, orvanda: Node
) -> None:
    plain = advisories.check(lay(tmp_path, old()))
    came = advisories.take_in(orvanda, [plain.listed_under(TLP.AMBER_STRICT), plain])
    report = next(item for item in came.objects if item.type == "report")
    assert (report.marking.tlp, came.flaws) == (TLP.AMBER_STRICT, [])


def test_it_is_published_in_a_circle(tmp_path: Path, orvanda: Node) -> None:
    circle = open_circle(orvanda)
    came = advisories.take_in(orvanda, [advisories.check(lay(tmp_path, new()))], circle=circle)
    assert len(came.acts) == 1
    assert len(came.objects) == 7


@pytest.mark.parametrize("changed", ["hash", "name", "no name"])
def test_a_file_is_saved_only_if_it_is_the_one_of_its_report(
    changed: str, tmp_path: Path, orvanda: Node
) -> None:
    raws = [json.loads(raw) for raw in advisories.raws(advisories.check(lay(tmp_path, old())))]
    reference = raws[-1]["external_references"][0]
    if changed == "hash":
        reference["hashes"]["SHA-256"] = 64 * "0"
    elif changed == "name":
        reference["external_id"] = "../../x"
    else:
        del reference["external_id"]
    items, flaws = stix.read_all([json.dumps(raw).encode() for raw in raws], stix_schemas())
    assert not flaws
    shelf = circles.open_intake(orvanda, name="csaf", title="CSAF")
    publishing.add_to_intake(orvanda, shelf, items)
    finder = searching.at_the_machine(orvanda)
    if changed == "name":
        assert [*attached.files(orvanda, finder, raws[-1]["id"])] == ["_x.json", "_x.json.asc"]
        return
    denied("S4", attached.files, orvanda, finder, raws[-1]["id"])


def test_what_is_no_report_has_no_file(tmp_path: Path, orvanda: Node) -> None:
    raws = [json.loads(raw) for raw in advisories.raws(advisories.check(lay(tmp_path, old())))]
    other = next(raw for raw in raws if raw["type"] == "vulnerability")
    other["external_references"] = raws[-1]["external_references"]
    items, flaws = stix.read_all([json.dumps(other).encode()], stix_schemas())
    assert not flaws
    shelf = circles.open_intake(orvanda, name="csaf", title="CSAF")
    publishing.add_to_intake(orvanda, shelf, items)
    denied("S4", attached.files, orvanda, searching.at_the_machine(orvanda), other["id"])


def test_a_published_tree_verifies_and_keeps_only_what_is_listed(tmp_path: Path) -> None:
    secret, out = tmp_path / "secret.asc", tmp_path / "out"
    secret.write_bytes(ORVANDA_SECRET)
    first = advisories.check(lay(tmp_path / "in", old()))
    key, sign = advisories.signing(secret, NOW)
    tree = advisories.publish(out, site(first, key=key, sign=sign), [first])
    assert tree.removed == ()
    (file,) = advisories.found([out])
    assert file == out / "white" / "2026" / NAME
    public = out / "openpgp" / f"{key.fingerprint}.asc"
    assert public.read_bytes().startswith(b"-----BEGIN PGP PUBLIC")
    checked = advisories.check(file, advisories.trusted_keys([public]), now=NOW)
    assert checked.data == first.data
    assert checked.signer == key.fingerprint
    assert checked.hashes == ("sha512", "sha256")

    mine = out / "white" / "2026" / "notes.json"
    mine.write_bytes(b"{}")
    stricter = old()
    stricter["document"]["distribution"]["tlp"]["label"] = "GREEN"
    stricter["document"]["tracking"]["version"] = "3"
    stricter["document"]["tracking"]["revision_history"].append(
        {"date": "2026-03-03T10:00:00Z", "number": "3", "summary": "Less of it."}
    )
    second = advisories.check(lay(tmp_path / "in", stricter))
    tree = advisories.publish(out, site(second, ceiling=TLP.GREEN), [second])
    assert tree.removed == (f"white/2026/{NAME}",)
    assert not [*(out / "white" / "2026").glob(f"{NAME}*")]
    assert mine.exists()
    assert (out / "green" / "2026" / NAME).read_bytes() == second.data


def test_the_signature_that_came_with_it_goes_on(tmp_path: Path) -> None:
    file = lay(tmp_path / "in", old())
    first = advisories.check(file)
    advisories.publish(tmp_path / "out", site(first), [first])
    beside = (tmp_path / "out" / "white" / "2026" / f"{NAME}.asc").read_bytes()
    assert beside == file.with_name(f"{NAME}.asc").read_bytes()
    metadata = json.loads((tmp_path / "out" / "provider-metadata.json").read_bytes())
    assert metadata["role"] == "csaf_provider"


def test_a_version_is_not_rewritten(tmp_path: Path) -> None:
    first = advisories.check(lay(tmp_path / "in", old()))
    advisories.publish(tmp_path / "out", site(first), [first])
    advisories.publish(tmp_path / "out", site(first), [first])
    changed = old()
    changed["document"]["title"] = "Pumps do not stop"
    second = advisories.check(lay(tmp_path / "in", changed))
    denied("X48", advisories.publish, tmp_path / "out", site(second), [second])
    assert (tmp_path / "out" / "white" / "2026" / NAME).read_bytes() == first.data


def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    first = advisories.check(lay(tmp_path / "in", old()))
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "white").symlink_to(elsewhere)
    with pytest.raises(Refusal) as caught:
        advisories.publish(out, site(first), [first])
    assert caught.value.rule == "X43"
    assert not [file for file in elsewhere.rglob("*") if file.is_file()]


def test_lying_lists_take_nothing_else_away(tmp_path: Path) -> None:
    first = advisories.check(lay(tmp_path / "in", old()))
    out = tmp_path / "out"
    (out / "white").mkdir(parents=True)
    (tmp_path / "precious.json").write_bytes(b"{}")
    (out / "white" / "index.txt").write_text("../../precious.json\n/etc/passwd\n\0\n")
    assert advisories.publish(out, site(first), [first]).removed == ()
    assert (tmp_path / "precious.json").exists()


def test_the_real_advisories_are_checked_taken_in_and_published(
    shared: Path, tmp_path: Path, orvanda: Node
) -> None:
    folder = shared / "data" / "csaf" / "cisa"
    if not folder.exists():
        pytest.skip("The real advisories are not at hand.")
    checked, refused = advisories.check_all(advisories.found([folder]), now=NOW)
    assert (len(checked), refused) == (60, [])
    assert {each.hashes for each in checked} == {("sha512",)}
    assert {each.issuer for each in checked} == {"144AED0A57BE7D4AE835D9D8CAC5AC4F74164B17"}
    came = advisories.take_in(orvanda, checked[:5])
    assert came.flaws == []
    assert len([item for item in came.objects if item.type == "report"]) == 5

    secret = tmp_path / "secret.asc"
    secret.write_bytes(CRYSTAL_SECRET)
    key, sign = advisories.signing(secret, NOW)
    advisories.publish(tmp_path / "out", site(checked[0], key=key, sign=sign), checked)
    public = advisories.trusted_keys([tmp_path / "out" / "openpgp" / f"{key.fingerprint}.asc"])
    again, refused = advisories.check_all(advisories.found([tmp_path / "out"]), public, now=NOW)
    assert (len(again), refused) == (60, [])
    assert {each.data for each in again} == {each.data for each in checked}


def test_another_key_is_refused(tmp_path: Path) -> None:
    file = lay(tmp_path, old())
    other = tmp_path / "other.asc"
    other.write_bytes(ORVANDA_KEY)
    denied("X45", advisories.check, file, advisories.trusted_keys([other]))
