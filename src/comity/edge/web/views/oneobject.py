"""One object: what it says, its label and why, where it stands and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from comity.bridges.stix.markings import TLP1_IDS
from comity.edge.web import giving, graphs, stixwords
from comity.edge.web.requests import Asked, cursor, signed_in
from comity.edge.web.templatetags.comity import SHOWN
from comity.edge.web.views.objects import finder_of
from comity.engines.decay import State
from comity.kernel.label import Egress, lets_out
from comity.protocols.sharing.circle.codes import FEEDBACK, FORWARDERS, PAPS, RETRACTIONS
from comity.services.sharing import adding, exploited, practices, techniques, validity, whole
from comity.services.sharing.about import OWN, RELABELLED, STRICTER, UNMARKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http.response import HttpResponseBase

    from comity.bridges.stix.practice import Words
    from comity.bridges.stix.record import Marking
    from comity.services.sharing.about import About, Held
    from comity.services.sharing.whole import Steps

SHOWN_RAW = 6000
"""Characters of an object as it came that a page shows; all of it is in the file."""
WHY = {
    OWN: gettext_lazy("So it is marked."),
    UNMARKED: gettext_lazy(
        "It is not marked, and stands under what who brought it here said; AMBER where nothing was "
        "said."
    ),
    STRICTER: gettext_lazy("It is marked less strictly; who brought it here holds it to this."),
    RELABELLED: gettext_lazy("Who published it changed its label since."),
}
STATES = {
    "double": gettext_lazy("stands here a second time"),
    "clash": gettext_lazy("other bytes of the same version: kept apart and not shown"),
    "retracted": gettext_lazy("taken back"),
    "gone": gettext_lazy("removed"),
}
VALIDITY = {
    State.AHEAD: gettext_lazy("not valid yet"),
    State.AGED: gettext_lazy("old"),
    State.EXPIRED: gettext_lazy("expired"),
    State.WRONG: gettext_lazy("false positive"),
}
"""What is said of an indicator that does not hold; that it was revoked is said of any object."""
KNOWN = {
    "self": gettext_lazy("this party"),
    "compared": gettext_lazy("its keys were compared"),
    "met": gettext_lazy("met directly, not compared"),
    "introduced": gettext_lazy("introduced by %(by)s, not compared"),
    "strange": gettext_lazy("known here only by what %(by)s shows, not compared"),
}
DONE = {
    "publish": gettext_lazy("published it"),
    "forward": gettext_lazy("forwarded it"),
}


class Link(NamedTuple):
    """Where something is done about an object, and what that is called."""

    kind: str
    label: str
    query: str


LABELS = {
    "feedback": gettext_lazy("Give feedback"),
    "ask": gettext_lazy("Ask the source"),
    "forward": gettext_lazy("Forward it"),
    "retract": gettext_lazy("Take it back"),
    "relabel": gettext_lazy("Change its label"),
}


@signed_in
def object_(request: Asked, object_id: str) -> HttpResponseBase:
    """Show an object, in the version that the address asks for or the newest; give its bytes."""
    finder, version = finder_of(request), cursor(request, "version")
    if "get" in request.GET:
        return giving.data(whole.file(request.node, finder, object_id, version), "object.json")
    found = whole.whole(request.node, finder, object_id, version)
    whole.note_read(request.node, request.actor, found.about)
    inward, outward = graphs.ties(object_id, found.relations)
    raw = found.about.raw.decode()
    shown = {
        "found": found,
        "about": found.about,
        "name": found.name or (stixwords.of_type(found.about.type) if raw else object_id),
        "told": stixwords.told(found.about.value),
        "marks": _marks(found.about),
        "held": [_Held(each, links_of(each, found.steps)) for each in found.about.held],
        "others": _versions(found.about),
        "drawing": graphs.drawn(found.name or object_id, inward, outward),
        "ties": [(gettext("It is named by"), inward), (gettext("It names"), outward)],
        "ways": [(way.held.place, [_hop(hop) for hop in way.hops]) for way in found.ways],
        "counts": [(FEEDBACK[as_], number) for as_, number in found.feedback.counts],
        "words": [(word, FEEDBACK[word.heard.as_]) for word in found.feedback.words],
        "terms": [_terms(each) for each in found.steps],
        "lists": [*exploited.sentences(found.lists)] if found.lists else [],
        "techniques": [(each.id, techniques.sentence(each)) for each in found.techniques],
        "raw": raw[:SHOWN_RAW],
        "cut": len(raw) > SHOWN_RAW,
        "standing": VALIDITY.get(found.judged.validity.state, "") if found.judged else "",
        "why": validity.why(found.judged) if found.judged else "",
        "beside": [validity.beside(each) for each in found.judged.others] if found.judged else [],
        "takes": lets_out(found.about.strictest, Egress.FILE),
        "tongues": tongues_of(request, found.about),
    }
    return render(request, "comity/object.html", shown)


class _Held(NamedTuple):
    """Where an object stands, and what may be done about it there."""

    held: Held
    links: list[Link]

    @property
    def why(self) -> str:
        """Why it has its label, as a sentence."""
        return str(WHY[self.held.why])

    @property
    def state(self) -> str:
        """What else is to be said of it, or ""."""
        return str(STATES.get(self.held.state, ""))

    @property
    def reasons(self) -> list[tuple[object, str]]:
        """Who took it back, and why."""
        return [(each, gettext(RETRACTIONS[each.reason])) for each in self.held.taken]


def links_of(held: Held, steps: Sequence[Steps]) -> list[Link]:
    """Return where this person does something about an object where it is held."""
    able = next((each.kinds for each in steps if each.held == held), frozenset[str]())
    return [
        Link(kind, str(label), _query(held, kind)) for kind, label in LABELS.items() if kind in able
    ]


def _query(held: Held, kind: str) -> str:
    if kind == "forward":
        return urlencode({"added": held.added})
    part = "parts" if kind in {"retract", "relabel"} else "part"
    return urlencode({"refs": held.act, part: held.part})


class _Tongues(NamedTuple):
    """The words that are ``read``, in the language that was asked for, or the reader's, and the
    ``others`` there are; whether this person may ``add`` translations, and give ``new`` versions.
    """

    read: Words
    others: list[Words]
    adds: bool
    new: bool


def tongues_of(request: Asked, found: About) -> _Tongues | None:
    """Return an object's words in the languages there are; None of one without words."""
    if not found.value.get("name") and not found.value.get("description"):
        return None
    node, finder = request.node, finder_of(request)
    words = practices.words_of(node, finder, found.value)
    read = practices.chosen(words, request.GET.get("lang") or request.LANGUAGE_CODE)
    adds = adding.may_add(request.actor)
    others = [each for each in words if each != read]
    return _Tongues(read, others, adds, adds and practices.is_own(node, found))


