"""Advisories by the command line."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson

from tests.bridges.csaf.samples import new, old
from tests.bridges.openpgp.samples import CRYSTAL_KEY, CRYSTAL_SECRET, ORVANDA_KEY
from tests.edge.desk import START, Desk
from tests.edge.test_cli_circles import create
from tests.services.test_advisories import NAME, lay
from tests.sharing import indicator

SIGNER = "89276EBE18E428440176FCE357C9E2476F4FAE7F"


def test_advisories_are_checked(desk: Desk) -> None:
    folder, key = desk.home / "in", desk.home / "key.asc"
    key.write_bytes(CRYSTAL_KEY)
    lay(folder, new(), at=START)
    said = desk.ok("nobody", "csaf", "check", folder, "--key", key)
    assert said.splitlines()[0] == (
        f"{NAME}: CSAF 2.1, version 2, final, TLP:CLEAR; sha512; signed by {SIGNER}"
    )
    assert "1 file valid, 0 refused." in said
    # What a document asks by an extension is not tested, and that is said.
    warned = "x_extensions[0]: This supplementary extension is not supported here"
    assert warned in said
    assert "https://pumps.example/extension.json (test 6.1.60)" in said
    (valid,) = desk.json("nobody", "csaf", "check", folder)["valid"]
    assert [each["number"] for each in valid["warnings"]] == ["6.1.60"]

    (folder / NAME).write_bytes(b"{}")
    got = desk.run("nobody", "csaf", "check", folder)
    assert got.exit_code == 1
    assert "The sha512 of the file is another one" in got.stderr
    assert "rule X44" in got.stderr
    got = desk.run("nobody", "csaf", "check", folder, "--json")
    assert '"rule":"X44"' in got.stdout.replace(" ", "")


def test_a_signature_is_never_said_to_be_verified_without_a_key(desk: Desk) -> None:
    folder, key = desk.home / "in", desk.home / "key.asc"
    lay(folder, old(), at=START)
    assert f"signature of {SIGNER} not verified" in desk.ok("nobody", "csaf", "check", folder)
    key.write_bytes(ORVANDA_KEY)
    got = desk.run("nobody", "csaf", "check", folder, "--key", key)
    assert got.exit_code == 1
    assert "which is not the one that is trusted" in got.stderr


def test_advisories_are_taken_in(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    folder = desk.home / "in"
    lay(folder, old(), at=START)
    said = desk.ok("orvanda", "csaf", "import", folder)
    assert said == "1 file taken in: 7 objects new, 0 here before, 0 not taken; 0 files refused.\n"
    answer = desk.json("orvanda", "csaf", "import", folder)
    assert (answer["objects"], answer["held"], answer["flaws"]) == (0, 7, [])
    assert answer["valid"][0]["cves"] == ["CVE-2026-1234"]


def test_advisories_are_shared_as_other_files_are(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    folder, key = desk.home / "in", desk.home / "key.asc"
    key.write_bytes(CRYSTAL_KEY)
    file = lay(folder, old(), at=START)
    share = ("share", file, "--circle", circle)
    told = desk.json("orvanda", *share, "--key", key, "--dry-run")
    assert (told["advisories"][0]["signer"], told["acts"]) == (SIGNER, [])
    said = desk.ok("orvanda", *share)
    assert said.splitlines()[0].endswith(f"signature of {SIGNER} not verified")
    assert "Published 7, there already 0, left out 0." in said
    desk.sync("orvanda", "tolmere")
    (found,) = desk.json("tolmere", "search", "--type", "report")["objects"]
    report = desk.json("tolmere", "object", found["id"])
    assert report["id"] == found["id"]
    # Who was given the objects checks the publisher's signature again.
    out = desk.home / "out"
    said = desk.ok("tolmere", "csaf", "save", found["id"], "--to", out)
    assert said.splitlines() == [f"Saved: {out / NAME}", f"Saved: {out / NAME}.asc"]
    assert f"signed by {SIGNER}" in desk.ok("nobody", "csaf", "check", out, "--key", key)
    (note,) = desk.json("tolmere", "search", "--type", "note")["objects"]
    assert desk.refused("tolmere", "csaf", "save", note["id"], "--to", out)["rule"] == "S4"
    # The same report as an import makes, so that nothing is there twice.
    desk.ok("tolmere", "csaf", "import", folder)
    assert len(desk.json("tolmere", "search", "--type", "report")["objects"]) == 1


def test_an_advisory_that_is_not_its_publishers_is_not_shared(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    folder, key = desk.home / "in", desk.home / "key.asc"
    key.write_bytes(ORVANDA_KEY)
    file, good = lay(folder, old(), at=START), folder / "good.json"
    good.write_bytes(orjson.dumps({"type": "bundle", "objects": [indicator("one", tlp="clear")]}))
    packed = folder / "packed.json.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    share = ("share", file, good, packed, "--circle", circle, "--json")

    def refusals(*more: str | Path) -> list[str]:
        got = desk.run("orvanda", *share, *more)
        assert got.exit_code == 1
        value = orjson.loads(got.stdout)
        assert value["verdicts"]["would be published"] >= 1
        return [each["rule"] for each in value["objects"] if each["verdict"] == "refused"]

    assert refusals("--dry-run") == ["S4"]
    assert refusals("--dry-run", "--key", key) == ["X45", "S4"]
    file.write_bytes(file.read_bytes() + b"\n")
    assert refusals("--dry-run") == ["X44", "S4"]


def test_what_an_advisory_without_a_label_is_shared_under(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    bare = old()
    del bare["document"]["distribution"]
    share = ("share", lay(desk.home / "in", bare), "--circle", circle, "--dry-run")

    def labels(*more: str) -> set[str]:
        return {each["tlp"] for each in desk.json("orvanda", *share, *more)["objects"]}

    assert labels() == {"amber"}
    assert labels("--tlp", "green") == {"green"}


def test_advisories_are_published(desk: Desk) -> None:
    folder, out, secret = desk.home / "in", desk.home / "out", desk.home / "secret.asc"
    secret.write_bytes(CRYSTAL_SECRET)
    lay(folder, old(), at=START)
    ways = ("csaf", "publish", folder, "--to", out, "--url", "https://pumps.example/csaf")
    said = desk.ok("nobody", *ways, "--sign-with", secret)
    assert said == f"1 file published in {out}.\n"
    key = out / "openpgp" / f"{SIGNER}.asc"
    assert SIGNER in desk.ok("nobody", "csaf", "check", out, "--key", key)

    other = old()
    other["document"]["distribution"]["tlp"]["label"] = "AMBER"
    other["document"]["tracking"]["id"] = "PU-2"
    lay(folder, other, name="pu-2.json", at=START)
    assert desk.refused("nobody", *ways)["rule"] == "X47"
    assert desk.refused("nobody", *ways, "--up-to", "pink")["rule"] == "S4"
    desk.ok("nobody", *ways, "--up-to", "amber")
    assert (out / "amber" / "2026" / "pu-2.json").exists()
    other["document"]["publisher"]["name"] = "Others"
    lay(folder, other, name="pu-2.json", at=START)
    assert desk.refused("nobody", *ways, "--up-to", "amber")["rule"] == "X49"
    (folder / "bad.json").write_bytes(b"{}")
    assert desk.refused("nobody", *ways)["rule"] == "X41"
