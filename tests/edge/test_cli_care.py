"""Checking, copying and restoring by the command line."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from comity.edge.cli.progress import shown
from comity.services.node import DATABASE, Settings
from comity.store.database import close_database
from comity.store.sql import query
from tests.databases import Pool, open_beside
from tests.edge.desk import Desk, leave


def test_a_sound_node_is_clean(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    value = desk.json("orvanda", "fsck")
    assert value["clean"]
    assert value["counted"]["acts"] == 1
    assert "Everything is as it was signed." in desk.ok("orvanda", "fsck")


def test_what_was_changed_is_named(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    leave(desk)
    db = open_beside("other", desk.home / "orvanda")
    query(db, "UPDATE store_part SET data = salt")
    close_database(db)
    got = desk.run("orvanda", "fsck", "--json")
    assert got.exit_code == 1
    value = json.loads(got.stdout)
    assert not value["clean"]
    assert {"level", "subject", "words", "why", "commands"} == value["findings"][0].keys()
    assert "WRONG" in desk.run("orvanda", "fsck").stdout


def test_the_doctor_says_what_needs_a_person(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    got = desk.run("orvanda", "doctor", "--json")
    value = json.loads(got.stdout)
    assert got.exit_code == (0 if value["clean"] else 1)
    assert value["findings"]
    assert "What to do:" in desk.run("orvanda", "doctor").stdout


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_node_goes_on_from_a_backup_with_the_kit(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    copy = desk.home / "copy.tar"
    made = desk.json("orvanda", "backup", copy)
    assert made["name"] == "Orvanda"
    assert desk.refused("orvanda", "backup", copy)["rule"] == "S4"
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    kit, fresh = desk.home / "orvanda.kit", desk.home / "fresh.kit"
    done = desk.json(
        "orvanda", "restore", "--from", copy, "--kit-file", kit, "--new-kit-file", fresh
    )
    assert (done["log"], done["kit"], done["awaits_root"]) == (2, None, False)
    before, after = (path.read_text(encoding="utf-8").split() for path in (kit, fresh))
    # The spare key is used up, and the root key stays what it was.
    assert (before[0] != after[0], before[1]) == (True, after[1])
    assert before[1] == desk.json("orvanda", "keys", "--root-code", "--yes")["root_code"]
    assert desk.json("orvanda", "show", opened)["dossier"]["title"] == "Port controller"
    assert desk.json("orvanda", "fsck")["clean"]
    desk.ok("orvanda", "say", opened, "inform", "--text", "We are back.", "--yes")


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_backup_is_tried_while_the_node_goes_on(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    copy = desk.home / "copy.tar"
    desk.ok("orvanda", "backup", copy)
    assert "copy.tar can be restored." in desk.ok("orvanda", "restore", "--rehearse", copy)
    done = desk.json("orvanda", "restore", "--rehearse", copy)
    assert (done["sound"], done["where"], done["findings"]) == (True, str(copy), [])
    copy.write_bytes(copy.read_bytes().replace(b"Port controller", b"Port kontroller"))
    assert desk.refused("orvanda", "restore", "--rehearse", copy)["rule"] == "S4"
    assert "restore drill: " in desk.run("orvanda", "doctor").stdout
    assert desk.json("orvanda", "fsck")["clean"]


def test_a_node_goes_on_from_what_others_remember(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    opened = desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    memory = desk.home / "memory.json"
    desk.ok("tolmere", "remember", "orvanda", "-o", memory)
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    kit, root = (desk.home / "orvanda.kit").read_text(encoding="utf-8").split()
    said = desk.ok("orvanda", "restore", "--memory", memory, "--kit", kit)
    assert re.search(r"COMITY(-[A-Z2-7]+)+", said)
    assert "goes on with log 2" in said
    # Nothing brought the root key: it is said what is missing, and what to do.
    assert "comity confirm --root-code CODE" in said
    assert "comity confirm --root-code CODE" in desk.run("orvanda", "doctor").stdout
    other = (desk.home / "tolmere.kit").read_text(encoding="utf-8").split()[1]
    assert "another party" in desk.refused("orvanda", "confirm", "--root-code", other)["reason"]
    assert "mistyped" in desk.refused("orvanda", "confirm", "--root-code", root[:-1])["reason"]
    desk.ok("orvanda", "confirm", "--root-code", root)
    assert "awaiting root confirmation" not in desk.run("orvanda", "doctor").stdout
    assert desk.json("orvanda", "show", opened)["dossier"]["id"] == opened


def test_a_node_of_which_nothing_is_left_goes_on_with_a_database_elsewhere(
    desk: Desk, pool: Pool
) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    memory, where = desk.home / "memory.json", pool.new()
    desk.ok("tolmere", "remember", "orvanda", "-o", memory)
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    kit = ("--kit-file", desk.home / "orvanda.kit")
    desk.ok("orvanda", "restore", "--memory", memory, *kit, "--database", where)
    assert Settings.read(desk.home / "orvanda").database == where
    assert not (desk.home / "orvanda" / DATABASE).exists()
    assert desk.json("orvanda", "fsck")["clean"]
    leave(desk)
    pool.clean()


def test_a_node_of_which_nothing_is_left_asks_by_a_proxy(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    desk.sync("orvanda", "tolmere")
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    ca = desk.home / "ca.pem"
    ca.write_text("", encoding="utf-8")
    kit = ("--kit-file", desk.home / "orvanda.kit")
    way = ("--proxy", "http://proxy.example:3128", "--ca", ca)
    desk.ok("orvanda", "restore", "--ask", "http://tolmere.example", *kit, *way)
    assert desk.going_to_be is not None
    assert desk.going_to_be.proxy == "http://proxy.example:3128"
    settings = Settings.read(desk.home / "orvanda")
    assert (settings.proxy, settings.ca) == ("http://proxy.example:3128", str(ca))


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_a_person_is_asked_for_both_codes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.make("orvanda", "tolmere")
    copy = desk.home / "copy.tar"
    desk.json("orvanda", "backup", copy)
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    monkeypatch.setattr("comity.edge.cli.run.Run.can_ask", True)
    answer = (desk.home / "orvanda.kit").read_text(encoding="utf-8")
    got = desk.run("orvanda", "restore", "--from", copy, answer=answer)
    assert got.exit_code == 0, got.output
    assert "not confirmed" not in got.stdout.rpartition("goes on with")[2]
    assert "without\n     the second" in got.stdout


def test_a_wrong_root_code_changes_nothing(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    kit, _ = (desk.home / "orvanda.kit").read_text(encoding="utf-8").split()
    other = (desk.home / "tolmere.kit").read_text(encoding="utf-8").split()[1]
    refusal = desk.refused("orvanda", "restore", "--kit", kit, "--root-code", other)
    assert "another party" in refusal["reason"]
    assert "another code" in desk.refused("orvanda", "restore", "--kit", other)["reason"]
    assert desk.json("orvanda", "keys")["logs"][-1]["log"] == 1


def test_without_the_code_nothing_is_restored(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    assert "--kit" in desk.refused("orvanda", "restore")["reason"]
    assert "mistyped" in desk.refused("orvanda", "restore", "--kit", "COMITY-AAAAA")["reason"]
    taken = desk.home / "orvanda.kit"
    refusal = desk.refused("orvanda", "restore", "--kit", "x", "--new-kit-file", taken)
    assert refusal["subject"] == str(taken)
    assert desk.json("orvanda", "keys")["logs"][-1]["log"] == 1


def test_a_bar_tells_how_far_work_is() -> None:
    with shown("Working", enabled=True) as tell:
        tell("parts", 1, 2)
    with shown("Working", enabled=False) as tell:
        tell("parts", 2, 2)


def test_what_is_derived_is_computed_anew(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    desk.open("orvanda", "tolmere")
    leave(desk)
    db = open_beside("other", desk.home / "orvanda")
    query(db, "UPDATE store_dossier SET status = 'x'")
    close_database(db)
    assert desk.run("orvanda", "fsck").exit_code == 1
    assert desk.json("orvanda", "rebuild") == {"dossiers": 1}
    assert desk.json("orvanda", "fsck")["clean"]


@pytest.mark.sqlite("PostgreSQL is copied by its own programs")
def test_root_keys_confirm_what_a_kit_opened(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    copy, root = desk.home / "copy.tar", desk.home / "root"
    desk.json("orvanda", "backup", copy)
    root.write_bytes((desk.home / "orvanda" / "keys" / "root").read_bytes())
    leave(desk)
    shutil.rmtree(desk.home / "orvanda")
    kit, fresh = desk.home / "orvanda.kit", desk.home / "fresh.kit"
    kit.write_text(kit.read_text(encoding="utf-8").split()[0], encoding="utf-8")
    done = desk.json(
        "orvanda", "restore", "--from", copy, "--kit-file", kit, "--new-kit-file", fresh
    )
    assert done["awaits_root"]
    assert len(fresh.read_text(encoding="utf-8").split()) == 1
    (desk.home / "short").write_bytes(b"x")
    assert desk.refused("orvanda", "confirm", "--root-key", desk.home / "short")["rule"] == "S4"
    assert desk.refused("orvanda", "confirm")["rule"] == "K5"
    assert desk.json("orvanda", "confirm", "--root-key", root)["late"] == []
    assert desk.refused("orvanda", "confirm", "--root-key", root)["rule"] == "S4"
