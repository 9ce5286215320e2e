"""Every import contract in pyproject.toml catches what it is for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# By contract: files to plant, and the arrow that must be reported for each.
PLANTED = {
    "layers": [
        ("kernel/planted.py", "import comity.services", "comity.kernel"),
        ("kernel/planted.py", "import comity.protocols.trust", "comity.kernel"),
        ("engines/planted.py", "import comity.bridges", "comity.engines"),
        ("packs/planted.py", "import comity.engines", "comity.packs"),
        ("bridges/planted.py", "import comity.store", "comity.bridges"),
        ("protocols/norms/planted.py", "import comity.store", "comity.protocols"),
        ("store/planted.py", "import comity.services", "comity.store"),
        ("services/planted.py", "import comity.edge.web", "comity.services"),
    ],
    "pure": [
        ("kernel/planted.py", "def f():\n    import sqlite3", "sqlite3"),
        ("protocols/norms/planted.py", "import time", "time"),
        ("protocols/norms/a/rules.py", "from django.utils import timezone", "django"),
        ("engines/planted.py", "import random", "random"),
        ("bridges/planted.py", "import pathlib", "pathlib"),
    ],
    "protocols": [
        ("protocols/norms/planted.py", "import comity.protocols.trust", "comity.protocols.norms"),
    ],
    "edges": [
        ("edge/api/planted.py", "import comity.edge.web", "comity.edge.api"),
        ("edge/cli/planted.py", "import comity.edge.wire", "comity.edge.cli"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contract", "file", "text", "reported"),
    [(contract, *planted) for contract, rows in PLANTED.items() for planted in rows],
)
def test_contract_catches(
    contract: str, file: str, text: str, reported: str, tmp_path: Path
) -> None:
    path = skeleton(tmp_path) / file
    for folder in path.relative_to(tmp_path / "src" / "comity").parents:
        made = tmp_path / "src" / "comity" / folder
        made.mkdir(exist_ok=True)
        (made / "__init__.py").touch()
    path.write_text(text, encoding="utf-8")
    code, output = lint(tmp_path, contract)
    assert code == 1, output
    assert reported in output


@pytest.mark.slow
def test_a_folder_without_a_place_is_caught(tmp_path: Path) -> None:
    folder = skeleton(tmp_path) / "helpers"
    folder.mkdir()
    (folder / "__init__.py").touch()
    code, output = lint(tmp_path, "layers")
    assert code == 1, output
    assert "helpers" in output


@pytest.mark.slow
def test_a_protocols_own_pages_may_use_forms(tmp_path: Path) -> None:
    path = skeleton(tmp_path) / "protocols" / "norms" / "a" / "ui" / "forms.py"
    path.parent.mkdir(parents=True)
    (path.parent.parent / "__init__.py").touch()
    (path.parent / "__init__.py").write_text("import django\n", encoding="utf-8")
    path.write_text("from django import forms\n", encoding="utf-8")
    code, output = lint(tmp_path, "pure")
    assert code == 0, output


def skeleton(folder: Path) -> Path:
    """The packages of the house without their contents, and the contracts."""
    package = folder / "src" / "comity"
    for init in (ROOT / "src" / "comity").rglob("__init__.py"):
        copy = package / init.relative_to(ROOT / "src" / "comity")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    return package


def lint(folder: Path, contract: str) -> tuple[int, str]:
    """The exit code of import-linter on the planted tree, and what it says."""
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-logo", "--no-cache", "--contract", contract],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
