"""New root keys, held by people: from a soft key on this machine to t of n, and from these on.

A root document follows the update rules of TUF (specification 5.3): as many of the old root keys
sign it as the old document asks for, and as many of the new ones as the new document asks for. So
holders come and go, and the party stays the same. What is asked of people at each step is said by
the command line and the page; here is what each step does, and what it refuses.

A ceremony is begun, given holders, proposed, signed on machines of the holders' own, and published.
All but the signing is done here, without a secret: see ``holders``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.kernel import dsse, keys
from comity.kernel.errors import Refusal
from comity.kernel.ids import Id
from comity.services.casework.issue import own_view
from comity.services.identity import harden, holders, plans
from comity.services.identity.holding import holders_of, proposal_of, settle, state
from comity.services.identity.parties import save_own_document
from comity.services.people import audit
from comity.store.sql import writing

if TYPE_CHECKING:
    from comity.kernel.documents import View
    from comity.kernel.keys import Key
    from comity.services.identity.holding import Holder, State
    from comity.services.identity.plans import Plan
    from comity.services.identity.proposals import Proposal
    from comity.services.node import Node
    from comity.services.people.actors import Actor

FEWEST, MOST = 2, 8
"""Holders whose signatures may be asked for: with one alone, who takes one key takes the party; and
an envelope has room for sixteen signatures, of the old and the new keys together."""
LABEL = 60
"""Characters of a holder's label, at most."""
NONE = "No ceremony is under way. Begin one: comity ceremony begin --threshold 2"
STALE = (
    "This party's documents have changed since this was proposed. Propose again, and have it "
    "signed anew."
)


def begin(node: Node, threshold: int) -> None:
    """Begin a ceremony after which ``threshold`` holders are needed, or change that number.

    The holders are those of today, without the soft key of an evaluation node. What was proposed
    is void. Raises Refusal S4.
    """
    if not FEWEST <= threshold <= MOST:
        raise Refusal(
            "S4",
            "From two to eight holders may be needed: with one alone, who takes one key takes the "
            "party.",
            "threshold",
        )
    with node.anchor.locked():
        settle(node)
        plan = plans.read(node.folder)
        if plan is None:
            plan = plans.Plan(threshold, _staying(node))
        plan.threshold = threshold
        plan.void()
        plans.write(node.folder, plan)


def _staying(node: Node) -> dict[Key, str]:
    """Return who holds a root key today; the soft one of an evaluation node is held by nobody."""
    view, labels = own_view(node), plans.labels(node.folder)
    if view.grade == "evaluation":
        return {}
    return {key: labels.get(key, "") for key in sorted(view.root_keys)}


def add(node: Node, *, label: str, code: str) -> Key:
    """Name a holder, by the holder code of a new key; return the key. Raises Refusal S4 or K5."""
    key, label = holders.read_holder(code), " ".join(label.split())
    with node.anchor.locked():
        plan = _plan(node)
        if not 1 <= len(label) <= LABEL:
            raise Refusal("S4", "Say in 1 to 60 characters who holds the key.", "label")
        if label.casefold() in {each.casefold() for each in plan.holders.values()}:
            raise Refusal("S4", "Another holder is called so already.", "label")
        _require_new(node, plan, key)
        plan.holders[key] = label
        plan.void()
        plans.write(node.folder, plan)
    return key


def _require_new(node: Node, plan: Plan, key: Key) -> None:
    soft = node.keys.root()
    if key in plan.holders:
        raise Refusal("S4", "This key has a holder already: every holder has a key alone.", "code")
    if soft is not None and key == soft.key:
        raise Refusal("S4", "This key lies on this machine: nobody would hold it alone.", "code")
    if len(plan.holders) >= MOST:
        raise Refusal("S4", "There are eight holders already; let one go first.", "code")


def drop(node: Node, who: str) -> Key:
    """Let a holder go, named by label or by the first digits of the key. Raises Refusal S3, S4."""
    with node.anchor.locked():
        plan, wanted = _plan(node), who.strip().casefold()
        found = [
            key
            for key, label in plan.holders.items()
            if wanted and (wanted == label.casefold() or _digits(key).startswith(wanted))
        ]
        if not found:
            raise Refusal("S3", "No holder is called so, nor has such a key.", who)
        if len(found) > 1:
            raise Refusal("S4", "More than one holder could be meant.", who)
        del plan.holders[found[0]]
        plan.void()
        plans.write(node.folder, plan)
    return found[0]


def _digits(key: Key) -> str:
    return key.removeprefix(keys.ED25519)


