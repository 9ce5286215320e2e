"""Targets that a person names become hashes: the same for everybody, however they are written."""

from __future__ import annotations

import hashlib

import pytest

from comity.protocols.response.incident.assistance import Ask
from comity.protocols.response.incident.deconfliction import Intend
from comity.services.casework import forms, targets
from comity.services.casework.forms import FormErrors

GIVEN = {"verb": "block-host", "from": "2030-05-03T02:40Z", "until": "2030-05-03T04:40Z"}


def named(text: str) -> forms.Filled:
    return forms.parse(Intend.KIND, {**GIVEN, "observables": text})


def test_a_target_is_hashed_as_the_protocol_says() -> None:
    spelled = hashlib.sha256(b"ip:198.51.100.7/32").hexdigest()
    assert targets.hashes("198.51.100.7") == [spelled]
    filled = named("198.51.100.7")
    assert filled.body["targets"] == [spelled]
    assert filled.content["observables"] == "198.51.100.7"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("198.51.100.7", "198[.]51.100.7/32"),
        ("Panel.example.", "panel[.]example"),
        ("2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
        ("198.51.100.7\npanel.example", "panel.example, 198.51.100.7, panel.example"),
    ],
)
def test_two_who_name_the_same_find_each_other(one: str, other: str) -> None:
    assert targets.hashes(one) == targets.hashes(other)


def test_what_is_no_target_is_an_error_of_the_words_and_not_of_a_hash() -> None:
    with pytest.raises(FormErrors) as caught:
        named("198.51.100.7\nthe usual host")
    assert [*caught.value.errors] == ["observables"]
    assert "'the usual host' is no address" in caught.value.errors["observables"]
    with pytest.raises(FormErrors) as caught:
        forms.parse(Intend.KIND, GIVEN)
    assert [*caught.value.errors] == ["observables"]


def test_more_targets_than_an_intention_has_are_refused() -> None:
    many = "\n".join(f"198.51.100.{n}" for n in range(33))
    with pytest.raises(FormErrors) as caught:
        named(many)
    assert "1 to 32 items" in caught.value.errors["observables"]


def test_nobody_is_asked_for_a_hash() -> None:
    assert "targets" not in {field.name for field in forms.form(Intend.KIND).fields}
    assert targets.field_of(Ask.KIND) is None
