"""One sheet about an incident for who heads this party: what happened, who was told when, what this
party owes by when, what it asked, and what is unknown. All of it stands in the incident, but for
the clocks of this party's reporting files about it, unless these are marked more strictly.

It is made of blocks, so that a page and a document of a word processor say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from comity.bridges import docx
from comity.bridges.docx import HEADING, LINES, ROWS, TEXT, Block
from comity.kernel.errors import Phrase
from comity.kernel.label import TLP, Egress, require_way_out
from comity.protocols.response.incident import PROTOCOL
from comity.protocols.response.incident.describing import Describe
from comity.services.casework import marking, tongues
from comity.services.response import clocks, incidents
from comity.store.access import acts as access
from comity.store.access import outbox

if TYPE_CHECKING:
    from comity.services.casework.desk import Desk
    from comity.services.casework.telling import Tongue
    from comity.services.response.clocks import ClockLine
    from comity.services.response.incidentview import Description, HelpAsked, Incident, Rating
    from comity.store.access.acts import DossierRow

T = TypeVar("T")

FEW, PARTIES, MEMBERS = 5, 3, 8
"""Of each list so many stand on the sheet, of what parties know, and of members, so that it has
room on one page.
"""
SHORT = 250
"""Characters of what a party wrote that stand on the sheet."""
HAPPENED, INFORMED, OWED, ASKED, UNKNOWN = HEADINGS = (
    "What happened",
    "Who was told, and when",
    "What we owe, and by when",
    "What we asked",
    "What is unknown",
)
NOTHING_KNOWN = "No party has said yet what it knows."
NOTHING_OWED, NOTHING_ASKED = "We owe nothing that may be seen here.", "We asked for nothing."
STRICTER = "What is marked more strictly than this sheet stands among the clocks."
NOBODY, NOT_YET, NO_WORD = "Nobody else takes part.", "not received yet", "no word yet"
ELSEWHERE = "not known here"
LATE, NO_TIME = "late", "no time set"
MORE = "{count} more in the dossier."
NOBODY_TOLD, SILENT = "Nobody has told: {fields}.", "Asked, and no word yet: {names}."
ALL_TOLD = "Nothing that is asked for."
GRAVE, AT_LEAST = "How grave", "at least {level}"
NOT_VERIFIED = "not verified"
WORDS = (
    *HEADINGS,
    *(NOTHING_KNOWN, NOTHING_OWED, NOTHING_ASKED, NOBODY, NOT_YET, NO_WORD, ELSEWHERE, LATE),
    *(NO_TIME, MORE, NOBODY_TOLD, SILENT, ALL_TOLD, GRAVE, AT_LEAST),
    *(NOT_VERIFIED, STRICTER),
)
"""What the sheet says in words of its own, for translation."""


class Owed(NamedTuple):
    """What this party owes, in words, and by when (ms), None without a time; by a rule that is not
    ``sure`` it may be otherwise.
    """

    words: str
    due: int | None
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet: its ``row``; title, status and when it was ``made`` in words; its ``blocks``."""

    row: DossierRow
    title: str
    status: str
    made: str
    blocks: tuple[Block, ...]


def make(desk: Desk, dossier_id: str) -> Sheet:
    """Return the sheet of an incident in the language of who reads. Raises Refusal S3, and L2
    for what is TLP:RED.
    """
    row = desk.dossier_of(PROTOCOL, dossier_id)
    require_way_out(TLP(row.ceiling), Egress.FILE, dossier_id)
    told = desk.told(row)
    writer = _Writer(desk, row, incidents.read(desk, dossier_id))
    return Sheet(
        row=row,
        title=told.title(row),
        status=told.status(row),
        made=writer.time(desk.node.now()),
        blocks=tuple(writer.blocks()),
    )


def document(desk: Desk, sheet: Sheet) -> bytes:
    """Return the sheet as a document of a word processor, marked as its incident."""
    return docx.write(
        sheet.title,
        marking.of(sheet.row, desk.tongue.say),
        f"{desk.node.settings.name} · {sheet.status} · {sheet.made}",
        sheet.blocks,
        from_right=tongues.is_from_right(desk.tongue.tag),
    )


