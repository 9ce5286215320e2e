"""What a person is given to read at the desk: dossiers in lists, files, and what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comity.services.casework.reach import Reach
    from comity.services.casework.view import ActView, DossierView, TranslationView
    from comity.store.access.acts import DossierRow, DutyRow


class Owed(NamedTuple):
    """A duty as it is stored, ``since`` when (ms), and the row of its dossier."""

    duty: DutyRow
    since: int
    row: DossierRow


@dataclass(frozen=True, slots=True)
class Task:
    """Something owed in a dossier.

    ``words`` say what; ``party`` owes it; ``due`` and ``since`` in ms, ``due`` None without a
    date; ``late`` when it is past due by this node's clock, ``silent`` when another party then has
    not replied to this one: that is this node's own view, and no refusal. ``other`` is the party it
    is between and this one, in the time zone ``zone``, "" where nobody here has said which.
    """

    dossier: str
    title: str
    tlp: str
    act: str
    party: str
    words: str
    due: int | None
    since: int
    late: bool
    other: str = ""
    zone: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A dossier in a list: ``status`` and ``noun`` in words; ``mine`` how much this party owes."""

    id: str
    title: str
    noun: str
    status: str
    tlp: str
    opened_by: str
    opened_at: int
    acts: int
    state: str
    mine: int


@dataclass(frozen=True, slots=True)
class Found:
    """Dossiers found; ``before`` is the cursor for those that follow, 0 when none do."""

    lines: tuple[Line, ...]
    before: int


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of act that may be said next, or why not.

    ``hand`` is alone or second, by this person's mandates; "" when no mandate covers it. ``rule``
    and ``reason`` are set when the dossier's own rules would give it no effect now.
    """

    kind: str
    label: str
    help: str
    hand: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another dossier, ``id``, called ``title``, that belongs to this one.

    ``how`` is succeeds, cites or, as a party says in a link, a relation of incidents; ``named``
    whether this one names it, or it this one.
    """

    id: str
    title: str
    how: str
    named: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An act with what else is coded in it, as (label, value), and how far it got with whom.

    Of what a person wrote, ``prose`` are the fields of more than one line and ``labels`` what the
    fields are called; ``translated`` is the translation for who reads it in another language,
    ``others`` those beside it.
    """

    act: ActView
    prose: frozenset[str]
    labels: Mapping[str, str]
    details: list[tuple[str, str]]
    reach: tuple[Reach, ...]
    translated: TranslationView | None
    others: tuple[TranslationView, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A dossier as a person reads it.

    ``view`` is what is held of it, with a part of its timeline; ``acts`` are the acts of that part;
    ``noun`` what it is called, ``clause`` what stands above it; ``tasks`` what is owed; ``steps``
    what may be said next, ``membership`` what may be done about who takes part; ``related`` other
    dossiers; ``may_erase`` and ``may_translate`` whether this person may in it; ``before`` the
    cursor for what was said before this part, 0 when nothing was.
    """

    view: DossierView
    acts: tuple[Told, ...]
    noun: str
    clause: str
    lane: str
    tasks: tuple[Task, ...]
    steps: tuple[Step, ...]
    membership: tuple[Step, ...]
    related: tuple[Related, ...]
    may_erase: bool
    may_translate: bool
    before: int
