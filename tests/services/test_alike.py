"""Names that look alike are told apart wherever parties are named."""

from __future__ import annotations

import pytest

from comity.kernel.ids import fingerprint
from comity.services.casework import readers
from comity.services.identity import roster
from comity.services.identity.alike import looks
from tests.nodes import Nodes, introduce, open_tally


@pytest.mark.parametrize(
    "name",
    [
        "tolmere",
        "TOLMERE",
        "T\u043elmere",  # A Cyrillic letter in place of the first vowel.
        "\u03a4\u039f\u039bMERE".replace("\u039b", "L"),  # Greek capitals.
        "T0lmere",
        "Toimere",
        "To1mere",
        "To|mere",
        "Tolrnere",
        "Tol\u200bmere",  # Nothing that is seen.
        "Tol\u2060mere",
        "T\u00f6lmere",
        "\uff34olmere",  # As wide as letters of Chinese.
        "Tol mere",
        "Tol-mere.",
        "Tolmere (12345 67890)",  # As if it was told apart here.
        "Tolmere (12345 67890) (\u0661\u0662) ",
        "Tolmere (12345 67890)\u200b",
        "Tolmere\u3164",  # A letter that fills a place.
        "T\u1d0flmere",  # A small capital.
        "Tolmere [12345 67890]",
        "Tolmere \u3010\uff11\uff12\u3011",
        "To\u0142mere",  # A letter with a stroke, which is no sign put on it.
        "T\u00f8lmere",
    ],
)
def test_names_that_look_alike_give_the_same(name: str) -> None:
    assert looks(name) == looks("Tolmere")


def test_names_that_differ_stay_apart_in_every_script() -> None:
    names = [
        "Tolmere",
        "Tolmere North",
        "Orvanda",
        "\u5916\u4ea4\u90e8",
        "\u5185\u653f\u90e8",
        "\u062e\u0627\u0631\u062c\u064a\u0629",
        "--",
        "..",
        "",
    ]
    assert len({looks(name) for name in names}) == len(names)


def test_a_party_that_calls_itself_as_another_is_told_apart_everywhere(nodes: Nodes) -> None:
    orvanda, tolmere = nodes.make("orvanda"), nodes.make("tolmere")
    other, own = nodes.make("t\u043elmere"), nodes.make("0rvanda")
    introduce(orvanda, tolmere)
    assert roster.names(orvanda)[tolmere.me] == "tolmere"
    introduce(orvanda, other, own, accredited=False)
    expected = {
        orvanda.me: "orvanda",  # Nobody changes what this party is called here.
        own.me: f"0rvanda ({fingerprint(own.me)[:11]})",
        tolmere.me: f"tolmere ({fingerprint(tolmere.me)[:11]})",
        other.me: f"t\u043elmere ({fingerprint(other.me)[:11]})",
    }
    assert roster.names(orvanda) == expected
    assert {each.id: each.name for each in roster.everyone(orvanda)} == expected
    assert {each: roster.known(orvanda, each).name for each in expected} == expected
    dossier = open_tally(orvanda, tolmere, other)
    told = readers.of_dossier(orvanda, dossier)
    assert {each.name for each in told} == {expected[tolmere.me], expected[other.me]}
