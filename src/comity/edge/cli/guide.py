"""What a ceremony says to people at each step: what to have at hand, what to do, what may fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from comity.edge.cli.terminal import line
from comity.edge.cli.words import count
from comity.services.identity.holding import Step

if TYPE_CHECKING:
    from comity.services.identity.holding import Holder, State
    from comity.services.identity.proposals import Proposal

REST = """
A ceremony gives the root keys to people, so that no machine and nobody alone can replace the keys
of this party. Its id and fingerprint stay. It may take days; stop and go on whenever you like.
  You need: two to eight people, each with a safe place of their own; say three, of whom two are
  enough. Best with a machine for each that is connected to nothing.
  Next: comity ceremony begin --threshold 2"""
ROTATE = """
To replace a holder, add one, let one go, or change how many are needed:
  comity ceremony begin --threshold {need}
Then add and drop holders. Enough of today's holders must sign, so do it while they are there."""
GATHER = """
Name the holders. For each, on the holder's own machine (it needs no network and no node):
  comity ceremony key --label "WHO" --paper SHEET.html     the key on a sheet of paper, or
  comity ceremony key --label "WHO" --usb KEY.json         in a file that a passphrase opens
It prints a holder code, which is no secret. Bring it here, as a file or typed:
  comity ceremony add "WHO" --code CODE
Where there is one machine only: comity ceremony key --label "WHO" --paper SHEET.html --add
  Wrong name, wrong key: comity ceremony drop "WHO", and add again."""
READY = """
When all are named: comity ceremony propose --out PROPOSAL.json"""
SIGN = """
Take the proposal to each holder who is to sign (comity ceremony propose --out FILE writes it
again). On the holder's own machine:
  comity ceremony sign PROPOSAL.json
It shows what would change, asks for the key, and prints a signature code. Bring that back:
  comity ceremony take --code CODE
  Before signing, everybody compares these digits with the ones the machine shows:
    {spoken}
  A key is lost or a holder away: go on with the others, while enough of them are there.
  Something is wrong in it: comity ceremony add, drop or begin. All sign anew then."""
PUBLISH = """
Enough have signed. Next: comity ceremony publish"""
STALE = """
Since this was proposed, this party's documents have changed, as by a restore. Propose it again:
comity ceremony propose --out PROPOSAL.json; all signatures are asked for anew."""
AWAITS = """
A log was opened by the spare keys, and the root keys have not confirmed it. A ceremony that changes
no holder confirms it: begin, propose, sign, publish."""
SILENT = """
Nobody knows yet whether these keys can be used; let them sign while everybody is there: {who}"""


def lines(state: State) -> Iterator[str]:
    """Yield how the root keys stand, who has signed, and what to do next."""
    yield f"Grade {state.grade}: {_quorum(state.old.need, state.old.of)} of today."
    yield from (_line(holder, state.step) for holder in state.holders)
    if state.step in {Step.SIGN, Step.PUBLISH}:
        yield f"Signed by holders of today: {state.old.have} of {state.old.need} needed."
        yield f"Signed by holders from now on: {state.new.have} of {state.new.need} needed."
    yield from (text.strip("\n") for text in _next(state))


def _quorum(need: int, of: int) -> str:
    return f"{need} of {count(of, 'root key')}"


def _line(holder: Holder, step: Step) -> str:
    where = "stays" if holder.old and holder.new else "comes" if holder.new else "goes"
    parts = [] if step is Step.REST else [where]
    parts += ["signed"] if holder.signed else []
    parts += ["on this machine"] if holder.soft else []
    name = holder.label or "no label here"
    return f"  {name}: {holder.key}{' · ' if parts else ''}{', '.join(parts)}"


def _next(state: State) -> Iterator[str]:
    if state.stale:
        yield STALE
    elif state.step is Step.REST:
        yield REST if state.grade == "evaluation" else ROTATE.format(need=state.old.need)
        yield from [AWAITS] if state.awaits else []
    elif state.step is Step.GATHER:
        yield f"{_quorum(state.new.need, state.new.of)} shall be needed from now on."
        yield GATHER
        yield from [READY] if state.new.of >= state.new.need else []
    elif state.proposal is not None:
        met = state.step is Step.PUBLISH
        yield PUBLISH if met else SIGN.format(spoken=state.proposal.spoken)
        yield from silent(state) if met else ()


def silent(state: State) -> Iterator[str]:
    """Yield who has not shown yet that the new key can be used."""
    if state.silent:
        yield SILENT.format(who=", ".join(h.label or h.key for h in state.silent)).strip("\n")


def changes(proposal: Proposal) -> Iterator[str]:
    """Yield what a proposal would change, for who is asked to sign it."""
    before, after = proposal.before, proposal.after
    # Name and labels are the node's own words, which nobody signed: one line each, and no more.
    yield f"A new root document is proposed by the node of {line(proposal.name) or 'a party'}."
    yield f"  From  {_quorum(before.threshold, len(before.root_keys))}, grade {before.grade}"
    yield f"  To    {_quorum(after.threshold, len(after.root_keys))}, grade {after.grade}"
    kinds = {
        "comes": after.root_keys - before.root_keys,
        "stays": after.root_keys & before.root_keys,
        "goes": before.root_keys - after.root_keys,
    }
    for word, found in kinds.items():
        for key in sorted(found):
            yield f"  {word}  {line(proposal.labels.get(key, '')) or 'no label'}: {key}"
    if kinds["comes"]:
        yield "  Labels are the node's words: ask who comes for the first digits of the key."
    yield from (f"  BESIDES: {BESIDE[name]}" for name in proposal.beside)
    yield "Compare with what the node shows, over the telephone or side by side:"
    yield f"    {proposal.spoken}"


BESIDE = {
    "logs": "it lists other logs than the documents do, or keeps more of a closed one. Ask why.",
    "next": "it names other spare keys for the next log. Sign only if you know why.",
    "mandates": "it names other keys that approve. Sign only if you know why.",
}
