"""What an incident as it stands consists of: values in the language of who reads, times in ms.

``incidents`` fills them from what was said; pages, commands and the API show them.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.services.response.linked import LinkTold


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact: the name of its field, what that is called, and its value in words."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What a scheme says of one description: the code and words of the level, "" for none. One that
    is not ``exact`` is the least; ``reasons`` are the facts that led to it, ``missing`` those that
    may raise it, in words; ``unasked`` is what the scheme weighs that nobody is asked for. ``own``
    is a scheme of this party; ``verified`` says whether somebody has compared it with its
    ``source``, ``by`` whom or how, and ``date`` when it was written down.
    """

    scheme: str
    title: str
    level: str
    words: str
    exact: bool
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    unasked: tuple[str, ...]
    own: bool
    verified: bool
    source: str
    date: str
    by: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a party says it knows, in an act at a time (ms); ``words`` is what it adds."""

    act: str
    party: str
    name: str
    time: int
    facts: tuple[KnownFact, ...]
    ratings: tuple[Rating, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened ``at`` an instant (ms), with how exactly that is known, "" where
    nobody said; who put it into the timeline, and the words, "" where they are not here.
    """

    act: str
    name: str
    at: int
    precision: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Helper:
    """A party that was asked: the newest words on it, with ``when`` it will be done (ms); when it
    first said ``whether``, and first ``helped``; ``late`` where that was, or is by now, after the
    time set; ``more`` of what it delivered is still to come.
    """

    party: str
    name: str
    answers: tuple[str, ...]
    when: int | None
    whether: int | None
    helped: int | None
    late: bool
    more: bool


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """A request: who asked for what, by when it is needed, by when each says whether; what the
    asker says came of it, and each asked party.
    """

    act: str
    party: str
    name: str
    verb: str
    due: int | None
    whether_by: int
    result: str
    helpers: tuple[Helper, ...]


@dataclass(frozen=True, slots=True)
class HelpOffered:
    """An offer to a ``party``, called ``to``, and what became of it: ``stands`` a code, ``words``
    for it.
    """

    act: str
    name: str
    party: str
    to: str
    verbs: str
    until: int | None
    stands: str
    words: str
    delivered: bool
    result: str


@dataclass(frozen=True, slots=True)
class TaskTaken:
    """A task of a party: its title, how far it is, and by when it is to be done (ms)."""

    act: str
    name: str
    title: str
    state: str
    due: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class Intention:
    """What a party is about to do on targets (in words, "" where they are not here), from when
    until when (ms), and the names of those who are about to act on one of them meanwhile.
    """

    act: str
    name: str
    verb: str
    targets: str
    begins: int
    ends: int
    meets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicBegun:
    """A topic: who began it, its title, and the acts that belong to it."""

    act: str
    name: str
    title: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands. ``wrong`` says what is wrong with this party's own schemes, "" for
    nothing; ``left`` how many older entries of its lists are left out.
    """

    descriptions: tuple[Description, ...]
    timeline: tuple[Happening, ...]
    asked: tuple[HelpAsked, ...]
    offered: tuple[HelpOffered, ...]
    intentions: tuple[Intention, ...]
    tasks: tuple[TaskTaken, ...]
    topics: tuple[TopicBegun, ...]
    links: tuple[LinkTold, ...]
    wrong: str
    left: int