def _marks(found: About) -> list[str]:
    """Return what the object's own markings say, in words."""
    if not found.value:
        return []
    lines = [*_tlp(found.value, found.marking)]
    if found.marking.pap is not None:
        lines.append(gettext(PAPS[found.marking.pap.value]))
    if found.value.get("granular_markings"):
        lines.append(gettext("Some of its parts are marked on their own; the strictest holds."))
    if found.unresolved:
        told = gettext("It names markings that are not known here: %(ids)s. Ask its source.")
        lines.append(told % {"ids": ", ".join(found.unresolved[:5])})
    return lines


def _tlp(value: Mapping[str, Any], marking: Marking) -> list[str]:
    if marking.tlp is None:
        return [gettext("It has no TLP marking. That is not TLP:CLEAR: it counts as TLP:AMBER.")]
    said = {"tlp": SHOWN[marking.tlp]}
    if TLP1_IDS.keys() & set(value.get("object_marking_refs", ())):
        told = gettext("It is marked by TLP 1, which TLP 2.0 calls %(tlp)s.")
    else:
        told = gettext("It is marked %(tlp)s.")
    return [told % said]


def _terms(each: Steps) -> tuple[str, list[str]]:
    """Return what a circle lets its members do with what they hold of it."""
    terms = each.terms
    lines = [] if terms.pap is None else [gettext(PAPS[terms.pap])]
    lines.append(
        gettext("Forwarded, where it is AMBER or stricter, by: %(who)s.")
        % {"who": gettext(FORWARDERS[terms.forward])}
    )
    if terms.retention is not None:
        lines.append(gettext("Kept for %(days)s days at most.") % {"days": terms.retention})
    return each.held.place.title, lines


def _versions(found: About) -> list[tuple[int, Held]]:
    """Return the other versions, each once."""
    return [*{each.version: each for each in reversed(found.others)}.items()][::-1]


def _hop(hop: Any) -> tuple[Any, str, str]:  # noqa: ANN401  a Hop, of which the template reads more
    return hop, str(DONE.get(hop.kind, hop.kind)), str(KNOWN[hop.known]) % {"by": hop.by}
