"""The words of contacts: what the acts that tell of them say, as far as it is held here."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from comity.kernel.act import read_header
from comity.kernel.errors import Refusal
from comity.protocols._vocabulary.contacts import MEMBERS
from comity.protocols.trust.community.contacts import Give
from comity.protocols.trust.community.content import LINES, MOST, MOST_LONG
from comity.services.casework.content import manifest_in
from comity.services.casework.view import TIME_AHEAD
from comity.store.access import acts as access

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from comity.kernel.act import Header
    from comity.kernel.canon import Object
    from comity.services.node import Node
    from comity.store.access.acts import ActRow, PartHeld
    from comity.store.access.subjects import About


class Telling(NamedTuple):
    """The ``act`` that tells a particular, when it was ``told`` at the latest, and when it was last
    ``confirmed`` (ms).
    """

    act: str
    told: int
    confirmed: int


class Words:
    """The acts that tell of contacts and particulars, found by what they are about: their headers,
    and what is held of their content.
    """

    def __init__(self, node: Node, contacts: Iterable[About], particulars: Iterable[About]) -> None:
        self._node = node
        self._contacts, self._told = [*contacts], [*particulars]
        self._acts: dict[str, ActRow] = {}
        self._parts: dict[str, PartHeld] = {}
        self._headers: dict[str, Header] = {}
        self._fields: dict[str, Object] = {}
        self._hold(sorted({row.act for row in (*self._contacts, *self._told)}))

    def _hold(self, ids: Sequence[str]) -> None:
        self._acts.update(access.acts_among(self._node.db, ids))
        self._parts.update(access.first_parts(self._node.db, ids))

    def telling(self, row: About, field: str) -> Telling:
        """Return the act whose words are to be read for a particular.

        It is the one that tells it; or, where its words are not here, the one that gave them to
        this party since then.
        """
        told = self._acts[row.act]
        if not self.text(row.act, field):
            record = "/".join(row.value.split("/")[:2])
            given = self._acts[self._given.get((row.dossier, record, field), row.act)]
            told = given if given.time >= told.time else told
        claimed = max(row.begins or 0, told.time)
        # Of a word that claims to come from a time ahead it counts when what it is about came here.
        ahead = claimed > self._node.now() + TIME_AHEAD
        confirmed = told.received_at if ahead else claimed
        return Telling(told.id, min(told.time, told.received_at), confirmed)

    def kept_by(self, act: str) -> str:
        """Return the member that keeps a contact, as its nomination says; "" without one."""
        return str(self._header(act).body.get("kept_by", ""))

    def served(self, act: str, what: str) -> tuple[str, ...]:
        """Return the ``sectors`` or ``states`` that a contact answers for, by its nomination."""
        found = self._header(act).body.get(what)
        return tuple(map(str, found)) if isinstance(found, list) else ()

    def visibility(self, act: str) -> str:
        """Return for whom an act tells what it tells."""
        return str(self._header(act).body.get("visibility", MEMBERS))

    def text(self, act: str, field: str) -> str:
        """Return what an act says in a field, as far as it is held; "" otherwise."""
        if act not in self._fields:
            self._fields[act] = self._read(act)
        found = self._fields[act].get(field)
        # Nor is what others wrote as short as a form takes it.
        return found[: MOST_LONG if field in LINES else MOST] if isinstance(found, str) else ""

    def _header(self, act: str) -> Header:
        if act not in self._headers:
            self._headers[act] = read_header(self._acts[act].header)
        return self._headers[act]

    def _read(self, act: str) -> Object:
        try:
            listed = manifest_in(self._node, self._parts.get(act), self._header(act).content)
        except Refusal:
            # What others wrote is never trusted to have its form.
            return {}
        return {} if listed is None else listed.fields

    @cached_property
    def _given(self) -> dict[tuple[str, str, str], str]:
        """The acts that gave particulars to this party, the newest, by dossier, record and field.

        Looked for only where some words are not here.
        """
        lacking = {r.dossier for r in self._told if not self.text(r.act, r.value.split("/")[2])}
        if not lacking:
            return {}
        able = {row.value.split("/")[0] for row in self._contacts}
        able |= {self.kept_by(row.act) for row in self._contacts}
        rows = access.acts_of_kinds(self._node.db, [Give.KIND.kind], sorted(able - {""}))
        gave = [row for row in rows if row.dossier in lacking and not row.void_rule]
        self._hold([row.id for row in gave])
        asked = self._cited([row.id for row in gave])
        nominated = self._cited([*asked.values()])
        found: dict[tuple[str, str, str], str] = {}
        for row in sorted(gave, key=lambda each: (each.time, each.id)):
            about = self._header(nominated[asked[row.id]])
            for field in Give.checked(self._header(row.id)).fields:
                if self.text(row.id, field):
                    record = f"{about.party}/{about.body['contact']}"
                    found[row.dossier, record, field] = row.id
        return found

    def _cited(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the one act that each of some acts cites, as their kinds require."""
        cited = {id_: str(self._header(id_).refs[0]) for id_ in ids}
        self._acts.update(access.acts_among(self._node.db, sorted({*cited.values()})))
        return cited
