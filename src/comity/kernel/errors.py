"""The one registry of rules and the one shape of a refusal.

::

    ComityError
     ├── Refusal      bytes that will never be admitted, or not now: {rule, reason, subject, retry}
     ├── Pending      an act whose parents or documents are not held yet
     └── Void         a protocol's guard: the act is in the graph, and has no effect

Rule ids are frozen: a number is never given another meaning, and never reused.
K: kernel, structural. W: log and witnesses. L: labels. T: transport. S: the node itself.
X: sharing.
X: what is shared, in the formats of the world.
A protocol's own guards are numbered D1, D2 … in its SPEC.md and live in its ``rules.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import Self

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

SCHEMA_RULE = "D0"
"""The guard every protocol has, see ``protocol.SCHEMA_TITLE``; its own begin with D1."""


class Phrase(str):
    """Words for people with values in them, which can be said in another language.

    As a text it is its English. ``template`` holds ``{name}`` where ``values`` stand; a value that
    is a Phrase is said in the other language too, any other as it is.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill in a template; a Phrase without values is the one that it is given."""
        if isinstance(template, cls) and not values:
            return template
        self = super().__new__(cls, _filled(template, {n: str(v) for n, v in values.items()}))
        self.template = template
        self.values = values
        return self

    def said(self, say: Callable[[str], str]) -> str:
        """Return it in the language into which ``say`` translates a template."""
        said = {name: spoken(value, say) for name, value in self.values.items()}
        return _filled(say(self.template), said)


def _filled(template: str, values: Mapping[str, str]) -> str:
    # One pass, so that braces in a value stay what they are.
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def spoken(value: object, say: Callable[[str], str]) -> str:
    """Return a value of a phrase in another language: a Phrase translated, all else as it is."""
    return value.said(say) if isinstance(value, Phrase) else str(value)


def either(words: Iterable[str]) -> str:
    """Return ``a or b or c`` of one word or more, which can be said in another language."""
    return reduce(lambda these, that: Phrase("{these} or {that}", these=these, that=that), words)


class Retry(StrEnum):
    """What a sender does after a refusal. Senders act on this field and on nothing else."""

    NEVER = "never"
    LATER = "later"
    AFTER_UPGRADE = "after-upgrade"
    AFTER_DOCUMENT = "after-document"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can refuse. ``title`` is a short statement of what must hold."""

    title: str
    retry: Retry = Retry.NEVER


