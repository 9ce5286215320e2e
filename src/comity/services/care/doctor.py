"""What could go wrong on this node before long, and what helps: ``comity doctor``.

Each finding says what is so, why it matters, and the one or two commands that help. It looks at
the node's surroundings; whether what it holds is sound is asked of ``fsck``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from comity.kernel.checkpoint import origin
from comity.kernel.errors import Phrase, Refusal, either
from comity.services.care import (
    backup,
    check_intake,
    check_rules,
    check_sharing,
    check_way,
    rehearsal,
)
from comity.services.care.report import Level, Report
from comity.services.casework.issue import own_view
from comity.services.identity.harden import awaits_root, lacks_soft_root
from comity.services.node import DAY
from comity.services.proof import equivocation
from comity.services.quota import LEAST_FREE
from comity.services.response import rules
from comity.services.servers import read_secret
from comity.store import vitals
from comity.store.access import acts, notices, outbox, parties
from comity.store.anchor import Mark
from comity.store.append.log import require_anchor
from comity.store.database import require_known_schema

if TYPE_CHECKING:
    from comity.services.node import Node

HOUR = 3600 * 1000
STUCK = HOUR
"""How long a queue may fail before it is called stuck, in ms."""
NO_WITNESS = (
    "No witness is named: nobody else confirms when something was said. Name one as `witnesses` in "
    "node.json."
)
SKEW = 2 * 60 * 1000
"""How far the clock may be from what peers say, in ms; half of what covers allow."""
OLD_BACKUP = 7 * DAY
OLD_DRILL = 90 * DAY
LITTLE_ROOM = 1024**3


def examine(node: Node, *, reaching: bool = True) -> Report:
    """Look at everything around a node; nothing is changed. With ``reaching`` its way out is
    tried, which may take seconds.
    """
    report = Report()
    checks: list[Callable[[Node, Report], None]] = [
        _schema,
        _database,
        _library,
        _log,
        _anchor,
        _checkpoint,
        _disk,
        _clock,
        _witnesses,
        _queues,
        _backups,
        _drills,
        _documents,
        _versions,
        _mail,
        _providers,
        _regimes,
        check_rules.check,
        check_sharing.check,
        check_intake.check,
        *([check_way.check] if reaching else []),
    ]
    for check in checks:
        try:
            check(node, report)
        except Refusal as refusal:
            report.error(check.__name__.lstrip("_"), refusal.reason)
        report.count("checks")
    return report


def _schema(node: Node, report: Report) -> None:
    try:
        require_known_schema(node.db)
    except Refusal as refusal:
        report.add(
            Level.ERROR,
            "schema",
            refusal.reason,
            "An older program would write what a newer one does not understand.",
            ("pip install --upgrade comity",),
        )


def _database(node: Node, report: Report) -> None:
    for name, found, wanted in vitals.settings(node.db):
        if found not in wanted:
            report.add(
                Level.ERROR,
                "database",
                Phrase(
                    "{name} is {found}; it must be {wanted}.",
                    name=name,
                    found=found,
                    wanted=either(sorted(wanted)),
                ),
                "A power cut could take back what was signed and sent already.",
                vitals.remedy(node.db, name),
            )
    if node.settings.database.startswith("postgres") and vitals.has_replicas(node.db):
        waits = vitals.waits_for_replicas(node.db)
        if not waits:
            report.add(
                Level.WARNING,
                "database",
                "A standby is attached, and commits do not wait for it.",
                "If it is promoted, it may lack what was signed: the node will refuse to sign.",
                ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"),
            )


def _library(node: Node, report: Report) -> None:
    version = vitals.library(node.db)
    if version and vitals.may_damage(version):
        report.add(
            Level.NOTE,
            "SQLite",
            Phrase(
                "Version {version} has the WAL-reset fault, unless who built it has mended it.",
                version=version,
            ),
            "In very rare cases it damages the database, when two connections write to it, or move "
            "its log into it, at the same moment. 3.51.3, 3.50.7 and 3.44.6 are without it: see "
            "sqlite.org/wal.html#walresetbug. Update the library, and keep backups.",
        )


def _log(node: Node, report: Report) -> None:
    opened = [row for row in parties.logs(node.db) if not row.closed]
    if len(opened) != 1:
        report.add(
            Level.ERROR,
            "log",
            Phrase("{count} logs are open; exactly one should be.", count=len(opened)),
            "Nothing can be signed.",
            ("comity fsck", "comity restore"),
        )
        return
    log = opened[0].log
    if not node.keys.has_log(log):
        report.add(
            Level.ERROR,
            "keys",
            Phrase("The private keys of log {log} are not on this machine.", log=log),
            "Nothing can be signed. Keys are never in a backup; the printed code opens the next "
            "log.",
            ("comity restore",),
        )
    elif node.keys.log(log).public != own_view(node).logs[log].keys:
        report.add(
            Level.ERROR,
            "keys",
            Phrase(
                "The private keys here are not those that the documents give log {log}.", log=log
            ),
            "Nobody would accept what is signed with them.",
            ("comity restore",),
        )


def _anchor(node: Node, report: Report) -> None:
    # The anchor first: it never runs ahead of what was committed by then.
    mark = node.anchor.read()
    opened = [row for row in parties.logs(node.db) if not row.closed]
    if not opened:
        return
    try:
        require_anchor(node.db, mark, Mark(opened[0].log, opened[0].size, opened[0].root))
    except Refusal as refusal:
        report.add(
            Level.ERROR,
            "anchor",
            refusal.reason,
            "Signing on would put two statements in one place, which nobody could tell from fraud.",
            ("comity fsck", "comity restore"),
        )


def _checkpoint(node: Node, report: Report) -> None:
    for row in parties.logs(node.db):
        late = node.now() - row.checkpoint_at - 3 * node.settings.cadence
        if not row.closed and row.size > 1 and late > 0:
            when = Phrase(
                "The last checkpoint of log {log} is {span} old.", log=row.log, span=_ago(node, row)
            )
            if row.checkpoint_at == 0:
                when = Phrase("No checkpoint of log {log} was ever made.", log=row.log)
            report.add(
                Level.WARNING,
                "checkpoint",
                when,
                "Without checkpoints nothing of this log can be proven or witnessed; the worker "
                "that cuts them does not run.",
                ("comity run",),
            )


def _ago(node: Node, row: parties.LogRow) -> Phrase:
    return _span(node.now() - row.checkpoint_at)


def _span(milliseconds: int) -> Phrase:
    hours = milliseconds // HOUR
    if hours < 1:
        return Phrase("{count} minutes", count=max(1, milliseconds // 60_000))
    if hours < 48:
        return Phrase("{count} hours", count=hours)
    return Phrase("{count} days", count=hours // 24)


def _disk(node: Node, report: Report) -> None:
    free = shutil.disk_usage(node.folder).free
    if free < LITTLE_ROOM:
        level = Level.ERROR if free < LEAST_FREE else Level.WARNING
        report.add(
            level,
            "disk",
            Phrase("{free} MiB are free where the node lives.", free=free // 1024**2),
            Phrase(
                "Below {least} MiB it takes nothing in, and others wait.",
                least=LEAST_FREE // 1024**2,
            ),
            (f"du -sh {node.folder}/*",),
        )


def _clock(node: Node, report: Report) -> None:
    """Compare the clock with the times peers signed last: half of them far off is too many."""
    now = node.now()
    skews = sorted(
        heard.signed_at - heard.heard_at
        for heard in vitals.signed_times(node.db, now - DAY, node.me)
    )
    if skews and abs(middle := skews[len(skews) // 2]) > SKEW:
        told = (
            "This clock is {span} ahead of what {count} statements of others said when they came."
        )
        if middle > 0:
            told = (
                "This clock is {span} behind what {count} statements of others said when they came."
            )
        report.add(
            Level.WARNING,
            "clock",
            Phrase(told, span=_span(abs(middle)), count=len(skews)),
            "Others refuse what seems too old or too new; what was signed keeps its order.",
            ("timedatectl set-ntp true",),
        )
    row = parties.logs(node.db)[-1]
    if row.last_time - now > SKEW:
        report.add(
            Level.WARNING,
            "clock",
            Phrase(
                "The clock went back by {span} since the last statement.",
                span=_span(row.last_time - now),
            ),
            "Until it has caught up, statements carry the time of the last one.",
            ("timedatectl set-ntp true",),
        )


def _witnesses(node: Node, report: Report) -> None:
    log = next((row.log for row in parties.logs(node.db) if not row.closed), 1)
    place = origin(node.me, log)
    newest = parties.newest_checkpoint(node.db, place)
    for name in node.settings.witnesses:
        size = parties.cosigned_size(node.db, place, name)
        if newest is not None and size < newest.size:
            errors = [reason for _, peer, _, reason, _ in parties.refusals(node.db) if peer == name]
            told = "It cosigned size {size} of {newest}; last: {error}"
            if not errors:
                told = "It cosigned size {size} of {newest}."
            last = Phrase(errors[-1]) if errors else ""
            report.add(
                Level.WARNING,
                Phrase("witness {party}", party=_name(node, name)),
                Phrase(told, size=size, newest=newest.size, error=last),
                "Nothing waits for it, except proofs of time.",
                ("comity parties", "comity run"),
            )
    if not node.settings.witnesses and len(parties.parties(node.db)) > 1:
        report.note("witnesses", NO_WITNESS)


def _versions(node: Node, report: Report) -> None:
    """Tell of statements that claim one place; the words accuse nobody."""
    by_party: dict[str, list[str]] = {}
    for row in acts.equivocations(node.db):
        by_party.setdefault(row.party, []).append(row.place)
    for party, places in by_party.items():
        place = Phrase("{place}, and {count} more", place=places[-1], count=len(places) - 1)
        report.add(
            Level.WARNING,
            Phrase("versions of {party}", party=_name(node, party)),
            Phrase(
                "{what} ({place})",
                what=Phrase(equivocation.WORDS),
                place=place if len(places) > 1 else places[0],
            ),
            "Both are kept, and shown to nobody as a fault. Ask which of them is meant.",
            ("comity parties",),
        )


def _mail(node: Node, report: Report) -> None:
    """Tell of mail that does not reach people, where a mail server is named."""
    if node.settings.mail is None:
        return
    row, refused = notices.mailing(node.db), notices.refused_people(node.db)
    if row.failures:
        report.add(
            Level.WARNING,
            "mail",
            Phrase(
                "Nothing was sent in {tries} tries, the last {span} ago: {error}",
                tries=row.failures,
                span=_span(node.now() - row.failed_at),
                error=Phrase(row.last_error),
            ),
            "People learn what awaits them from the pages alone.",
            ("comity people --try-mail EMAIL",),
        )
    if refused:
        report.add(
            Level.WARNING,
            "mail",
            Phrase("The mail server refuses to send to {count} of the people here.", count=refused),
            "They learn what awaits them from the pages alone. Are their addresses right?",
            ("comity people",),
        )


def _providers(node: Node, report: Report) -> None:
    """Tell of identity providers that cannot be used, because their secret cannot be read."""
    for provider in node.settings.providers:
        try:
            if provider.secret_file:
                read_secret(node.folder, provider.secret_file)
        except Refusal as refusal:
            report.add(
                Level.WARNING,
                Phrase("sign-in by {provider}", provider=provider.name),
                refusal.reason,
                "Until it can be read, nobody signs in that way.",
            )


def _name(node: Node, party: str) -> str:
    row = parties.party(node.db, party)
    return party[:8] if row is None or not row.name else row.name


def _queues(node: Node, report: Report) -> None:
    sizes, days = outbox.queue_sizes(node.db), node.settings.expire // DAY
    for row in outbox.peers(node.db):
        waiting = sizes.get(row.party, {})
        if row.failures and waiting.get("queued") and node.now() - row.last_heard > STUCK:
            report.add(
                Level.WARNING,
                Phrase("outbox to {party}", party=_name(node, row.party)),
                Phrase(
                    "{count} items wait after {tries} tries; last: {error}",
                    count=waiting["queued"],
                    tries=row.failures,
                    error=Phrase(row.last_error),
                ),
                Phrase("After {days} days they are called undeliverable.", days=days),
                ("comity parties", "comity export"),
            )
        if lost := waiting.get("undeliverable"):
            report.add(
                Level.WARNING,
                Phrase("outbox to {party}", party=_name(node, row.party)),
                Phrase(
                    "{count} items could not be delivered in {days} days.", count=lost, days=days
                ),
                "This party never got them; a file on a stick would reach it.",
                ("comity export",),
            )


def _backups(node: Node, report: Report) -> None:
    at = backup.last(node)
    if at is None or node.now() - at > OLD_BACKUP:
        words = Phrase("None was made yet.")
        if at is not None:
            words = Phrase("It is {span} old.", span=_span(node.now() - at))
        report.add(
            Level.WARNING,
            "backup",
            words,
            "What peers hold comes back without it; local notes and the oldest content may not.",
            ("comity backup FILE.tar",),
        )


def _drills(node: Node, report: Report) -> None:
    """Tell when no backup was tried for long, or the last one tried was of no use."""
    done = rehearsal.last(node)
    if done is not None and not done.sound:
        report.add(
            Level.WARNING,
            "restore drill",
            Phrase(
                "{where} could not be restored {span} ago: {reason}",
                where=done.where,
                span=_span(node.now() - done.at),
                reason=Phrase(done.reason),
            ),
            "After a loss there may be nothing to go on from.",
            ("comity backup FILE.tar", "comity restore --rehearse FILE.tar"),
        )
    elif done is None or node.now() - done.at > OLD_DRILL:
        words = Phrase("No backup was ever tried.")
        if done is not None:
            words = Phrase("A backup was last tried {span} ago.", span=_span(node.now() - done.at))
        report.add(
            Level.NOTE,
            "restore drill",
            words,
            "Whether a backup is of use shows when it is restored; a drill changes nothing.",
            ("comity restore --rehearse FILE.tar",),
        )


def _confirming(node: Node) -> str:
    """Return the command by which the root keys confirm the newest log."""
    if own_view(node).grade != "evaluation":
        return "comity ceremony"
    return f"comity confirm{' --root-code CODE' if lacks_soft_root(node) else ''}"


def _documents(node: Node, report: Report) -> None:
    view = own_view(node)
    if awaits_root(view):
        report.add(
            Level.WARNING,
            "root",
            Phrase(
                "Log {log} was opened by the spare key and no root key confirmed it.",
                log=view.current_log,
            ),
            "Others show this party as awaiting root confirmation.",
            (_confirming(node),),
        )
    if view.grade == "evaluation":
        report.add(
            Level.NOTE,
            "grade",
            "This is an evaluation node: its root key lies on this machine."
            if node.keys.root() is not None
            else "This party is marked for evaluation: one root key, not hardened.",
            "Who has that one key can replace all keys of this party, for good.",
            ("comity ceremony",),
        )
    row = parties.party(node.db, node.me)
    held = None if row is None else parties.statement(node.db, row.node_doc)
    if held is None:
        report.add(
            Level.ERROR,
            "node document",
            "This node has published none.",
            "Others do not know where it is, nor how to seal for it.",
            ("comity restore",),
        )


def _regimes(node: Node, report: Report) -> None:
    """Say what is wrong with this party's own regimes, which then are not counted by."""
    if wrong := rules.of_node(node).wrong:
        report.warn(rules.FILE, wrong)
