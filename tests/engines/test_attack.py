"""The catalogue of ATT&CK: what an id is called, what stands instead, what it is made from."""

from __future__ import annotations

from typing import Any

import pytest

from comity.engines.attack import Catalogue, Entry, read, write
from tools.attack import catalogue

TEXT = """# A comment.
version 18.1
T1059 Interpreter
T1059.001 PowerShell
T1086 PowerShell | revoked T1059.001
T1153 Source | deprecated
TA0002 Execution
"""


@pytest.fixture(scope="module")
def attack() -> Catalogue:
    return read(TEXT)


def test_it_is_written_as_it_was_read(attack: Catalogue) -> None:
    assert [*write(attack)] == TEXT.splitlines()[1:]


@pytest.mark.parametrize(
    ("id_", "entry"),
    [
        ("T1059", Entry("T1059", "Interpreter", "current")),
        ("t1059.001", Entry("T1059.001", "Interpreter: PowerShell", "current")),
        ("T1086", Entry("T1086", "PowerShell", "revoked", ("T1059.001",))),
        ("T1153", Entry("T1153", "Source", "deprecated")),
        ("TA0002", Entry("TA0002", "Execution", "current")),
        ("T9999", Entry("T9999", "", "unknown")),
        ("T1059.999", Entry("T1059.999", "", "unknown")),
        # Groups and software have ids too, and such a list has none of them.
        ("G0001", None),
        ("DET0001", None),
        ("T1059 or so", None),
        ("", None),
    ],
)
def test_an_id_is_found(attack: Catalogue, id_: str, entry: Entry | None) -> None:
    assert attack.find(id_) == entry


def test_a_name_finds_what_is_called_exactly_so_that_which_stands_first(attack: Catalogue) -> None:
    assert [each.id for each in attack.called(" powershell ")] == ["T1059.001", "T1086"]
    assert attack.called("power") == attack.called("") == ()


# What it is made from


def pattern(id_: str, name: str, **more: Any) -> dict[str, Any]:
    references = [
        {"source_name": "capec", "external_id": "CAPEC-1"},
        {"source_name": "mitre-attack", "external_id": id_},
    ]
    return {
        "type": "attack-pattern",
        "id": f"attack-pattern--{name}",
        "name": name,
        "external_references": references,
        **more,
    }


def after(one: str, other: str) -> dict[str, Any]:
    return {
        "type": "relationship",
        "relationship_type": "revoked-by",
        "source_ref": f"attack-pattern--{one}",
        "target_ref": f"attack-pattern--{other}",
    }


def test_what_replaced_a_revoked_one_is_followed_to_what_stands() -> None:
    found = catalogue(
        "1.0",
        [
            pattern("T0001", "a", revoked=True),
            pattern("T0002", "b", revoked=True),
            pattern("T0003.001", "c"),
            pattern("T0004", "d", revoked=True),
            after("a", "b"),
            after("b", "c"),
            {**pattern("S0001", "s"), "type": "tool"},
        ],
    )
    assert [*write(found)] == [
        "version 1.0",
        "T0001 a | revoked T0003.001",
        "T0002 b | revoked T0003.001",
        "T0003.001 c",
        "T0004 d | revoked",
    ]


def test_what_to_use_in_place_of_a_deprecated_one_stands_in_its_first_line() -> None:
    page = "https://attack.mitre.org/techniques"
    told = f"Use [c]({page}/T0003/001), [d]({page}/T0004).\n\nSee [e]({page}/T0005)."
    found = catalogue("1.0", [pattern("T0001", "a", x_mitre_deprecated=True, description=told)])
    assert found.entries["T0001"].instead == ("T0003.001", "T0004")


def test_one_id_stands_for_one_thing() -> None:
    with pytest.raises(ValueError, match="T0001 stands for two things"):
        catalogue("1.0", [pattern("T0001", "a"), pattern("T0001", "b")])
