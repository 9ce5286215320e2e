"""Files served by one command, as its page says it, to the client that analysts have."""

from __future__ import annotations

import gzip
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest

from tests.running import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "howto" / "serve-stix.md"
FILE = ROOT / "docs" / "howto" / "harbour.stix21.json"


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[dict[str, str]]:
    """Start the command of the page, and give what it printed by its headings."""
    output = folder / "output.txt"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "comity", *words], stdout=log, stderr=log, cwd=ROOT
        )
    try:
        until(lambda: "Ctrl-C" in output.read_text() or process.poll() is not None, "the server")
        said = output.read_text()
        assert process.poll() is None, said
        yield {"all": said, **dict(re.findall(r"^(\w+) {2,}(\S+)$", said, re.MULTILINE))}
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def command() -> list[str]:
    (found,) = re.findall(r"^\$ comity (serve-stix .+)$", PAGE.read_text(), re.MULTILINE)
    return shlex.split(found)


@pytest.mark.slow
def test_a_file_is_served_to_a_client_by_the_words_of_the_page(tmp_path: Path) -> None:
    from taxii2client.v21 import Collection, Server

    ids = [each["id"] for each in orjson.loads(FILE.read_bytes())["objects"]]
    with serving(tmp_path, *command(), "--listen", "127.0.0.1:0") as told:
        assert told["all"].startswith("3 objects served by TAXII 2.1.\n")
        login = {"user": told["User"], "password": told["Password"]}
        with Server(told["Discovery"], **login) as server:
            (collection,) = server.default.collections
            assert f"{collection.url}" == told["Collection"]
            assert (collection.can_read, collection.can_write) == (True, False)
        with Collection(told["Collection"], **login) as found:
            served = found.get_objects()["objects"]
            assert sorted(each["id"] for each in served) == sorted(ids)
        line = re.findall(r"^  curl (.+)$", told["all"], re.MULTILINE)[0]
        assert shlex.split(line)[1] == f"{told['User']}:{told['Password']}"
        assert shlex.split(line)[2] == f"{told['Collection']}objects/?limit=1"


@pytest.mark.slow
def test_a_folder_keeps_the_collection_and_a_flaw_spoils_nothing(tmp_path: Path) -> None:
    from taxii2client.v21 import Collection

    value = orjson.loads(FILE.read_bytes())
    good, bad = value["objects"][1], {**value["objects"][0], "pattern": ""}
    packed = tmp_path / "some.json.gz"
    packed.write_bytes(gzip.compress(orjson.dumps({"objects": [good, bad]})))
    words = ("serve-stix", str(packed), "--dir", str(tmp_path / "kept"), "--listen", "127.0.0.1:0")
    with serving(tmp_path, *words, "--tlp", "green") as first:
        assert first["all"].startswith("1 object served")
        assert f"left out: {bad['id']} some.json.gz: objects[1].pattern: " in first["all"]
    with serving(tmp_path, *words[:1], str(FILE), *words[2:]) as told:
        path = first["Collection"].partition("/taxii2/")[2]
        assert told["Collection"].partition("/taxii2/")[2] == path
        assert told["Password"] != first["Password"]
        login = {"user": told["User"], "password": told["Password"]}
        with Collection(told["Collection"], **login) as found:
            assert len(found.get_objects()["objects"]) == 3
