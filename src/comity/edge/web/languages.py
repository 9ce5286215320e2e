"""The languages of the pages, and which of their catalogues a speaker has reviewed."""

from __future__ import annotations

REVIEWED: dict[str, str] = {"en": "written in it"}
"""By language, who reviewed the catalogue and when. A language that is not here says so on every
page: nobody should take a machine's word for a diplomat's."""


def is_reviewed(language: str) -> bool:
    """Say whether somebody who speaks a language has reviewed its catalogue."""
    return language in REVIEWED
