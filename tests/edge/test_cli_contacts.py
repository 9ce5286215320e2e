"""Changing files of contacts from one format into another, by the command line."""

from __future__ import annotations

import csv
import io

from comity.bridges.contacts import table, vcard
from comity.services.directory import exchange
from tests.bridges.contacts.samples import WHOLE
from tests.edge.desk import Desk
from tests.edge.test_cli_calling import TERMS


def test_contacts_are_changed_from_one_format_into_another(desk: Desk) -> None:
    cards, sheet = desk.home / "team.vcf", desk.home / "team.csv"
    cards.write_bytes(vcard.write([WHOLE]).text.encode())
    ways = ("contacts", "convert", cards, "--from", "vcard", "--to")
    got = desk.run("nobody", *ways, "csv")
    assert got.exit_code == 0
    assert got.stderr == ""
    assert got.stdout_bytes == table.write([WHOLE]).text.encode()
    (row,) = csv.DictReader(io.StringIO(got.stdout))
    assert row["phone"].startswith("'+99 800 100 200")

    said = desk.run("nobody", *ways, "csv", "--out", sheet)
    assert said.stdout == f"1 contact written to {sheet}.\n"
    assert table.read("\ufeff" + sheet.read_text(encoding="utf-8")).contacts == (WHOLE,)

    answer = desk.json("nobody", "contacts", "convert", sheet, "--from", "csv", "--to", "jcard")
    assert (answer["contacts"], answer["not_understood"], answer["not_held"]) == (1, [], [])
    assert answer["text"].startswith('[\n  "vcard",')


def test_what_is_lost_is_told_on_the_error_output(desk: Desk) -> None:
    cards = desk.home / "team.vcf"
    cards.write_text(
        vcard.write([WHOLE]).text.replace("TZ:", "odd\x1b[2J\r\nTZ:"), encoding="utf-8"
    )
    ways = ("contacts", "convert", cards, "--from", "vcard", "--to", "first")
    got = desk.run("nobody", *ways)
    assert got.exit_code == 0
    assert got.stdout.startswith('{\n  "total": 1,')
    told = got.stderr.splitlines()
    assert told[:3] == [
        f"{cards} as vcard:",
        "  A line is not understood, and left out: odd�[2J",
        "What first does not hold:",
    ]
    assert (
        "  Response Team of Orvanda, Languages: this format has no place for what it says." in told
    )
    answer = desk.json("nobody", *ways)
    assert len(answer["not_understood"]) == 1
    assert len(answer["not_held"]) == len(told) - 3


def test_what_is_no_file_of_contacts_is_refused(desk: Desk) -> None:
    file = desk.home / "team"
    ways = ("contacts", "convert", file, "--from", "vcard", "--to", "csv")
    file.write_text("Dear all,", encoding="utf-8")
    assert desk.refused("nobody", *ways)["reason"].startswith("This holds no vCard")
    file.write_bytes(b"\xff\xfe")
    assert "should hold text" in desk.refused("nobody", *ways)["reason"]
    with file.open("wb") as large:
        large.truncate(exchange.LARGEST + 1)
    assert "more than" in desk.refused("nobody", *ways)["reason"]
    assert (
        desk.run("nobody", "contacts", "convert", file, "--from", "pdf", "--to", "csv").exit_code
        == 2
    )
    assert "convert" in desk.ok("nobody", "contacts", "--help")


def test_a_list_is_told_in_a_community_and_taken_out_again(desk: Desk) -> None:
    desk.make("orvanda")
    cards, back = desk.home / "team.vcf", desk.home / "back.vcf"
    cards.write_bytes(vcard.write([WHOLE]).text.encode())
    opened = desk.json("orvanda", "open", "community", *TERMS, "--yes")["dossier"]
    bring = ("contacts", "import", opened, cards, "--from", "vcard")
    assert desk.ok("orvanda", *bring) == "1 contact told, 0 changed, 0 as before.\n"
    again = desk.json("orvanda", *bring)
    assert (again["told"], again["changed"], again["same"]) == (0, 0, 1)
    called = desk.json("orvanda", "call", "--party", "orvanda")["candidates"]
    assert called[0]["contact"]["source"] == "imported"
    take = ("contacts", "export", "--party", "orvanda", "--to", "vcard")
    public = desk.json("orvanda", *take)
    assert "+99 800" not in public["text"]
    assert any("it was not told to everybody" in each for each in public["left_out"])
    assert "written to" in desk.ok("orvanda", *take, "--own", "--out", back)
    assert vcard.read(back.read_text(encoding="utf-8")).contacts[0].phone == WHOLE.phone


def test_where_a_domain_publishes_a_key_is_said_without_asking_it(desk: Desk) -> None:
    said = desk.ok("nobody", "contacts", "wkd", "Joe.Doe@Example.ORG")
    assert "hash:      iy9q119eutrkn8s1mk4r39qejnbu3n5q\n" in said
    assert "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/iy9q1" in said
    found = desk.json("nobody", "contacts", "wkd", "joe@example.org")
    assert found["direct"].startswith("https://example.org/.well-known/openpgpkey/hu/")
    assert desk.refused("nobody", "contacts", "wkd", "joe")["rule"] == "S4"
