"""Translations: what is to be translated, and which translations of an act stand.

A translation is an act of the kernel's own kind. Its label is no wider than the original's, its
footing no higher, and its words go to nobody else: what the kernel demands is filled in here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel import kinds
from comity.kernel.audience import PartRange, Reach, may_have, part_readers, ranges_of
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.fieldtypes import Text
from comity.kernel.ids import Id
from comity.kernel.kinds import AS, MACHINE, OFFICIAL, UNOFFICIAL, Translation
from comity.kernel.label import PAP
from comity.services.casework import content, dossiers
from comity.services.casework.forms import FormErrors, labelled
from comity.services.casework.kernelkinds import KERNEL_ACTS, TRANSLATION, translation_of
from comity.store.access import acts as access

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.kernel.dossier import Dossier
    from comity.kernel.fold import State
    from comity.kernel.graph import Node as GraphNode
    from comity.kernel.ids import PartyId
    from comity.kernel.label import TLP
    from comity.kernel.protocol import ActKind, Protocol
    from comity.services.casework.forms import Filled
    from comity.services.casework.issue import Draft
    from comity.services.node import Node

MOST = 24
"""How many translations of one act are shown with it."""
MARKS = {
    OFFICIAL: "Official translation by {name}",
    UNOFFICIAL: "Unofficial translation by {name}",
    MACHINE: "Machine translation, checked by nobody, given by {name}",
}
"""What stands above the words of a translation."""


def mark(as_: str, name: str, say: Callable[[str], str] = str) -> str:
    """Return what a translation is and who gives it, in words that ``say`` translates."""
    return Phrase(MARKS[as_], name=name).said(say)


@dataclass(frozen=True, slots=True)
class Original:
    """What is translated: an act with its ``header``, its words by field, and their language, ""
    where nobody said.
    """

    id: Id
    header: Header
    words: Mapping[str, str]
    lang: str


def original(node: Node, act: str, dossier_id: str = "") -> Original:
    """Return what is to be translated, in a dossier where one is named.

    Raises Refusal S3, S4 or S8.
    """
    row = access.act(node.db, act)
    if row is None or dossier_id not in {"", row.dossier}:
        # What is in another dossier need not be for who asks, and is as good as absent.
        raise Refusal("S3", "There is no such message here.", act)
    if row.kind == TRANSLATION.kind:
        raise Refusal("S4", "This is a translation; translate the original.", act)
    dossier = dossiers.load(node, row.dossier)
    stored = dossiers.stored_act(node, row)
    kind = declared(dossier.protocol, kinds.said(stored.header).kind)
    try:
        listed = content.read_manifest(node, stored.id, stored.header.content)
    except Refusal:
        listed = None  # What others wrote need not have the form it should.
    fields = {} if listed is None or kind is None else listed.fields
    names = () if kind is None else (f.name for f in kind.content if isinstance(f.type, Text))
    words = {name: str(fields[name]) for name in names if fields.get(name)}
    if not words:
        raise Refusal("S4", "It has no words here that could be translated.", act)
    return Original(stored.id, stored.header, words, "" if listed is None else listed.lang)


def declared(protocol: Protocol | None, kind: str) -> ActKind | None:
    """Return the declaration of a kind of which there may be words; else None."""
    found = None if protocol is None else protocol.kind(kind)
    return found or KERNEL_ACTS.get(kind)


def kind_of(node: Node, dossier_id: str, act: str) -> ActKind:
    """Return the declaration of a translation of an act in a dossier.

    Raises Refusal S3, S4 or S8.
    """
    if not act:
        raise Refusal("S4", "Say which message is to be translated.", "act")
    found = original(node, act, dossier_id)
    said = kinds.said(found.header)
    kind = declared(dossiers.load(node, dossier_id).protocol, said.kind)
    if kind is None:
        raise AssertionError(act)  # It has words, and so a declaration.
    return translation_of(kind, found.words.keys(), own=said.party == node.me)


def require_another_language(node: Node, filled: Filled) -> None:
    """Require that what was filled in is in another language than the original.

    Raises FormErrors, and Refusal as ``original``.
    """
    lang = str(filled.body["lang"])
    if original(node, str(filled.body["act"])).lang == lang:
        told = "{label}: it was written in this language; choose another."
        raise FormErrors({"lang": labelled(told, TRANSLATION.body[1])})


def require_label(node: Node, dossier: str, act: str, tlp: TLP) -> None:
    """Require that a translation of an act in a dossier may carry the label.

    Raises Refusal S3, S4 or S8.
    """
    if act and tlp < original(node, act, dossier).header.tlp:
        raise Refusal("S4", "Choose a label that is no wider than the original's.", "tlp")


def as_the_original(node: Node, draft: Draft) -> Draft:
    """Return the draft of a translation under the marks of the original: what it does not say
    itself is as there, and it goes to those whom the original's words are for.

    Raises Refusal S3, S4 or S8.
    """
    found = original(node, str(draft.body["act"]))
    header = found.header
    charter = dossiers.load(node, header.dossier or found.id).graph.charter.header
    footings = [each for each in (draft.footing, header.footing or charter.footing) if each]
    pap = max(draft.pap or PAP.CLEAR, header.pap or PAP.CLEAR)
    return replace(
        draft,
        tlp=draft.tlp or header.tlp,
        pap=None if pap is PAP.CLEAR else pap,
        footing=min(footings),
        body={**draft.body, **_audience(header)},
    )


def _audience(header: Header) -> Object:
    to = part_readers(ranges_of(header), 0)
    if to is Reach.MEMBERS:
        return {}
    readers = to if to is Reach.PUBLIC else frozenset({header.party})
    if isinstance(to, frozenset):
        readers = to | {header.party}
    return {"audience": [PartRange(0, 0, readers).to_object()]}


def source(dossier: Dossier, placed: GraphNode) -> GraphNode:
    """Return the act whose words an act gives: of a translation the original, else itself."""
    said = kinds.read_body(placed.header) if placed.header.kind == TRANSLATION.kind else None
    return dossier.graph.nodes[said.act] if isinstance(said, Translation) else placed


def is_for(dossier: Dossier, state: State, placed: GraphNode, party: PartyId) -> bool:
    """Say whether a party is a member of an act, or was given it later; of a translation, whether
    the original's words are for it: who joined in between has neither.
    """
    found = source(dossier, placed)
    return state.has("released", found.id, party) or party in dossier.members.of(found)


def are_words_for(dossier: Dossier, state: State, placed: GraphNode, party: PartyId) -> bool:
    """Say whether the words of an act, and so those of its translations, go to a party."""
    header = placed.header
    if not is_for(dossier, state, placed, party):
        return False
    return may_have(ranges_of(header), 0, party, author=header.party, members={party})


def of_act(dossier: Dossier, act: Id) -> Iterator[Id]:
    """Yield every translation of an act, those that another took the place of among them."""
    for placed in dossier.graph.order:
        if placed.header.kind == TRANSLATION.kind and source(dossier, placed).id == act:
            yield placed.id


class Standing(NamedTuple):
    """A translation that stands: the ``act`` that gives it, by ``party`` into ``lang``."""

    as_: str
    party: PartyId
    lang: str
    act: Id

    @property
    def rank(self) -> tuple[int, str, str]:
        """How far before others it is shown: what is vouched for comes first."""
        return AS.index(self.as_), self.lang, self.act


class Translations:
    """The translations of one dossier that stand, by what they are of."""

    def __init__(self, state: State) -> None:
        self._of: dict[str, list[Standing]] = {}
        for act, lang in state.keys("translated"):
            for entry in state.entries("translated", act, lang):
                found = Standing(str(entry.value), entry.author, str(lang), entry.act)
                self._of.setdefault(str(act), []).append(found)

    def of(self, act: str) -> list[Standing]:
        """Return those of an act: official ones first, then by language; ``MOST`` at most, so that
        nobody fills a page. All stand in the dossier as what they are.
        """
        return sorted(self._of.get(act, ()), key=lambda found: found.rank)[:MOST]
