"""Peers by the command line: named, turned to, told of, and forgotten."""

from __future__ import annotations

import stat
from collections.abc import Iterator

import orjson
import pytest

from comity.bridges.taxii.times import taxii_time
from comity.services.sharing import peers
from tests.edge.desk import START, Desk
from tests.edge.liar import PLACE, Asked, Liar, Said
from tests.edge.loopback import serving
from tests.sharing import indicator

SECRET = "correct horse"


@pytest.fixture
def liar() -> Liar:
    def script(asked: Asked) -> Said | None:
        if not asked.authorization.startswith("Basic "):
            return Said({"title": "Who?"}, 401)
        if (asked.method, asked.path) != ("GET", f"{PLACE}objects/"):
            return None
        value = {"objects": [indicator("one"), indicator("two")]}
        return Said(value, headers={"X-TAXII-Date-Added-Last": taxii_time(START * 1000)})

    return Liar(script)


@pytest.fixture
def url(liar: Liar) -> Iterator[str]:
    with serving(liar) as found:
        yield f"{found}/taxii2/"


@pytest.fixture
def home(desk: Desk) -> Desk:
    desk.make("orvanda")
    settings = desk.home / "orvanda" / "node.json"
    text = settings.read_text(encoding="utf-8")
    local = text.replace('"local_addresses": null', '"local_addresses": true')
    settings.write_text(local, encoding="utf-8")
    (desk.home / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    return desk


def test_a_peer_is_named_pulled_from_and_forgotten(home: Desk, url: str) -> None:
    login = ("--user", "orvanda", "--password-file", home.home / "secret")
    made = home.json("orvanda", "peer", "add", "sector", url, *login, "--every", "5")
    assert (made["into"], made["tlp"], made["direction"]) == ("sector", "clear", "pull")
    folder = home.home / "orvanda"
    kept = folder / "keys" / "peer-sector"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert SECRET not in (folder / peers.FILE).read_text(encoding="utf-8")
    assert home.ok("orvanda", "pull") == "sector: 2 objects new, 0 here before.\n"
    assert home.json("orvanda", "pull", "sector")["peers"][0]["pulled"]["held"] == 2
    (told,) = home.json("orvanda", "peer", "list")["peers"]
    assert (told["failed"], told["told"]) == (0, "")
    assert told["next_at"] - told["ran_at"] == 5 * 60_000
    assert "sector: pull, http" in home.ok("orvanda", "peer", "list")
    home.ok("orvanda", "peer", "remove", "sector")
    assert not kept.exists()
    assert home.json("orvanda", "peer", "list") == {"peers": []}
    assert home.refused("orvanda", "peer", "run", "sector")["rule"] == "S3"


def test_a_password_is_given_anew(home: Desk, url: str) -> None:
    login = ("--user", "orvanda", "--password-file", home.home / "secret")
    home.ok("orvanda", "peer", "add", "sector", url, *login)
    home.ok("orvanda", "peer", "add", "open", url)
    kept = home.home / "orvanda" / "keys" / "peer-sector"
    kept.unlink()
    assert home.refused("orvanda", "peer", "run", "sector")["rule"] == "S5"
    assert "comity peer password sector" in home.run("orvanda", "doctor").stdout
    assert home.refused("orvanda", "peer", "password", "sector")["rule"] == "S4"
    assert home.refused("orvanda", "peer", "password", "open")["rule"] == "X60"
    told = home.ok("orvanda", "peer", "password", "sector", "--password-file", home.home / "secret")
    assert "comity peer run sector" in told
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert home.ok("orvanda", "pull", "sector") == "sector: 2 objects new, 0 here before.\n"


def test_one_peer_that_fails_does_not_hold_up_the_others(home: Desk, url: str) -> None:
    login = ("--user", "orvanda", "--password-file", home.home / "secret")
    home.ok("orvanda", "peer", "add", "a", url)
    home.ok("orvanda", "peer", "add", "b", url, *login)
    got = home.run("orvanda", "pull")
    assert got.exit_code == 1
    assert "a: It does not let this user do that" in got.stdout
    assert "b: 2 objects new" in got.stdout
    assert "failed: It does not let this user do that" in home.ok("orvanda", "peer", "list")
    assert home.refused("orvanda", "peer", "run", "a")["rule"] == "X64"


def test_what_is_pushed_is_told_and_what_is_not_taken_exits_with_1(
    home: Desk, url: str, liar: Liar
) -> None:
    circle = home.json(
        "orvanda", "open", "circle", "--title", "Harbours", "--text", "Harbours.", "--purpose",
        "defence", "--publishers", "all", "--forward", "ask", "--tlp", "clear", "--yes",
    )["dossier"]  # fmt: skip
    bundle = home.home / "seen.json"
    objects = [indicator(name, tlp="clear") for name in ("one", "two")]
    bundle.write_bytes(orjson.dumps({"objects": objects}))
    assert home.json("orvanda", "share", bundle, "--circle", circle, "--yes")
    login = ("--user", "orvanda", "--password-file", home.home / "secret")
    home.ok("orvanda", "peer", "add", "out", url, "--direction", "push", "--from", circle, *login)
    assert home.ok("orvanda", "peer", "run", "out") == "out: 2 objects pushed.\n"
    assert "up to TLP:CLEAR: 2 there" in home.ok("orvanda", "peer", "list")
    assert home.ok("orvanda", "pull").startswith("There is no peer to pull from")
    assert sum(each.method == "POST" for each in liar.asked) == 1

    def unfit(asked: Asked) -> Said | None:
        return Said({"title": "Unfit"}, 422) if asked.method == "POST" else None

    liar.script = unfit
    home.ok("orvanda", "peer", "add", "out2", url, "--direction", "push", "--from", circle, *login)
    got = home.run("orvanda", "peer", "run", "out2")
    assert got.exit_code == 1
    assert "out2: 0 objects pushed, 2 not taken." in got.stdout
    assert "Unfit" in got.stdout
    assert home.json("orvanda", "peer", "list")["peers"][1]["not_taken"] == 2
    liar.script = lambda _: None
    assert home.ok("orvanda", "peer", "run", "out2") == "out2: 0 objects pushed.\n"
    again = home.ok("orvanda", "peer", "run", "out2", "--again")
    assert again == "out2: 2 objects pushed.\n"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("x", "http://taxii.example/", "--user", "u", "--password-file", "secret"), "X66"),
        (("x", "https://u:p@taxii.example/"), "X60"),
        (("x", "ftp://taxii.example/"), "X60"),
        (("X y", "https://taxii.example/"), "X60"),
        (("x", "https://taxii.example/", "--every", "0"), "X60"),
        (("x", "https://taxii.example/", "--user", "u"), "S4"),
        (("x", "https://taxii.example/", "--password-file", "secret"), "X60"),
        (("x", "https://taxii.example/", "--direction", "push"), "X60"),
        (("x", "https://taxii.example/", "--direction", "both", "--from", "x"), "S4"),
        (("x", "https://taxii.example/", "--tlp", "green"), "X60"),
        (("x", "https://taxii.example/", "--tlp", "amber", "--readers", "accredited"), "X60"),
        (("x", "https://taxii.example/", "--tlp", "red", "--readers", "own"), "X60"),
    ],
)
def test_what_is_no_peer_is_refused(home: Desk, words: tuple[str, ...], rule: str) -> None:
    given = [str(home.home / word) if word == "secret" else word for word in words]
    assert home.refused("orvanda", "peer", "add", *given)["rule"] == rule
    assert home.json("orvanda", "peer", "list") == {"peers": []}


@pytest.mark.parametrize(
    "text",
    ["{", "{}", "[1]", '[{"name": "x"}]', '[{"name": "x", "url": 1}]',
     '[{"name": "x", "url": "https://taxii.example/", "into": "x", "colour": "red"}]',
     '[{"name": "x", "url": "https://taxii.example/", "into": "x", "direction": "up"}]',
     '[{"name": "x", "url": "https://taxii.example/", "into": "x", "every": true}]'],
)  # fmt: skip
def test_a_file_of_no_peers_is_refused(home: Desk, text: str) -> None:
    (home.home / "orvanda" / peers.FILE).write_text(text, encoding="utf-8")
    assert home.refused("orvanda", "peer", "list")["rule"] == "X60"
    assert home.refused("orvanda", "pull")["rule"] == "X60"