RULES: dict[str, Rule] = {
    # Bytes and envelopes.
    "K1": Rule("A statement stays within its size limit."),
    "K2": Rule("A payload is canonical JSON of the restricted profile."),
    "K3": Rule("An envelope is DSSE with exactly the members the profile names."),
    "K4": Rule("A header has exactly the fields of its kind, each of its type."),
    "K5": Rule("The signature verifies under the key that the named document gives."),
    "K6": Rule("The named document is the party's own and lists the named log."),
    "K7": Rule("A statement lies before the size at which its log was closed."),
    # Documents.
    "K8": Rule("A document follows its predecessor by the update rules."),
    "K9": Rule("A public key is a valid point of its curve."),
    # The graph.
    "K10": Rule("A feed goes on from its own last act: n, prev, seq, document and time."),
    "K11": Rule("Parents are acts of the same dossier."),
    "K12": Rule("The author is a member in the act's own past."),
    "K13": Rule("Label, footing and realm stay within the charter."),
    "K14": Rule("A kernel act has the form and the authority its kind demands."),
    "K15": Rule("Content matches its commitment."),
    "K16": Rule("Approvals are made by mandate keys over exactly this act."),
    "K17": Rule("The envelope's format version is known.", Retry.AFTER_UPGRADE),
    "K18": Rule("Evidence in an act verifies with the documents the act names."),
    "K19": Rule("The envelope's format is no draft from before version 1."),
    # Log, checkpoints, witnesses.
    "W1": Rule("A signed note has the form of its specification."),
    "W2": Rule("A checkpoint is signed by its log's own key."),
    "W3": Rule("A Merkle proof verifies."),
    "W4": Rule("A new checkpoint extends the one cosigned before.", Retry.LATER),
    "W5": Rule("A witness policy is satisfied."),
    "W6": Rule("A log never signs two trees of one size, nor two statements for one place."),
    "W7": Rule("An evidence file has its one form, and holds nothing that no check looks at."),
    "W8": Rule("What was forwarded leads back to the signed acts that it came through."),
    # Labels.
    "L1": Rule("Every source of a label is known to this node."),
    "L2": Rule("TLP:RED is shown only to readers listed by handle, on pages."),
    "L3": Rule("TLP:AMBER+STRICT stays with the members of its source."),
    "L4": Rule("TLP:AMBER stays with the members of its source and their constituency."),
    "L5": Rule("TLP:GREEN stays with accredited parties."),
    "L6": Rule("Onward sharing of AMBER or stricter needs the origin's permission."),
    # Transport.
    "T1": Rule("A cover is well formed, signed by its sender and recent."),
    "T2": Rule("A bundle is addressed to this node."),
    "T3": Rule("A cover is taken once."),
    "T4": Rule("The sender is known to this node.", Retry.LATER),
    "T5": Rule("The sender stays within its quota.", Retry.LATER),
    "T6": Rule("A sealed message opens with a key this node announced.", Retry.AFTER_DOCUMENT),
    "T7": Rule("A body has the size its cover names, within the limit."),
    "T8": Rule("A blob matches the hash it was asked for by."),
    "T9": Rule("What is asked for is held here for the one who asks.", Retry.LATER),
    "T10": Rule("A bundle has the form of this wire version.", Retry.AFTER_UPGRADE),
    "T11": Rule("A mailbox host keeps mail only for parties it agreed to host."),
    "T12": Rule("The party that sends is not frozen by a fork of its documents.", Retry.LATER),
    "T13": Rule("This node is able to take this in now.", Retry.LATER),
    # The node itself.
    "S1": Rule("The anchor agrees with the database before anything is signed.", Retry.LATER),
    "S2": Rule("Nothing is signed that the dossier's own rules refuse."),
    "S3": Rule("What is asked for exists and may be seen by the one who asks."),
    "S4": Rule("A command's arguments make sense together."),
    "S5": Rule("The node's folder holds what a node needs."),
    "S6": Rule("The database has the schema this program knows.", Retry.AFTER_UPGRADE),
    "S7": Rule("There is room on the disk.", Retry.LATER),
    "S8": Rule("The dossier is whole and readable by this node.", Retry.LATER),
    "S9": Rule("Nodes that hold the same acts compute the same state."),
    "S10": Rule("A person does what a mandate of this party lets the person do."),
    "S11": Rule("A link is used once, before it expires."),
    "S12": Rule("What is acted upon is still as the one who acts saw it."),
    "S13": Rule("What this node needs besides itself answers.", Retry.LATER),
    # Sharing of objects.
    "X20": Rule("A forwarded object came through the acts that its provenance shows."),
    "X21": Rule("A forwarder lowers no label."),
    "X22": Rule("One version of an object has the same bytes everywhere."),
    "X23": Rule("An object's own marking lies within the ceiling of its shelf."),
    "X24": Rule("An object is taken back by whoever published it."),
    "X25": Rule(
        "What is shared was looked over: claims, harmless values and conflicts are settled."
    ),
    "X26": Rule("Who adds to a collection is a member of the circle that has it."),
    "X27": Rule("A version of an object is dated no more than a day after it is said."),
    "X28": Rule("Later versions of an object come from the party that gave the first."),
    # TAXII.
    "X30": Rule("A request says in Accept that it takes TAXII 2.1."),
    "X31": Rule("What is posted says that it is TAXII 2.1, packed by gzip or not at all."),
    "X32": Rule("A page is asked to hold a whole number of objects, one or more."),
    "X33": Rule("A cursor is used with the collection and the filters it was given for."),
    "X34": Rule("A time in a query is written as in RFC 3339."),
    "X35": Rule("A filter is given once, and its values have the form of its field."),
    "X36": Rule("A body stays within the length its API root names, unpacked too."),
    "X37": Rule("A packed body unpacks to its end."),
    "X38": Rule("Who asks for more than a server's name shows a token that works."),
    "X39": Rule("An address is asked by a method that it has."),
    # Other TAXII servers.
    "X60": Rule("A peer is described as its form has it, and reaches no further than it may."),
    "X61": Rule("A TAXII server answers itself, in TAXII 2.1, and unpacked."),
    "X62": Rule("What a TAXII server answers has the members of its kind, each of its type."),
    "X63": Rule("The pages of a TAXII server go on, and come to an end."),
    "X64": Rule("A TAXII server lets this node in, and has what it is asked for."),
    "X65": Rule("A TAXII server is reached, and able to answer.", Retry.LATER),
    "X66": Rule("A password is shown to the server it is for alone, and not in the clear."),
    "X67": Rule("What is pushed to a TAXII server is taken there."),
    # Providers of advisories.
    "X68": Rule("What a CSAF provider lists has the form that the standard gives it."),
    "X69": Rule("A CSAF provider is reached, and gives what it lists.", Retry.LATER),
    # What is shared: STIX.
    "X1": Rule("A batch and each object in it stay within their size, and nest within the limit."),
    "X2": Rule("What is sent is strict JSON: UTF-8, no name twice in an object, real numbers."),
    "X3": Rule("A batch is one bundle or envelope with a list of objects, none of them a bundle."),
    "X4": Rule("An object has a type, and an id that begins with it."),
    "X5": Rule("An object fits the STIX 2.1 schema of its type."),
    "X6": Rule("The times in an object exist, and follow each other."),
    "X7": Rule("A reference leads to a type of object that may stand there."),
    "X8": Rule("A marking says what its id stands for, and its selectors find what they mark."),
    "X9": Rule("A STIX pattern stays within its size, and its words, quotes and brackets fit."),
    "X10": Rule("What was written as STIX 2.0 has a form in STIX 2.1."),
    "X11": Rule("A schema names only schemas that were given with it."),
    # What is shared: advisories.
    "X40": Rule("An advisory is one JSON document within its limits, and says each thing once."),
    "X41": Rule("An advisory has the structure of CSAF 2.0 or 2.1."),
    "X42": Rule("An advisory passes the mandatory tests of its version of CSAF."),
    "X43": Rule("A file of an advisory bears the name that its tracking id gives it."),
    "X44": Rule("An advisory has the hash that stands beside it."),
    "X45": Rule("An advisory is signed by the key that is trusted for it."),
    "X46": Rule("A signature and its key are of a kind, an age and a strength that is trusted."),
    "X47": Rule("An advisory is published no wider than its label says."),
    "X48": Rule("An advisory says one thing in each of its versions."),
    "X49": Rule("What is published is finished, and says where it will lie."),
    # MISP, lists of others and exports.
    "X50": Rule("A file of MISP is JSON that holds one event or more."),
    "X51": Rule("An event of MISP and what is in it have the fields of their kind, of its type."),
    "X52": Rule("A time in MISP or in a list lies between 1970 and 9999."),
    "X53": Rule("A UUID stands once in a file of MISP."),
    "X54": Rule("What is kept of MISP beside an object says what the object says."),
    "X55": Rule("A MISP feed has a manifest, and holds the events that it lists."),
    "X56": Rule("A list of vulnerabilities has the form that its publisher describes."),
    "X57": Rule("Nothing leaves in an export that is stricter than what the export is made for."),
    "X58": Rule("What a static feed holds is what its signed index says."),
}


