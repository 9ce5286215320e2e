"""Objects in the forms of other tools: what goes, for whom, and that nothing breaks out."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.bridges.feeds import atom, static, suricata, writing
from comity.bridges.feeds.detected import detected
from comity.bridges.held import Held
from comity.bridges.misp import kinds
from comity.bridges.stix.inject import SERVED
from comity.kernel.errors import Refusal
from comity.kernel.keys import SeedSigner, raw_key
from comity.kernel.label import TLP
from comity.kernel.note import VerifierKey
from tests.bridges.feeds.samples import NOW, indicator, taken

DOMAIN = indicator(1, "[domain-name:value = 'Tide.Example']", name="=cmd|'/c calc'!A1")
ADDRESS = indicator(2, "[ipv4-addr:value = '198.51.100.7' OR ipv6-addr:value = '2001:db8::/32']")
HASH = indicator(3, f"[file:name = 'a' AND file:hashes.MD5 = '{'AB' * 16}']")
URL = indicator(4, "[url:value = 'http://tide.example:8080/a?b=\"c;d#e']")
ABOUT = atom.About("What is new", "Port Authority", "https://node.example/feed.atom", NOW)
ALL = [DOMAIN, ADDRESS, HASH, URL]
Export = Callable[[list[Held], TLP], object]
EXPORTS: dict[str, Export] = {
    "bundle": writing.bundle,
    "table": writing.table,
    "lists": lambda held, tlp: writing.lists(held, tlp, NOW),
    "suricata": suricata.rules,
    "atom": lambda held, tlp: atom.feed(held, tlp, ABOUT),
    "static": lambda held, tlp: static.files(held, tlp, "Feed", NOW, {}),
}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
@pytest.mark.parametrize("made_for", TLP)
@pytest.mark.parametrize("label", TLP)
def test_nothing_stricter_than_the_label_leaves(export: Export, made_for: TLP, label: TLP) -> None:
    own = indicator(9, "[domain-name:value = 'canary.example']", label)
    by_holding = DOMAIN._replace(tlp=label)
    for held in ([DOMAIN, own], [by_holding]):
        if label <= made_for:
            export(held, made_for)
        else:
            with pytest.raises(Refusal, match="Leave it out") as caught:
                export(held, made_for)
            assert caught.value.rule == "X57"


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
def test_what_is_unmarked_is_amber_until_its_holding_says_otherwise(export: Export) -> None:
    bare = indicator(9, "[domain-name:value = 'canary.example']", None)
    with pytest.raises(Refusal, match="AMBER"):
        export([bare], TLP.GREEN)
    export([bare], TLP.AMBER)
    export([bare._replace(tlp=TLP.CLEAR)], TLP.CLEAR)


def test_a_bundle_holds_the_bytes_as_they_are() -> None:
    made = writing.bundle(ALL, TLP.CLEAR)
    assert [each.object.raw in made for each in ALL] == [True] * 4
    ids = [each["id"] for each in json.loads(made)["objects"]]
    assert ids == [SERVED[TLP.CLEAR], *(each.object.id for each in ALL)]
    assert writing.bundle(ALL, TLP.CLEAR) == made
    assert json.loads(writing.bundle([], TLP.CLEAR))["type"] == "bundle"


def test_what_leaves_says_the_label_it_is_held_under() -> None:
    raised = DOMAIN._replace(tlp=TLP.AMBER)
    bare = indicator(9, "[domain-name:value = 'canary.example']", None)._replace(tlp=TLP.GREEN)
    files = static.files([raised, bare], TLP.AMBER, "Feed", NOW, {})
    for data in (writing.bundle([raised, bare], TLP.AMBER), b",".join(files.values())):
        assert SERVED[TLP.AMBER].encode() in data
        assert SERVED[TLP.GREEN].encode() in data
        assert SERVED[TLP.CLEAR].encode() not in data


def test_a_table_runs_nothing() -> None:
    rows = list(csv.reader(io.StringIO(writing.table(ALL, TLP.CLEAR))))
    assert rows[0] == list(writing.COLUMNS)
    assert rows[1][:2] == ["domain", "tide.example"]
    assert rows[1][4] == "'=cmd|'/c calc'!A1"
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@-\t\r" and cell]
    assert {row[7] for row in rows[1:]} == {"CLEAR"}
    # Where numbers have a decimal comma, cells are parted by semicolons.
    parted = indicator(9, "[domain-name:value = 'tide.example']", name="Tide;=1+1")
    assert ",Tide;'=1+1," in writing.table([parted], TLP.CLEAR)


def test_lists_are_of_what_is_enough_alone() -> None:
    both = indicator(5, "[domain-name:value = 'cdn.example' AND network-traffic:dst_port = 8443]")
    unlike = indicator(6, "[ipv4-addr:value != '203.0.113.9']")
    seen = taken({"type": "ipv4-addr", "spec_version": "2.1", "value": "203.0.113.10",
                  "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"})  # fmt: skip
    held = [*ALL, both, unlike, seen._replace(tlp=TLP.CLEAR)]
    lists = writing.lists(held, TLP.CLEAR, NOW)
    assert {kind: text.splitlines()[1:] for kind, text in lists.items()} == {
        "domain": ["tide.example"],
        "hash": ["ab" * 16],
        "ip": ["198.51.100.7", "2001:db8::/32"],
        "url": ['http://tide.example:8080/a?b="c;d#e'],
    }
    assert lists["ip"].startswith("# TLP:CLEAR, 2025-11-24\n")


@pytest.mark.parametrize(
    "more",
    [
        {"revoked": True},
        {"indicator_types": ["benign"]},
        {"pattern_type": "snort"},
    ],
)
def test_what_is_not_to_be_looked_for_is_left_out(more: dict[str, Any]) -> None:
    assert detected([indicator(1, "[domain-name:value = 'a.example']", **more)]) == []


def test_a_newer_version_that_is_revoked_takes_the_older_one_away() -> None:
    later = "2025-11-22T00:00:00.000Z"
    gone = indicator(1, "[domain-name:value = 'tide.example']", modified=later, revoked=True)
    assert writing.lists([gone, DOMAIN], TLP.CLEAR, NOW) == {}
    assert writing.lists([DOMAIN, gone], TLP.CLEAR, NOW) == {}


@given(st.text(max_size=40))
def test_no_value_breaks_out_of_a_list_or_a_rule(text: str) -> None:
    for path in ("domain-name:value", "url:value", "email-addr:value"):
        for said in (text, f"http://{text}", f"http://a.example/{text}"):
            pattern = f"[{path} = {kinds.literal(said)}]"
            value = DOMAIN.object.value | {"pattern": pattern, "name": text}
            held = [DOMAIN._replace(object=DOMAIN.object._replace(value=value))]
            for listed in writing.lists(held, TLP.CLEAR, NOW).values():
                assert len(re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", listed)) == 3
            require_rules(suricata.rules(held, TLP.CLEAR).text)


RULE = re.compile(
    r"alert (ip|dns|http) \S+ any -> \S+ \S+ \("
    r'(?:[a-z_.]+(?::(?:"[^";\\]*"|[^";\\()]+))?; ?)+\)'
)


def require_rules(text: str) -> None:
    lines = text.split("\n")
    assert lines[0] == "# TLP:CLEAR"
    assert lines[-1] == ""
    for line in lines[1:-1]:
        assert RULE.fullmatch(line), line
        assert line.isascii()
        assert line.isprintable()


def test_rules_are_escaped_and_keep_their_ids() -> None:
    made = suricata.rules(ALL, TLP.CLEAR)
    require_rules(made.text)
    assert 'content:".tide.example"; nocase; endswith;' in made.text
    assert 'http.uri.raw; content:"/a?b=|22|c|3B|d"; startswith; endswith;' in made.text
    assert "alert http $HOME_NET any -> any 8080 (" in made.text
    assert "alert ip $HOME_NET any -> [2001:db8::/32] any (" in made.text
    assert made.left == [("hash", "ab" * 16)]
    assert suricata.rules(ALL[::-1], TLP.CLEAR) == made
    sids = dict(re.findall(r"(\S+) any \(msg.*sid:(\d+)", made.text))
    assert len(set(re.findall(r"sid:(\d+)", made.text))) == 4
    alone = suricata.rules([ADDRESS], TLP.CLEAR).text
    assert f"sid:{sids['[198.51.100.7]']};" in alone


def test_two_rules_never_have_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suricata, "SIDS", 4)
    made = suricata.rules(ALL, TLP.CLEAR).text
    found = sorted(map(int, re.findall(r"sid:(\d+)", made)))
    assert found == [suricata.FIRST_SID + n for n in range(4)]


def test_news_are_an_atom_feed() -> None:
    odd = indicator(
        8, "[mutex:name = 'a']", name="<b>&\x00\x0b\ud800".encode("utf-8", "replace").decode()
    )
    made = atom.feed([DOMAIN, odd], TLP.CLEAR, ABOUT)
    root = ET.fromstring(made)
    names = {"a": "http://www.w3.org/2005/Atom"}
    for needed in ("a:id", "a:title", "a:updated", "a:author/a:name"):
        assert root.findtext(needed, "", names)
    entries = root.findall("a:entry", names)
    assert len(entries) == 2
    for each in entries:
        assert each.findtext("a:id", "", names).startswith("urn:uuid:")
        assert each.findtext("a:updated", "", names) == "2025-11-21T00:00:00.000Z"
        assert each.findtext("a:title", "", names)
    assert entries[1].findtext("a:title", "", names) == "<b>&?"
    assert ET.fromstring(atom.feed([], TLP.CLEAR, ABOUT)).find("a:entry", names) is None


SIGNER = SeedSigner(bytes(range(32)))
KEY = VerifierKey("tolmere.example/feed", 1, SIGNER.key)


def folder() -> dict[str, bytes]:
    made = static.files(ALL, TLP.CLEAR, "Feed", NOW, {"feed.atom": b"<feed/>"})
    return made | {static.NOTE: static.signed(made[static.INDEX], KEY.name, SIGNER)}


def test_a_static_feed_is_checked_and_read() -> None:
    made = folder()
    assert static.verify(made[static.INDEX], made[static.NOTE], [KEY]) == (KEY,)
    found = static.read(made[static.INDEX], made)
    assert (found.flaws, found.made_for) == ([], TLP.CLEAR)
    assert sorted(found.raws) == sorted(each.object.raw for each in ALL)


def test_a_stranger_checks_it_with_the_program_in_the_documents(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs/reference/feed.md").read_text()
    program = text.partition("```python\n")[2].partition("```")[0]
    for path, data in folder().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    asked = [sys.executable, "-c", program, str(tmp_path), raw_key(SIGNER.key).hex()]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.stdout == "whole, and signed by this key\n", done.stderr
    changed = next(tmp_path.glob("objects/*/*/*.json"))
    changed.write_bytes(changed.read_bytes() + b" ")
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 1


def test_another_index_or_key_is_seen() -> None:
    made = folder()
    with pytest.raises(Refusal) as caught:
        static.verify(made[static.INDEX] + b" ", made[static.NOTE], [KEY])
    assert caught.value.rule == "X58"
    other = VerifierKey(KEY.name, 1, SeedSigner(bytes(32)).key)
    with pytest.raises(Refusal) as caught:
        static.verify(made[static.INDEX], made[static.NOTE], [other])
    assert caught.value.rule == "W2"
    broken = made[static.NOTE].replace(b"\n\n", b" \n\n", 1)
    with pytest.raises(Refusal) as caught:
        static.verify(made[static.INDEX], broken, [KEY])
    assert caught.value.rule == "K5"


def test_a_file_that_was_changed_or_left_out_fails_alone() -> None:
    made = folder()
    path = min(each for each in made if each.startswith("objects/"))
    for changed in (made | {path: made[path] + b" "}, {k: v for k, v in made.items() if k != path}):
        found = static.read(made[static.INDEX], changed)
        assert [each.rule for each in found.flaws] == ["X58"]
        assert len(found.raws) == 3


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/../b", "", ".a", "a\\b", "index.json"])
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    with pytest.raises(Refusal) as caught:
        static.files(ALL, TLP.CLEAR, "Feed", NOW, {path: b""})
    assert caught.value.rule == "X58"
    index = json.loads(folder()[static.INDEX])
    index["files"][0]["path"] = path
    found = static.read(json.dumps(index).encode(), folder() | {path: b"secret"})
    assert [each.rule for each in found.flaws] == ["X58"]
    assert b"secret" not in found.raws


@pytest.mark.parametrize(
    "change", [{"format": "x"}, {"files": 5}, {"files": None}, {"tlp": "orange"}, {"tlp": []}]
)
def test_what_is_no_index_is_refused(change: dict[str, object]) -> None:
    index = json.loads(folder()[static.INDEX]) | change
    for data in (json.dumps(index).encode(), b"[]", b"{"):
        with pytest.raises(Refusal) as caught:
            static.read(data, {})
        assert caught.value.rule == "X58"


@pytest.mark.parametrize("entry", [None, 5, {}, {"path": 5}, {"path": "a", "size": "1"}])
def test_an_entry_that_is_none_fails_alone(entry: object) -> None:
    index = json.loads(folder()[static.INDEX])
    index["files"].append(entry)
    found = static.read(json.dumps(index).encode(), folder() | {"a": b"1"})
    assert [each.path for each in found.flaws] == [f"files[{len(index['files']) - 1}]"]
    assert len(found.raws) == 4
