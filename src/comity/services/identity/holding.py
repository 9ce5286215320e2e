"""Who holds the root keys of this party, and how far a ceremony is that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from comity.services.casework.issue import own_view
from comity.services.identity import harden, plans, proposals
from comity.services.identity.parties import own_documents
from comity.store.access import parties as access

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.keys import Key
    from comity.services.identity.plans import Plan
    from comity.services.identity.proposals import Proposal
    from comity.services.node import Node


class Step(StrEnum):
    """What comes next: nothing is under way, holders are named, signatures come in, or enough are
    there.
    """

    REST = "rest"
    GATHER = "gather"
    SIGN = "sign"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a root key: ``old`` of the root document in force, ``new`` of the next one, and
    whether the holder ``signed`` what is proposed. ``soft`` is the key that lies on this machine.
    """

    key: Key
    label: str
    old: bool
    new: bool
    signed: bool
    soft: bool


@dataclass(frozen=True, slots=True)
class Count:
    """``have`` signatures of the ``need`` that are needed, of ``of`` keys."""

    have: int
    need: int
    of: int

    @property
    def is_met(self) -> bool:
        """Whether enough are there."""
        return self.have >= self.need


@dataclass(frozen=True, slots=True)
class State:
    """How the root keys stand, and the ceremony that is under way, if there is one.

    ``old`` counts signatures by root keys in force, ``new`` by those proposed. ``proposal`` is what
    was proposed; ``stale`` says that it cannot be published any more; ``awaits`` that a log was
    opened by the spare keys, which the root keys have not confirmed.
    """

    step: Step
    grade: str
    holders: tuple[Holder, ...]
    old: Count
    new: Count
    proposal: Proposal | None
    stale: bool
    awaits: bool

    @property
    def silent(self) -> list[Holder]:
        """New holders who have signed nothing: nobody knows yet that their key can be used."""
        return [h for h in self.holders if h.new and not h.signed]


def state(node: Node) -> State:
    """Return how things stand; what was cut off in between is finished first. Raises S5."""
    settle(node)
    view, plan = own_view(node), plans.read(node.folder)
    proposal = proposal_of(node, plan) if plan is not None and plan.payload else None
    stale = plan is not None and bool(plan.payload) and plan.rests_on != view.id
    found = holders_of(node, view, plan)
    old = Count(sum(h.signed for h in found if h.old), view.threshold, len(view.root_keys))
    new = Count(
        sum(h.signed for h in found if h.new),
        view.threshold if plan is None else plan.threshold,
        sum(h.new for h in found),
    )
    step = _step(plan, met=old.is_met and new.is_met)
    return State(step, view.grade, found, old, new, proposal, stale, harden.awaits_root(view))


def _step(plan: Plan | None, *, met: bool) -> Step:
    if plan is None:
        return Step.REST
    if not plan.payload:
        return Step.GATHER
    return Step.PUBLISH if met else Step.SIGN


def holders_of(node: Node, view: View, plan: Plan | None) -> tuple[Holder, ...]:
    """Return who holds a root key of the document in force, ``view``, or shall hold one."""
    soft = node.keys.root()
    labels = plans.labels(node.folder) | ({} if plan is None else plan.holders)
    coming = frozenset() if plan is None else frozenset(plan.holders)
    signed = frozenset() if plan is None else frozenset(plan.signatures)
    found = [
        Holder(
            key=key,
            label=labels.get(key, ""),
            old=key in view.root_keys,
            new=key in coming,
            signed=key in signed,
            soft=soft is not None and key == soft.key,
        )
        for key in view.root_keys | coming
    ]
    return tuple(sorted(found, key=lambda h: (not h.new, h.label.casefold(), h.key)))


def proposal_of(node: Node, plan: Plan) -> Proposal:
    """Return what was proposed, as it is carried to the holders."""
    chain, _ = own_documents(node)
    labels = plans.labels(node.folder) | plan.holders
    return proposals.make(plan.payload, chain, labels, node.settings.name)


def settle(node: Node) -> None:
    """Finish what was published: the soft key counts for nothing now, and leaves this machine.

    Done in this order, a machine that dies in between does it when it is asked next.
    """
    plan = plans.read(node.folder)
    if plan is None or plan.id is None or access.document(node.db, plan.id) is None:
        return
    plans.save_labels(node.folder, plan.holders)
    node.keys.remove_root()
    plans.remove(node.folder)
