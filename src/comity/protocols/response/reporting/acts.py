"""The acts of a reporting file, one frozen type per kind.

Regimes and their stages are named by plain codes, which no rule looks up: what a regime demands is
each node's own view of the law, and changes. Instants are milliseconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.kernel.declare import Coded, coded, declare, reader
from comity.kernel.fieldtypes import Code, Handle, Hex, Instant, Text
from comity.kernel.ids import Id
from comity.kernel.protocol import Field, Files, Refs
from comity.protocols._vocabulary.words import REMARK, TEXT, title
from comity.protocols.response.reporting.codes import BASES, ENDS, EVENTS, EXEMPTIONS, RESULTS


@dataclass(frozen=True, slots=True)
class Spelled(Handle):
    """A name of elsewhere, as of a time zone or state, as a code: in small letters."""

    def from_text(self, text: str) -> str:
        """Return the code of a name in any case: ``europe/paris`` of Europe/Paris."""
        return self.check(text.lower())


ID = Handle(plain=True, most=32)
"""The id of a regime, or of a stage of one."""
TITLE = title()
REFERENCE = Field(
    "reference",
    Text(most=200, lines=False),
    "Reference",
    "The number under which the authority keeps it, if there is one.",
    required=False,
    search=True,
)


@declare(
    "charter",
    label="Open a reporting file",
    caption="{by:party} opened a reporting file",
    help="Keep in one place what you must report of an incident, to whom and by when, and what you "
    "reported.",
    content=(TITLE, REMARK),
)
class Open(Coded):
    """The opening: in which ``zone`` the clocks hang, and the ``place`` whose days of work count;
    ``incident`` is the dossier that it is about, if there is one.
    """

    zone: str = coded(
        Spelled(), "Time zone", "Where the clocks hang, by its IANA name, as europe/paris."
    )
    place: str | None = coded(
        Spelled(),
        "State",
        "Whose holidays count, by its ISO 3166 code, as fr or de-by; or nothing.",
        default=None,
    )
    incident: Id | None = coded(
        Hex("dossier"),
        "Its dossier",
        "The incident's, if there is one. Who is not in it reads nothing of it.",
        default=None,
    )


@declare(
    "aware",
    label="Say what starts a clock",
    caption="{by:party}: {event}, {at}",
    help="Say that you became aware, or what else clocks count from, and when that was. A later "
    "word on the same corrects the earlier, and both are kept.",
    content=(REMARK,),
    timed=True,
)
class Aware(Coded):
    """An ``event`` was ``at`` an instant; for one ``regime`` alone, or for all."""

    event: str = coded(Code(EVENTS), "What happened")
    at: int = coded(Instant(), "When", "With its zone, as in 2026-05-03T02:40Z.")
    regime: str | None = coded(
        ID,
        "For which regime alone",
        "By its name on the page of clocks, as nis2; or nothing, for all.",
        default=None,
    )


@declare(
    "applies",
    label="Say that a regime applies",
    caption="{by:party}: {regime} applies, {basis}",
    help="Say that you are bound, or report as if you were.",
    content=(REMARK,),
)
class Applies(Coded):
    """A regime applies. A later word on the same, of either kind, takes its place."""

    regime: str = coded(ID, "Regime", "By its name on the page of clocks, as nis2.")
    basis: str = coded(Code(BASES), "Why")


@declare(
    "does_not_apply",
    label="Say that a regime does not apply",
    caption="{by:party}: {regime} does not apply, {reason}",
    help="Say that you report nothing under it, and why.",
    content=(REMARK,),
)
class DoesNotApply(Coded):
    """A regime does not apply. A later word on the same, of either kind, takes its place."""

    regime: str = coded(ID, "Regime", "By its name on the page of clocks, as nis2.")
    reason: str = coded(Code(EXEMPTIONS), "Why")


@declare(
    "request",
    label="Ask for a report",
    caption="{by:party} asked for a report",
    help="Ask how things stand, as an authority may.",
    content=(TEXT,),
    timed=True,
)
class Request(Coded):
    """Another member asks for a report ``due`` by an instant, under a ``regime`` if it says so."""

    regime: str | None = coded(ID, "Regime", "By its name, as nis2, or nothing.", default=None)
    due: int | None = coded(
        Instant(), "Report needed by", "With its zone, as in 2026-05-03T18:00Z.", default=None
    )


@declare(
    "reported",
    label="Say what was reported",
    caption="{by:party} reported {stage} of {regime}, {at}",
    help="Say that a report was given, and when, and keep its file here. A later word on the same "
    "corrects the earlier, and both are kept.",
    content=(REFERENCE, REMARK),
    refs=Refs(("request",), "What it answers", "Requests for a report, if it answers any.", 0),
    timed=True,
    files=Files.MAY,
)
class Reported(Coded):
    """A ``stage`` of a ``regime`` was reported ``at`` an instant."""

    regime: str = coded(ID, "Regime", "By its name on the page of clocks, as nis2.")
    stage: str = coded(ID, "Stage", "By its name on the page of clocks, as early_warning.")
    at: int = coded(Instant(), "When", "With its zone, as in 2026-05-03T02:40Z.")


@declare(
    "feedback",
    label="Answer a report",
    caption="{by:party} answered a report: {result}",
    help="Say that a report was received, and what you think of it.",
    content=(REMARK,),
    refs=Refs(("reported",), "What you answer", most=1),
    timed=True,
    files=Files.MAY,
)
class Feedback(Coded):
    """What another member says to a report."""

    result: str = coded(Code(RESULTS), "Answer")


@declare(
    "close",
    label="Close the file",
    caption="{by:party} closed it: {end}",
    help="Say that nothing more is to be reported. What you say afterwards opens it again.",
    content=(REMARK,),
)
class Close(Coded):
    """Nothing more is to be reported."""

    end: str = coded(Code(ENDS), "Why")


ACTS = (Aware, Applies, DoesNotApply, Request, Reported, Feedback, Close)
RECORDABLE = frozenset(kind.KIND.kind for kind in (Request, Feedback))
"""What an authority without a node does through the party that records it."""
read = reader(Open, *ACTS)
