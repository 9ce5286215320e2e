"""The languages of the pages, and which of their catalogues a speaker has reviewed."""

from __future__ import annotations

from django.utils.translation import gettext

from comity.kernel.errors import Phrase

REVIEWED: dict[str, str] = {"en": "written in it"}
"""By language, who reviewed the catalogue and when. A language that is not here says so on every
page: nobody should take a machine's word for a diplomat's."""


def said(text: str) -> str:
    """Return a reason or a finding, as services give it, in the language of the page."""
    return Phrase(text).said(gettext)


def is_reviewed(language: str) -> bool:
    """Say whether somebody who speaks a language has reviewed its catalogue."""
    return language in REVIEWED
