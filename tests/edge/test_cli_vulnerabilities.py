"""Lists of vulnerabilities by the command line."""

from __future__ import annotations

import orjson

from tests.bridges.feeds.test_lists import ENTRY, SCORES, catalogue
from tests.edge.desk import Desk
from tests.edge.test_cli_circles import create
from tests.sharing import indicator


def test_lists_are_imported_and_say_what_they_changed(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    file = desk.home / "list.json"
    file.write_bytes(catalogue(ENTRY))
    head = "Known exploited vulnerabilities (KEV, CISA), version 2025.08.25 of 2025-08-25: "
    assert desk.ok("orvanda", "import-list", file) == (
        f"{head}1 vulnerability.\n1 new (CVE-2025-48384), 0 changed, 0 no longer listed; "
        "2 objects taken in.\n"
    )
    again = desk.json("orvanda", "import-list", file)
    assert (again["kind"], again["new"], again["objects"]) == ("kev", [], 0)
    file.write_bytes(SCORES)
    assert desk.json("orvanda", "import-list", file, "--kind", "epss")["rows"] == 2
    assert desk.refused("orvanda", "import-list", file, "--kind", "kev")["rule"] == "X56"
    file.write_bytes(catalogue({**ENTRY, "cveID": "x"}))
    got = desk.run("orvanda", "import-list", file)
    assert got.exit_code == 1
    assert "Not taken: vulnerabilities[0]" in got.stdout


def test_an_object_that_names_a_vulnerability_says_what_lists_say(desk: Desk) -> None:
    desk.make("orvanda", "tolmere")
    circle = create(desk)["dossier"]
    about = [{"source_name": "cve", "external_id": ENTRY["cveID"]}]
    one, file = indicator("one", external_references=about), desk.home / "one.json"
    file.write_bytes(orjson.dumps([one, indicator("two")]))
    desk.ok("orvanda", "share", file, "--circle", circle)
    none = "  No list of known exploited vulnerabilities was imported.\n"
    assert none in desk.ok("orvanda", "object", one["id"])
    file.write_bytes(catalogue(ENTRY))
    desk.ok("orvanda", "import-list", file)
    told = desk.ok("orvanda", "object", one["id"])
    assert "  CVE-2025-48384 is known to be exploited since 2025-08-25; " in told
    assert none not in told
    value = desk.json("orvanda", "object", one["id"])["vulnerabilities"]
    assert (value["cves"], value["known"][0]["ransomware"]) == ([ENTRY["cveID"]], True)
    assert desk.json("orvanda", "object", indicator("two")["id"])["vulnerabilities"] is None