class _Writer:
    """Writes one sheet for one person."""

    def __init__(self, desk: Desk, row: DossierRow, found: Incident) -> None:
        self._desk, self._row, self._found = desk, row, found
        self._tongue: Tongue = desk.tongue
        self._mine = [each for each in found.asked if each.party == desk.node.me]
        own = clocks.board(desk, mine=True).clocks
        self._clocks = [each for each in own if each.incident == row.id]

    def blocks(self) -> Iterator[Block]:
        """Yield what stands on it."""
        yield self._heading(HAPPENED)
        yield from self._happened()
        yield self._heading(INFORMED)
        yield from self._rows(self._informed(), self._told, MEMBERS, NOBODY)
        yield self._heading(OWED)
        yield from self._owe()
        yield self._heading(ASKED)
        yield from self._rows(self._mine, self._asked, FEW, NOTHING_ASKED)
        yield self._heading(UNKNOWN)
        yield from self._unknown()

    def _say(self, text: str, **values: object) -> str:
        return Phrase(text, **values).said(self._tongue.say)

    def _heading(self, text: str) -> Block:
        return Block(HEADING, self._say(text))

    def time(self, time: int) -> str:
        """Return an instant (ms) in words."""
        return self._tongue.when(time)

    def _rows(
        self, found: Sequence[T], row: Callable[[T], tuple[str, str]], most: int, none: str
    ) -> Iterator[Block]:
        if not found:
            yield Block(TEXT, self._say(none))
            return
        yield Block(ROWS, rows=tuple(map(row, found[:most])))
        yield from self._more(len(found) - most)

    def _more(self, count: int) -> Iterator[Block]:
        if count > 0:
            yield Block(TEXT, self._say(MORE, count=count))

    def _happened(self) -> Iterator[Block]:
        described, events = self._found.descriptions, self._found.timeline
        if not described and not events:
            yield Block(TEXT, self._say(NOTHING_KNOWN))
        if described:
            yield Block(ROWS, rows=tuple(map(self._known, described[:PARTIES])))
        yield from self._more(len(described) - PARTIES)
        lines = tuple(f"{self.time(each.at)}: {each.what} ({each.name})" for each in events[-FEW:])
        if lines:
            yield Block(LINES, rows=tuple((line, "") for line in lines))
        yield from self._more(len(events) - FEW)

    def _known(self, each: Description) -> tuple[str, str]:
        text = each.words if len(each.words) <= SHORT else f"{each.words[:SHORT].rstrip()} …"
        facts = "; ".join(f"{fact.label}: {fact.value}" for fact in each.facts)
        levels = "; ".join(
            f"{rating.title}: {self._level(rating)}" for rating in each.ratings if rating.level
        )
        grave = f"{self._say(GRAVE)} – {levels}" if levels else ""
        return each.name, "\n".join(filter(None, (text, facts, grave)))

    def _level(self, rating: Rating) -> str:
        level = rating.words if rating.exact else self._say(AT_LEAST, level=rating.words)
        return level if rating.verified else f"{level} ({self._say(NOT_VERIFIED)})"

    def _informed(self) -> list[tuple[str, int | None, bool]]:
        """Return members with when they had received the opening, and whether that can be known: of
        an own one of all, of another's of oneself.
        """
        desk, row = self._desk, self._row
        own = row.opened_by == desk.node.me
        if own:
            ways = outbox.deliveries(desk.node.db, row.id)
            came = {way.recipient: way.received_at for way in ways}
        else:
            opening = access.act(desk.node.db, row.id)
            came = {desk.node.me: None if opening is None else opening.received_at}
        found = [
            (desk.name(party), came.get(party), own or party == desk.node.me)
            for party, _ in access.members(desk.node.db, row.id)
            if party != row.opened_by
        ]
        return sorted(found, key=lambda each: (each[1] is None, each[1] or 0, each[0]))

    def _told(self, each: tuple[str, int | None, bool]) -> tuple[str, str]:
        name, at, is_known = each
        if at is not None:
            return name, self.time(at)
        return name, self._say(NOT_YET if is_known else ELSEWHERE)

    def _owe(self) -> Iterator[Block]:
        """Yield what this party owes here, and by law; nothing of a file under a stricter label."""
        shown = [each for each in self._clocks if TLP(each.tlp) <= TLP(self._row.ceiling)]
        is_more = len(shown) < len(self._clocks)
        owed = self._owed(shown)
        if owed or not is_more:
            yield from self._rows(owed, self._due, FEW, NOTHING_OWED)
        if is_more:
            yield Block(TEXT, self._say(STRICTER))

    def _owed(self, running: Iterable[ClockLine]) -> list[Owed]:
        told = self._desk.told(self._row)
        duties = access.duties(self._desk.node.db, self._desk.node.me, dossier_id=self._row.id)
        owed = [Owed(told.duty(duty), duty.due) for duty in duties]
        owed += [Owed(f"{c.regime_name}: {c.stage_name}", c.due, c.sure) for c in running]
        return sorted(owed, key=lambda each: (each.due is None, each.due or 0))

    def _due(self, each: Owed) -> tuple[str, str]:
        words = each.words if each.sure else f"{each.words} ({self._say(NOT_VERIFIED)})"
        if each.due is None:
            return words, self._say(NO_TIME)
        return words, self._marked(self.time(each.due), late=each.due < self._desk.node.now())

    def _marked(self, text: str, *, late: bool) -> str:
        return f"{text} ({self._say(LATE)})" if late else text

    def _asked(self, each: HelpAsked) -> tuple[str, str]:
        replies = (
            f"{helper.name}: "
            + self._marked(" / ".join(helper.answers) or self._say(NO_WORD), late=helper.late)
            for helper in each.helpers
        )
        due = "" if each.due is None else f", {self.time(each.due)}"
        return f"{each.verb}{due}", each.result or "; ".join(replies)

    def _unknown(self) -> Iterator[Block]:
        told = {fact.name for each in self._found.descriptions for fact in each.facts}
        fields = [
            self._tongue.say(field.label)
            for field in Describe.KIND.body
            if field.name not in told and not field.name.endswith("_precision")
        ]
        if fields:
            yield Block(TEXT, self._say(NOBODY_TOLD, fields=", ".join(fields)))
        if silent := sorted({name for each in self._mine for name in _silent(each)}):
            yield Block(TEXT, self._say(SILENT, names=", ".join(silent)))
        if not fields and not silent:
            yield Block(TEXT, self._say(ALL_TOLD))


def _silent(each: HelpAsked) -> Iterable[str]:
    if each.result:
        return ()
    return (helper.name for helper in each.helpers if not helper.answers and not helper.helped)
