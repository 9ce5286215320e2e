"""An incident as it stands: what each party says it knows, and how grave that makes it; who was
asked for what, and whether in time; tasks, timeline, and who is about to act on the same target.

Words are in the language of who reads. What is late is this node's own view, by its clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from comity.kernel.errors import Refusal, spoken
from comity.kernel.ids import PartyId, host_of
from comity.protocols._vocabulary import linking
from comity.protocols.response.incident import PROTOCOL, reading
from comity.protocols.response.incident.codes import (
    DEEDS,
    DROPPED,
    EVENTS,
    HELP,
    NOTHING,
    PROGRESS,
    REASONS,
    RESULTS,
    TASK_DONE,
    VERBS,
)
from comity.protocols.response.incident.describing import Describe
from comity.protocols.response.incident.effects import PRECISIONS
from comity.services.casework import dossiers, forms
from comity.services.response import linked, severity
from comity.services.response.incidentview import (
    Description,
    Happening,
    HelpAsked,
    Helper,
    HelpOffered,
    Incident,
    Intention,
    KnownFact,
    Rating,
    TaskTaken,
    TopicBegun,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from comity.kernel.canon import Value
    from comity.kernel.fold import State
    from comity.kernel.graph import Node
    from comity.kernel.ids import Id
    from comity.protocols.response.incident.reading import (
        Job,
        Meant,
        Offered,
        Request,
        Said,
        Word,
    )
    from comity.services.casework.desk import Desk
    from comity.services.casework.view import ActView
    from comity.services.response.severity import Known, Told
    from comity.store.access.acts import DossierRow

T = TypeVar("T")

MOST = 100
"""Of each list, what is read at once: the newest. A case of thousands of messages stays usable."""
STANDS = {
    reading.WAITING: "not answered yet",
    reading.ACCEPTED: "accepted",
    reading.TURNED_DOWN: "turned down",
    reading.STOOD_DOWN: "taken back",
}


def read(desk: Desk, dossier_id: str) -> Incident:
    """Return an incident as it stands. Raises Refusal S3 or S8."""
    row = desk.dossier_of(PROTOCOL, dossier_id)
    with desk.node.lock:
        loaded = dossiers.load(desk.node, row.id)
        return _Reader(desk, row, dossiers.shown(desk.node, loaded), loaded.graph.nodes).read()


def known(desk: Desk, dossier_id: str) -> Mapping[str, object]:
    """Return what this party said last that it knows of an incident, as coded fields; nothing of
    another dossier. Raises Refusal S3 or S8.
    """
    if desk.dossier(dossier_id).protocol != PROTOCOL.name:
        return {}
    with desk.node.lock:
        state = dossiers.shown(desk.node, dossiers.load(desk.node, dossier_id))
        own = [said for said in reading.described(state) if said.author == desk.node.me]
    return own[0].told if len(own) == 1 else {}


def before(desk: Desk, dossier_id: str) -> dict[str, str]:
    """Return what ``known`` returns as a person writes it into a form, by field."""
    return forms.typed(Describe.KIND, known(desk, dossier_id))


class _Reader:
    """One reading of one incident, for one person. Hold ``node.lock``."""

    def __init__(self, desk: Desk, row: DossierRow, state: State, nodes: Mapping[Id, Node]) -> None:
        self._desk, self._row, self._state, self._nodes = desk, row, state, nodes
        self._now = desk.node.now()
        self._telling = desk.told(row)
        self._left = 0
        self._acts: Mapping[str, ActView] = {}

    def read(self) -> Incident:
        state = self._state
        described = reading.described(state)
        events, asked = self._newest(reading.events(state)), self._newest(reading.requests(state))
        intents = self._newest(reading.intentions(state))
        tasks = self._newest(reading.tasks(state), lambda job: job.task.act)
        offered = self._newest(reading.offers(state), lambda each: each.offer.act)
        topics = self._newest(reading.topics(state), lambda topic: topic[0].act)
        worded = [
            *(said.act for said in (*described, *events)),
            *(job.task.act for job in tasks),
            *(meant.intent.act for meant in intents),
            *(topic.act for topic, _ in topics),
        ]
        self._acts = self._desk.some(self._row, worded)
        schemes, wrong = self._schemes()
        return Incident(
            descriptions=tuple(self._description(said, schemes) for said in described),
            timeline=tuple(map(self._happening, events)),
            asked=tuple(map(self._asked, asked)),
            offered=tuple(map(self._offered, offered)),
            intentions=tuple(map(self._intention, intents)),
            tasks=tuple(map(self._task, tasks)),
            topics=tuple(self._topic(*topic) for topic in topics),
            links=tuple(
                linked.told(
                    self._desk,
                    self._newest(linking.links(state), lambda link: link.act),
                    linking.RELATIONS,
                    self._name,
                )
            ),
            wrong=wrong,
            left=self._left,
        )

    def _newest(self, found: list[T], act: Callable[[T], Id] | None = None) -> list[T]:
        """Return the newest; of what is in no order of time, ``act`` says which act each is of."""
        if act is not None:
            found = sorted(found, key=lambda each: (self._nodes[act(each)].header.time, act(each)))
        self._left += max(0, len(found) - MOST)
        return found[-MOST:]

    def _schemes(self) -> tuple[tuple[Known, ...], str]:
        """Return by what it is judged how grave it is, and what is wrong with one's own schemes."""
        try:
            return severity.known(self._desk.node), ""
        except Refusal as refusal:
            return severity.shipped(), spoken(refusal.reason, self._telling.tongue.say)

    def _name(self, author: PartyId) -> str:
        host, handle = host_of(author)
        words = self._telling.words
        return words.party(author) if handle and words is not None else self._desk.name(host)

    def _word(self, codes: Mapping[str, str], *found: object) -> str:
        say = self._telling.tongue.say
        return ", ".join(say(codes[str(code)]) for code in found if code)

    def _text(self, act: Id, field: str = "text") -> str:
        found = self._acts[act]
        return "" if found.hidden else str(found.fields.get(field, ""))

    def _description(self, said: Said, schemes: tuple[Known, ...]) -> Description:
        return Description(
            act=said.act,
            party=said.author,
            name=self._name(said.author),
            time=self._acts[said.act].time,
            facts=tuple(self._facts(said.told)),
            ratings=tuple(self._rating(severity.judged(each, said.told)) for each in schemes),
            words=self._text(said.act),
        )

    def _facts(self, told: Mapping[str, object]) -> Iterable[KnownFact]:
        words = self._telling.words
        for field in Describe.KIND.body:
            if field.name in told and words is not None:
                value = words.value(field.type, cast("Value", told[field.name]))
                yield KnownFact(field.name, words.say(field.label), value)

    def _rating(self, told: Told) -> Rating:
        say, scheme, judged = self._telling.tongue.say, told.known.scheme, told.judged
        origin, level = told.known.origin, judged.level

        def labels(facts: Iterable[str]) -> tuple[str, ...]:
            return tuple(say(severity.FIELDS[fact].label) for fact in facts)

        return Rating(
            scheme=scheme.code,
            title=say(scheme.title),
            level="" if level is None else level.code,
            words="" if level is None else say(level.label),
            exact=judged.exact,
            reasons=labels(judged.reasons),
            missing=labels(judged.missing),
            unasked=tuple(map(say, scheme.unasked)),
            own=told.known.own,
            verified=origin.verified,
            source=origin.source,
            date=origin.date,
            by=origin.by,
        )

    def _happening(self, said: Said) -> Happening:
        return Happening(
            act=said.act,
            name=self._name(said.author),
            at=cast("int", said.told["at"]),
            precision=self._word(PRECISIONS, said.told.get("precision")),
            what=self._word(EVENTS, said.told["what"]),
            words=self._text(said.act),
        )

    def _asked(self, request: Request) -> HelpAsked:
        told = request.ask.told
        return HelpAsked(
            act=request.ask.act,
            party=request.ask.author,
            name=self._name(request.ask.author),
            verb=self._word(VERBS, told["verb"]),
            due=cast("int | None", told.get("due")),
            whether_by=cast("int", told["whether_by"]),
            result=self._word(HELP, *request.results),
            helpers=tuple(self._helper(word, request) for word in request.words),
        )

    def _helper(self, word: Word, request: Request) -> Helper:
        """Return what an asked party said."""
        answers = [said.told for said in word.answers]
        whens = [cast("int", told["when"]) for told in answers if "when" in told]
        return Helper(
            party=word.party,
            name=self._name(word.party),
            answers=tuple(self._answer(told) for told in answers),
            when=min(whens, default=None),
            whether=word.whether,
            helped=word.helped,
            late=self._is_late(word, request),
            more=word.delivered is not None and "more" in word.delivered.told,
        )

    def _is_late(self, word: Word, request: Request) -> bool:
        """Say whether a word came late, or has not come while it was wanted."""
        told = request.ask.told
        if told["verb"] == NOTHING or (word.whether is None and request.results):
            return False
        return cast("int", told["whether_by"]) < (word.whether or self._now)

    def _answer(self, told: Mapping[str, object]) -> str:
        parts = (self._word(RESULTS, told["result"]), self._word(REASONS, told.get("reason")))
        return ": ".join(filter(None, parts))

    def _offered(self, each: Offered) -> HelpOffered:
        told = each.offer.told
        return HelpOffered(
            act=each.offer.act,
            name=self._name(each.offer.author),
            party=str(told["to"]),
            to=self._name(PartyId(str(told["to"]))),
            verbs=self._word(DEEDS, *cast("list[str]", told["verbs"])),
            until=cast("int | None", told.get("until")),
            stands=each.stands,
            words=self._word(STANDS, each.stands),
            delivered=each.delivered is not None,
            result=self._word(HELP, *each.results),
        )

    def _intention(self, each: Meant) -> Intention:
        told = each.intent.told
        return Intention(
            act=each.intent.act,
            name=self._name(each.intent.author),
            verb=self._word(DEEDS, told["verb"]),
            targets=self._text(each.intent.act, "observables"),
            begins=cast("int", told["from"]),
            ends=cast("int", told["until"]),
            meets=tuple(map(self._name, each.meets)),
        )

    def _task(self, job: Job) -> TaskTaken:
        due = cast("int | None", job.task.told.get("due"))
        ended = {TASK_DONE, DROPPED} & {*job.states}
        return TaskTaken(
            act=job.task.act,
            name=self._name(job.task.author),
            title=self._text(job.task.act, "title"),
            state=self._word(PROGRESS, *job.states),
            due=due,
            late=due is not None and due < self._now and not ended,
        )

    def _topic(self, said: Said, acts: tuple[Id, ...]) -> TopicBegun:
        return TopicBegun(said.act, self._name(said.author), self._text(said.act, "title"), acts)