class ComityError(Exception):
    """The root of every error the kernel raises on purpose."""


class Refusal(ComityError):
    """A typed refusal naming the rule.

    Fields: ``rule`` (a key of ``RULES``), ``reason`` (one plain sentence for a person),
    ``subject`` (the id or name of what was refused, or ``""``), ``retry`` (from the registry).
    """

    def __init__(self, rule: str, reason: str, subject: str = "") -> None:
        super().__init__(f"{rule}: {reason}" + (f" [{subject}]" if subject else ""))
        self.rule = rule
        self.reason = reason
        self.subject = subject

    @property
    def retry(self) -> Retry:
        """What the sender should do, as the registry says."""
        return RULES[self.rule].retry

    def shape(self) -> dict[str, str]:
        """Return the one wire shape of an error: {rule, reason, subject, retry}."""
        return {
            "rule": self.rule,
            "reason": self.reason,
            "subject": self.subject,
            "retry": self.retry.value,
        }


class Pending(ComityError):
    """An act that cannot be judged yet.

    Fields: ``acts`` and ``documents``, the ids that are missing.
    """

    def __init__(
        self, *, acts: frozenset[str] = frozenset(), documents: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(f"{len(acts)} acts and {len(documents)} documents are not held yet")
        self.acts = acts
        self.documents = documents


class Void(ComityError):
    """A guard's verdict: the act stays in the graph and has no effect.

    Fields: ``rule`` (the protocol's own number, as in its SPEC.md), ``reason`` (one sentence).
    """

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason
