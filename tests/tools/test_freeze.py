"""Version 1 of the format is frozen: nothing that is listed changes, and nothing goes unlisted."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.kernel import blob, kinds
from tools import examples, freeze


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the list, which the tool reads and writes instead."""
    copy = tmp_path / "frozen.txt"
    copy.write_bytes(freeze.LIST.read_bytes())
    monkeypatch.setattr(freeze, "LIST", copy)
    return copy


def test_the_format_is_as_it_was_frozen(capsys: pytest.CaptureFixture[str]) -> None:
    assert freeze.main(["--check"]) == 0, capsys.readouterr().out
    assert freeze.listed().keys() == freeze.now().keys()
    assert {f"{freeze.EXAMPLES}/{path.name}" for path in examples.FOLDER.iterdir()} < {
        *freeze.listed()
    }


def test_another_domain_string_or_code_is_named_and_the_list_stays(
    apart: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = apart.read_bytes()
    monkeypatch.setattr(blob, "_AAD", b"comity/blob/v2")
    monkeypatch.setattr(kinds, "REASONS", kinds.REASONS | {"whim"})
    monkeypatch.delattr(kinds, "MAX_DOCS")
    monkeypatch.setitem(freeze.VALUES, "kernel.kinds", "REASONS")
    assert freeze.main([]) == freeze.main(["--check"]) == 1
    told = capsys.readouterr().out
    for name in ("kernel.blob._AAD", "kernel.kinds.REASONS", "kernel.kinds.MAX_DOCS"):
        assert told.count(f"{name} is frozen") == 2
    assert apart.read_bytes() == before


def test_what_is_new_is_added_behind_what_is_there(apart: Path) -> None:
    lines = apart.read_text(encoding="utf-8").splitlines(keepends=True)
    apart.write_text("".join(lines[:-1]), encoding="utf-8")
    assert freeze.main(["--check"]) == 1
    assert freeze.main([]) == freeze.main(["--check"]) == 0
    assert apart.read_text(encoding="utf-8") == "".join(lines)
    apart.unlink()
    assert freeze.main([]) == 0
    assert apart.read_text(encoding="utf-8") == "".join(lines)


def test_a_frozen_example_is_not_written_anew(
    apart: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert freeze.main(["--check"]) == 0
    made = examples.files()
    monkeypatch.setattr(examples, "files", lambda: made | {"act.json": b"{}", "new.json": b"{}"})
    monkeypatch.setattr(examples, "FOLDER", tmp_path / "examples")
    monkeypatch.setattr("sys.argv", ["examples"])
    assert examples.main() == 1
    assert "act.json is frozen" in capsys.readouterr().out
    assert not examples.FOLDER.exists()
    apart.unlink()
    assert freeze.broken_files({"act.json": b"{}"}) == []