def propose(node: Node, *, keep: bool = False) -> Proposal:
    """Draw up the next root document, for the holders to sign; the same one when asked again.

    The soft key of an evaluation node signs at once. With ``keep`` the closings of own logs keep
    what was found of them since. Raises Refusal S4 (too few holders, or nothing to change).
    """
    with node.anchor.locked():
        plan, view, soft = _plan(node), own_view(node), node.keys.root()
        if not plan.payload or plan.rests_on != view.id:
            _require_change(view, plan, keep=keep)
            plan.void()
            late = harden.late_statements(node) if keep else []
            plan.payload = harden.next_root(
                node, grade="hardened", roots=plan.holders, threshold=plan.threshold, keep=late
            )
            plan.rests_on = view.id
        if soft is not None and soft.key in view.root_keys:
            plan.signatures[soft.key] = soft.sign(plan.envelope().pae)
        plans.write(node.folder, plan)
        return proposal_of(node, plan)


def _require_change(view: View, plan: Plan, *, keep: bool) -> None:
    if len(plan.holders) < plan.threshold:
        raise Refusal(
            "S4",
            "There are fewer holders than shall be needed. Name more, or begin again with a "
            "smaller number.",
        )
    now = ("hardened", frozenset(plan.holders), plan.threshold)
    if now == (view.grade, view.root_keys, view.threshold) and not (
        keep or harden.awaits_root(view)
    ):
        raise Refusal("S4", "Nothing would change: these are the root keys in force.")


def status(node: Node, actor: Actor) -> State:
    """Return how the root keys and the ceremony stand. Raises Refusal S5, or S10 without the
    mandate to manage the node.
    """
    actor.require_manage("node")
    return state(node)


def _require_manager(actor: Actor | None) -> None:
    """Require a person who manages the node, or who commands the machine itself (None)."""
    if actor is not None:
        actor.require_manage("node")
        actor.require_person()


def take(node: Node, code: str, actor: Actor | None = None) -> Holder:
    """Take in a signature that a holder brought; return who signed.

    Raises Refusal S4 (no signature, or a second time), S12 (for something else, or what has changed
    since), K5 (not by a key that counts, or wrong) or S10.
    """
    _require_manager(actor)
    signed = holders.read_signature(code)
    with node.anchor.locked():
        plan, view = _plan(node), own_view(node)
        _require_current(plan, view)
        if signed.proposal != plan.id:
            raise Refusal(
                "S12", "This signature is for another proposal. Have the newest one signed."
            )
        if signed.key not in view.root_keys | plan.holders.keys():
            raise Refusal("K5", "The signature is by nobody whose signature counts.", signed.key)
        keys.verify(signed.key, plan.envelope().pae, signed.sig)
        if signed.key in plan.signatures:
            raise Refusal("S4", "This holder's signature is here already.", signed.key)
        plan.signatures[signed.key] = signed.sig
        plans.write(node.folder, plan)
        with writing(node.db):
            audit.note(node, actor, "signature", plan.holders.get(signed.key, ""))
        return next(h for h in holders_of(node, view, plan) if h.key == signed.key)


def publish(node: Node, actor: Actor | None = None) -> Id:
    """Put the proposed root document in force; return its id.

    Raises Refusal S12 (what was proposed is stale), K5 (too few have signed) or S10.
    """
    _require_manager(actor)
    with node.anchor.locked():
        settle(node)
        plan, view = _plan(node), own_view(node)
        _require_current(plan, view)
        envelope = plan.envelope()
        proposal = proposal_of(node, plan)
        for signing in (view, proposal.after):
            dsse.verify_threshold(envelope, signing.root_keys, signing.threshold)
        with writing(node.db):
            save_own_document(node, envelope)
            audit.note(node, actor, "rooted", envelope.id)
        settle(node)
        return envelope.id


def cancel(node: Node) -> None:
    """Put away the ceremony that is under way. Raises Refusal S4 when there is none."""
    with node.anchor.locked():
        if not (node.folder / plans.PLAN).exists():
            raise Refusal("S4", NONE)
        plans.remove(node.folder)


def _plan(node: Node) -> Plan:
    plan = plans.read(node.folder)
    if plan is None:
        raise Refusal("S4", NONE)
    return plan


def _require_current(plan: Plan, view: View) -> None:
    if not plan.payload:
        raise Refusal("S4", "Nothing is proposed yet: comity ceremony propose")
    if plan.rests_on != view.id:
        raise Refusal("S12", STALE)
