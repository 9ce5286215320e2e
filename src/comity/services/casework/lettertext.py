"""What the letter to a guest says, in two languages: on a printed page, and as mail.

The words of the act stand on the page, which a person hands over. By mail they go only when anybody
may see them: mail can be read on its way, and the link shows them as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext

from comity.engines.instants import moment
from comity.kernel import kinds
from comity.kernel.act import CHARTER
from comity.kernel.errors import Refusal
from comity.kernel.ids import PartyId
from comity.kernel.label import TLP
from comity.services.casework import content, dossiers, telling, tongues, view
from comity.services.casework.kernelkinds import MAIL
from comity.services.casework.marking import FOOTINGS
from comity.services.casework.telling import ISOLATE, UNTIL, Tongue, isolated
from comity.services.casework.words import PLACEHOLDER, when
from comity.services.identity import roster
from comity.store.access import acts as access

if TYPE_CHECKING:
    from comity.services.casework.letters import Letter
    from comity.services.casework.telling import Telling
    from comity.services.casework.view import ActView
    from comity.services.node import Node

LABELS = {
    TLP.CLEAR: "You may pass it on to anybody.",
    TLP.GREEN: "You may pass it on within your community, and not in public.",
    TLP.AMBER: "You may pass it on within your organisation and to those it serves, where needed.",
}
"""What a label lets a guest do; stricter ones never reach one."""
SUBJECT = "A message from {party} for you"
GREETING = "To {name}: {party} sends you a message, and asks you to read it."
MARKED = "Label: {label}. {meaning}"
READ_AS = "Footing: {footing}"
OPENING = "Open this address to read it, to say that you have, and to answer:"
ONCE = (
    "The address works until {until}. It takes one acknowledgement and one answer. Opening it "
    "tells nobody and uses nothing up. You need no account and no program."
)
RECORDED = (
    "{party} records what you answer as said by its guest, by mail to {mail}, and never as signed "
    "by your organisation. Who will be able to read it: {readers}."
)
NAMELESS = "the parties of the dossier"
SURE = "Are you sure who writes? Ask {party} on a number that you know before you answer."
SENTENCES = (
    *LABELS.values(),
    *FOOTINGS.values(),
    SUBJECT,
    GREETING,
    MARKED,
    READ_AS,
    OPENING,
    ONCE,
    RECORDED,
    NAMELESS,
    SURE,
)
"""Every sentence of a letter, for the catalogues."""


class Enclosed(NamedTuple):
    """A file of an act: its name, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation as a guest reads it: the ``mark`` says what it is and who gives it; ``words``,
    ``prose`` and ``lang`` as of ``About``.
    """

    mark: str
    lang: str
    words: tuple[str, ...]
    prose: frozenset[str]


@dataclass(frozen=True, slots=True)
class About:
    """An act as a guest reads it: its ``time`` in ms, the ``caption`` with the protocol's
    ``clause``, the coded ``details`` as (label, value), the ``words`` as they were written, in the
    language ``lang`` if that is known; of them, ``prose`` may have more than one line. Where the
    letter is in another language, ``translated`` gives them in that.
    """

    time: int = 0
    caption: str = ""
    clause: str = ""
    details: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    prose: frozenset[str] = frozenset()
    files: tuple[Enclosed, ...] = ()
    lang: str = ""
    translated: Translated | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """A letter in one language: ``before`` and ``after`` what it tells ``about`` the act.

    ``marks`` are its label and footing, in words; ``rtl`` says that it is written from right to
    left. Names are kept apart from the direction of the sentence around them.
    """

    language: str
    rtl: bool
    subject: str
    marks: tuple[str, str]
    about: About
    before: tuple[str, str]
    after: tuple[str, ...]


def tongue() -> Tongue:
    """Return the language that is active, as the words of dossiers are told in it."""
    return Tongue(gettext, _day, translation.get_language() or "en")


def _day(time: int) -> str:
    return date_format(moment(time), "DATE_FORMAT")


def side(node: Node, letter: Letter, language: str, *, by_mail: bool = False) -> Side:
    """Return a letter in one language; ``by_mail`` tells of the act what its label lets anybody
    know.
    """
    with translation.override(language):
        is_told = not by_mail or letter.tlp is TLP.CLEAR
        shown = about(node, letter.act, letter.made) if is_told else About()
        names = letter.named(TLP.CLEAR if by_mail else TLP.AMBER)
        return _side(letter, language, shown, ", ".join(names))


def about(node: Node, act: str, until: int = 0) -> About:
    """Return an act as a guest reads it, in the active language, with what this party had given of
    translations ``until`` then (ms). Raises Refusal S3 or S8.
    """
    row = access.act(node.db, act)
    head = None if row is None else access.dossier(node.db, row.dossier)
    if row is None or head is None:
        raise Refusal("S3", "There is no such message here.", act)
    names = {PartyId(id_): name for id_, name in roster.names(node).items()}
    told = telling.of(node, head, names=names, tongue=tongue())
    stored = dossiers.stored_act(node, row)
    said, clause = (
        kinds.said(stored.header),
        "" if told.words is None else told.words.protocol.clause,
    )
    terms = said.body.get("terms") if said.kind == CHARTER else None
    listed = content.read_manifest(node, stored.id, stored.header.content)
    fields = {} if listed is None else listed.fields
    prose = told.prose(said.kind)
    return About(
        time=row.time,
        caption=told.line(stored.id, stored.header),
        clause=gettext(clause) if clause else "",
        details=tuple(told.details(said.kind, terms if isinstance(terms, dict) else said.body)),
        words=tuple(str(text) for name, text in fields.items() if name != MAIL.name),
        prose=frozenset(str(text) for name, text in fields.items() if name in prose),
        files=() if listed is None else tuple(Enclosed(f.name, f.size) for f in listed.files),
        lang="" if listed is None else listed.lang,
        translated=_translated(node, told, view.act(node, act, told), until),
    )


def _translated(node: Node, told: Telling, act: ActView, until: int) -> Translated | None:
    """Return the translation into the language of the letter that this party let go with it: what
    others give, or is given later, nobody here has read for a guest. No label, footing or audience
    of its own is told in a letter.
    """
    found = next(
        (
            each
            for each in act.translations
            if each.party == node.me and each.time <= until and each.is_as_far(act)
            if each.fields and tongues.reads(told.tongue.tag, each.lang)
        ),
        None,
    )
    if found is None or not act.lang or tongues.reads(told.tongue.tag, act.lang):
        return None
    fields = {name: str(text) for name, text in found.fields.items()}
    prose = told.prose(act.kind)
    return Translated(
        found.mark,
        found.lang,
        tuple(fields.values()),
        frozenset(text for name, text in fields.items() if name in prose),
    )


def _side(letter: Letter, language: str, shown: About, names: str) -> Side:
    who = {"party": letter.party, "name": letter.name, "mail": letter.mail}
    tlp = letter.tlp
    until = when(letter.expires, gettext, _day)
    return Side(
        language=language,
        rtl=bool(get_language_info(language)["bidi"]),
        subject=_fill(SUBJECT, **who),
        marks=(
            _fill(MARKED, label=tlp.written, meaning=gettext(LABELS[tlp])),
            _fill(READ_AS, footing=gettext(FOOTINGS[letter.footing])),
        ),
        about=shown,
        before=(_fill(GREETING, **who), _fill(OPENING)),
        after=(
            _fill(ONCE, until=until),
            _fill(RECORDED, readers=names or gettext(NAMELESS), **who),
            _fill(SURE, **who),
        ),
    )


def _fill(sentence: str, **values: str) -> str:
    """Return a sentence in the active language, with values kept apart from its direction."""
    return PLACEHOLDER.sub(lambda at: isolated(values[at[1]]), gettext(sentence))


class Mail(NamedTuple):
    """A letter as mail: its subject and its text."""

    subject: str
    text: str


def letter_text(node: Node, letter: Letter, link: str) -> Mail:
    """Return a letter as mail, in both of its languages, with the address ``link`` in it.

    Of the act it tells what anybody may know, and so its words only when their label is CLEAR.
    """
    sides = [side(node, letter, language, by_mail=True) for language in letter.languages]
    subject = " / ".join(dict.fromkeys(_plain(each.subject) for each in sides))
    return Mail(subject, "\n\n* * *\n\n".join(_text(each, link) for each in sides) + "\n")


def letter_page(node: Node, letter: Letter, link: str) -> str:
    """Return the printed letter as plain text, whole, in both of its languages."""
    sides = [side(node, letter, language) for language in letter.languages]
    return "\n\n* * *\n\n".join(_text(each, link) for each in sides) + "\n"


def _text(side: Side, link: str) -> str:
    shown = side.about
    told = [shown.caption, shown.clause, *(f"{label}: {value}" for label, value in shown.details)]
    blocks = [side.before[0], "\n".join(side.marks), "\n".join(filter(None, told)), *shown.words]
    if shown.translated is not None:
        blocks += [shown.translated.mark, *shown.translated.words]
    blocks += ["\n".join(f"[{file.name}]" for file in shown.files)]
    blocks += [side.before[1], link] if link else []
    return "\n\n".join(_plain(block) for block in [*blocks, *side.after] if block)


def _plain(text: str) -> str:
    return text.replace(ISOLATE, "").replace(UNTIL, "")
