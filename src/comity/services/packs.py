"""Reading the packs that the program comes with: facts with a source, a date, and who checked them.

Each is read once in a process. What a pack says is this node's own view; no act depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from comity.engines import attack, decay, regimes, warnings
from comity.engines.classes import Classes
from comity.engines.regimes import Regime
from comity.engines.warnings import WarningList
from comity.protocols._vocabulary.rsit import RSIT
from comity.protocols.response.reporting.codes import EVENTS

SPECIAL_ADDRESSES = "special_addresses.yaml"
STIX_VOCABULARIES = "stix_vocabularies.yaml"
RSIT_MAPPING = "rsit_mapping.yaml"
ATTACK = "attack.txt"
HALF_LIVES = "half_lives.yaml"
CLOCKS = "clocks.yaml"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where facts are from: a ``source`` (URL), the ``date`` they were written down here, whether
    a person ``verified`` them there, and ``by`` whom or how.
    """

    source: str
    date: str
    verified: bool
    by: str


def load(name: str) -> Any:  # noqa: ANN401  each pack has a form of its own
    """Return what the YAML of a pack holds."""
    text = resources.files("comity.packs").joinpath(name).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def origin(told: dict[str, Any]) -> Origin:
    """Return where an entry of a pack is from. Raises KeyError when it does not say."""
    return Origin(told["source"], told["date"], told["verified"], told["by"])


@cache
def special_addresses() -> tuple[WarningList, ...]:
    """Return the lists of what is nobody's or everybody's: addresses, names and hashes."""
    return tuple(
        warnings.make(
            told["name"],
            told["compared"],
            told["entries"],
            kinds=frozenset(told["kinds"]),
            notes=told["entries"],
        )
        for told in load(SPECIAL_ADDRESSES)
    )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary of STIX: its ``codes``, its ``uses`` as (type, property), and the English
    ``words`` for codes that have one.
    """

    codes: tuple[str, ...]
    uses: tuple[tuple[str, str], ...]
    words: Mapping[str, str]

    def word(self, code: str) -> str:
        """Return the word for a code; one that has none, or is of no vocabulary, as it stands."""
        return self.words.get(code, code)


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Return the vocabularies of STIX 2.1 by name, as ``industry-sector-ov``."""
    return {
        name: Vocabulary(
            (*told["codes"],), tuple(_use(use) for use in told["uses"]), told.get("words", {})
        )
        for name, told in load(STIX_VOCABULARIES)["vocabularies"].items()
    }


@cache
def vocabulary_of(type_: str, property_: str) -> Vocabulary | None:
    """Return the vocabulary whose codes a property of a type of objects holds, or None."""
    use = (type_, property_)
    return next((each for each in vocabularies().values() if use in each.uses), None)


def _use(told: str) -> tuple[str, str]:
    type_, _, property_ = told.partition(".")
    return type_, property_


@cache
def decay_rules() -> decay.Rules:
    """Return by what it is judged how long indicators are worth acting upon."""
    told = load(HALF_LIVES)
    half_lives = {kind: days * decay.DAY for kind, days in told["half_lives"].items()}
    return decay.Rules(half_lives, told["least"] / 100, told["agree"])


@cache
def techniques() -> attack.Catalogue:
    """Return the tactics and techniques of ATT&CK, by id."""
    text = resources.files("comity.packs").joinpath(ATTACK).read_text(encoding="utf-8")
    return attack.read(text)


@cache
def classes() -> Classes:
    """Return the table by which objects of STIX are counted in classes and sectors."""
    told = load(RSIT_MAPPING)
    tables = {each: told[each] for each in ("labels", "techniques", "phases", "objects", "sectors")}
    return Classes(
        known=frozenset(RSIT),
        types=told["types"],
        sector_codes=frozenset(vocabularies()["industry-sector-ov"].codes),
        **tables,
    )


@cache
def clocks() -> tuple[Regime, ...]:
    """Return the regimes by which incidents are reported, in the order of the pack."""
    return regimes.read(load(CLOCKS), EVENTS)
