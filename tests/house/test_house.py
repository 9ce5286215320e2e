"""The house keeps its own rules, and each rule would notice if it did not."""

from pathlib import Path

import pytest

from tests.house import rules

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "comity"

# For every check: a file that breaks its rule, and what breaks it.
PLANTED: list[tuple[rules.Check, str, str]] = [
    (rules.kernel_imports_only_what_it_may, "kernel/a.py", "def f():\n    import zoneinfo"),
    (rules.kernel_imports_only_what_it_may, "kernel/a.py", "from comity.store import append"),
    (
        rules.protocols_import_only_kernel_and_themselves,
        "protocols/norms/b/rules.py",
        "from comity.protocols.norms.a import acts",
    ),
    (
        rules.protocols_import_only_kernel_and_themselves,
        "protocols/norms/b/rules.py",
        "import django.forms",
    ),
    (
        rules.pure_layers_read_no_clock_and_draw_no_chance,
        "engines/clocks.py",
        "import datetime\ndatetime.datetime.now(tz=datetime.UTC)",
    ),
    (
        rules.pure_layers_read_no_clock_and_draw_no_chance,
        "kernel/keys.py",
        "from nacl.signing import SigningKey\nSigningKey.generate()",
    ),
    (
        rules.hpke_is_used_in_one_place,
        "kernel/keys.py",
        "from cryptography.hazmat.primitives import hpke",
    ),
    (
        rules.models_are_known_in_the_store_alone,
        "services/say.py",
        "from comity.store.models import Statement",
    ),
    (rules.models_are_known_in_the_store_alone, "edge/web/a.py", "from comity.store import models"),
    (rules.sql_is_written_in_the_store_alone, "services/a.py", "connection.cursor()"),
    (rules.sql_is_written_in_the_store_alone, "edge/cli/a.py", "import sqlite3"),
    (rules.sql_is_written_in_the_store_alone, "edge/web/a.py", "f'SELECT * FROM store_act {x}'"),
    (rules.append_is_the_only_writer, "store/access.py", "Act.objects.create(n=1)"),
    (rules.append_is_the_only_writer, "store/access.py", "Act.objects.filter(n=1).update(n=2)"),
    (rules.append_is_the_only_writer, "store/a.py", "run('INSERT INTO store_act VALUES (1)')"),
    (rules.what_is_logged_never_changes, "store/append.py", "run('UPDATE store_leaf SET seq = 1')"),
    (rules.what_is_logged_never_changes, "store/append.py", "Leaf.objects.filter(seq=1).delete()"),
    (rules.ledger_names_real_models, "store/models.py", "class Renamed:\n    pass"),
    (rules.tables_hide_formulas, "edge/cli/a.py", "import csv\ncsv.writer(out).writerow(row)"),
    (rules.no_xml_is_read, "bridges/a.py", "from xml.etree import ElementTree"),
    (rules.no_xml_is_read, "bridges/docx.py", "import docx\ndocx.Document(path)"),
    (rules.files_can_be_read_in_one_sitting, "services/a.py", "x = 1\n" * 501),
]


@pytest.mark.parametrize("check", rules.CHECKS, ids=lambda check: check.__name__)
def test_the_house_keeps_its_rules(check: rules.Check) -> None:
    assert list(check(PACKAGE)) == []


@pytest.mark.parametrize(
    ("check", "file", "text"),
    PLANTED,
    ids=[f"{check.__name__}-{file}" for check, file, _ in PLANTED],
)
def test_a_planted_violation_is_noticed(
    check: rules.Check, file: str, text: str, tmp_path: Path
) -> None:
    plant(tmp_path, file, text)
    assert list(check(tmp_path)), f"{check.__name__} does not notice:\n{text}"


def test_a_second_http_client_is_noticed(tmp_path: Path) -> None:
    plant(tmp_path, "services/delivery/outbound.py", "import urllib3")
    assert not list(rules.outgoing_http_has_one_client(tmp_path))
    plant(tmp_path, "edge/cli/main.py", "from urllib.request import urlopen")
    assert list(rules.outgoing_http_has_one_client(tmp_path))


def test_every_check_has_a_planted_violation() -> None:
    noticed = {check for check, _, _ in PLANTED} | {rules.outgoing_http_has_one_client}
    assert noticed == set(rules.CHECKS)


def test_what_is_allowed_is_not_refused(tmp_path: Path) -> None:
    plant(tmp_path, "kernel/seal.py", "from cryptography.hazmat.primitives import hpke")
    plant(tmp_path, "kernel/protocol.py", "import pkgutil")
    plant(tmp_path, "protocols/_template/rules.py", "from comity.protocols._template import acts")
    plant(tmp_path, "protocols/norms/a/rules.py", "from comity.protocols.norms.a import acts")
    plant(tmp_path, "protocols/norms/a/acts.py", "from comity.protocols._vocabulary import rsit")
    plant(tmp_path, "protocols/norms/a/ui/forms.py", "from django import forms")
    plant(tmp_path, "store/append.py", "Statement.objects.create(seq=1)")
    plant(tmp_path, "store/access.py", "run('SELECT * FROM store_act'); Act.objects.get(n=1)")
    plant(tmp_path, "store/models.py", "\n".join(f"class {name}: ..." for name in rules.LEDGER))
    for check in rules.CHECKS:
        assert list(check(tmp_path)) == []


def plant(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
