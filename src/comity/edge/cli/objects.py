"""Objects: looking for them, and where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from comity.edge.cli.run import Answer, Run, command
from comity.edge.cli.sharing import InCircle, Object
from comity.edge.cli.words import TLP_WORDS, instant, read_tlp, short, size
from comity.engines.confidence import level, number
from comity.engines.decay import State
from comity.engines.instants import exact
from comity.kernel.errors import Refusal
from comity.kernel.exhibit import LIMIT
from comity.kernel.fieldtypes import instant_from_text
from comity.kernel.ids import fingerprint, is_hex
from comity.services.identity import roster
from comity.services.sharing import (
    answering,
    exploited,
    overview,
    searching,
    showing,
    techniques,
    validity,
)
from comity.services.sharing.searching import MOST, Found, Query

if TYPE_CHECKING:
    from comity.services.sharing.answering import Place
    from comity.services.sharing.showing import Hop, Report, Shown

app = typer.Typer()
UNCHECKED = 3
"""The exit code for "consistent, identity not checked", as of ``comity verify``."""
MILLI = 1000
"""Microseconds in a millisecond."""
HOPS = {"publish": "published", "forward": "forwarded"}
VALIDITY = {
    State.AHEAD: "not valid yet",
    State.CURRENT: "holds",
    State.AGED: "old",
    State.EXPIRED: "expired",
    State.WRONG: "false positive",
    State.REVOKED: "revoked",
}


@command(app, "search")
def search(
    run: Run,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="Found in what people wrote.")
    ] = None,
    *,
    value: Annotated[
        str,
        typer.Option(
            "--value",
            metavar="VALUE",
            help="An address or range, domain, URL, mail address, hash, CVE or technique.",
        ),
    ] = "",
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="As indicator; may be repeated."),
    ] = None,
    collection: Annotated[
        str, typer.Option("--collection", metavar="ID", help="A collection or circle.")
    ] = "",
    tlp: Annotated[str, typer.Option("--tlp", metavar="LEVEL", help="Under this label.")] = "",
    since: Annotated[
        str,
        typer.Option(
            "--since", metavar="INSTANT", help="Added since then: 2026-05-03, 2026-05-03T02:40Z."
        ),
    ] = "",
    valid: Annotated[
        bool, typer.Option("--valid", help="Indicators that still hold, and nothing else.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST, help="At most so many.")] = 50,
) -> Answer:
    """Look for objects in all circles and feeds here, those added last first.

    Words are found once the worker has looked at what came: `comity run` does that by itself.
    """
    query = Query(
        words=" ".join(words or []),
        value=value,
        types=tuple(type_ or ()),
        shelf=overview.find_shelf(run.node, collection).id if collection else "",
        tlp=read_tlp(tlp).value if tlp else "",
        since=moment(since, "--since") * MILLI if since else 0,
        valid=valid,
    )
    found = _search(run, query, limit)
    titles = overview.titles(run.node)
    known = techniques.asked(query)
    lines = [_found_line(each, titles[each.shelf]) for each in found]
    answer: dict[str, object] = {
        "techniques": [techniques.to_value(each) for each in known],
        "objects": [
            {
                "id": each.id,
                "type": each.type,
                "version": each.version,
                "added": each.added,
                "collection": each.shelf,
                "tlp": each.tlp.value,
                "object": orjson.loads(each.data),
            }
            for each in found
        ],
    }
    lines = lines or ["Nothing of what is here fits."]
    return Answer(answer, [*map(techniques.sentence, known), *lines])


def _search(run: Run, query: Query, limit: int) -> list[Found]:
    finder, found = searching.at_the_machine(run.node), list[Found]()
    while True:
        page = searching.search(run.node, finder, query, limit - len(found))
        found += page.found
        if not page.before or len(found) == limit:
            return found
        query = query._replace(before=page.before)


def moment(text: str, option: str) -> int:
    """Return an instant or a day that a person wrote, in ms. Raises Refusal S4."""
    try:
        return instant_from_text(text if "T" in text else f"{text}T00:00Z")
    except ValueError as error:
        raise Refusal("S4", f"{option}: {error.args[0]}.", option) from error


def _found_line(found: Found, title: str) -> str:
    named = _named(found.data)
    return f"{found.id} · {TLP_WORDS[found.tlp]} · {title}{f' · {named}' if named else ''}"


def _named(data: bytes) -> str:
    """Return by what a person knows an object: its name, or what it is about, on one line."""
    value = orjson.loads(data)
    for name in ("name", "pattern", "value", "relationship_type", "description"):
        if isinstance(value.get(name), str):
            return " ".join(value[name].split())[:100]
    return ""


@command(app, "object")
def object_(
    run: Run,
    object_: Object,
    *,
    circle: InCircle = "",
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="FILE", help="Write it with what shows who said it first."
        ),
    ] = None,
) -> Answer:
    """Show an object: its versions, where it stands, and whose hands it came through.

    It says whether an indicator still holds, what imported lists say of the vulnerabilities that it
    names, and what ATT&CK calls its techniques.

    Every signature on its way is verified. With --evidence a file is written by which a stranger
    sees that too, with `comity verify-object` and without a node.
    """
    finder = searching.at_the_machine(run.node)
    found = showing.show(run.node, finder, answering.find_object(run.node, object_), circle)
    written = b""
    if evidence is not None:
        written = showing.evidence(run.node, finder, found.id, circle)
        evidence.write_bytes(written)
    value: dict[str, object] = {
        "id": found.id,
        "object": orjson.loads(found.data),
        "places": [place.value() for place in found.places],
        "hops": [_hop_value(hop) for hop in found.hops],
        "alarms": [each._asdict() for each in found.alarms],
        "validity": validity.to_value(found.judged),
        "vulnerabilities": exploited.to_value(found.lists),
        "techniques": [techniques.to_value(each) for each in found.techniques],
        "evidence": None if evidence is None else {"file": str(evidence), "bytes": len(written)},
    }
    lines = [*_object_lines(found)]
    if evidence is not None:
        label = TLP_WORDS[max(hop.tlp for hop in found.hops)]
        lines.append(f"{evidence}, {size(len(written))}, shows this to anybody whom {label} allows")
        lines.append("to have it: comity verify-object FILE.")
    return Answer(value, lines)


def _hop_value(hop: Hop) -> dict[str, object]:
    return {**hop._asdict(), "tlp": hop.tlp.value}


def _object_lines(found: Shown) -> Iterator[str]:
    yield f"{found.id}{' · ' * bool(_named(found.data))}{_named(found.data)}"
    for place in found.places:
        yield f"  {_version(place)} · {TLP_WORDS[place.tlp]} · in {place.title}"
    yield from _hop_lines(found.hops)
    if not found.hops:
        yield "  came from outside: nobody signed it"
    yield from (f"  ALARM {each.rule}: {each.told}" for each in found.alarms)
    yield from _confidence_lines(orjson.loads(found.data))
    if found.judged is not None:
        yield f"  {VALIDITY[found.judged.validity.state]}: {validity.why(found.judged)}"
        for each in found.judged.others:
            yield f"  {validity.beside(each)} It did not give it first, so that ends nothing."
    if found.lists is not None:
        yield from (f"  {sentence}" for sentence in exploited.sentences(found.lists))
    yield from (f"  {techniques.sentence(each)}" for each in found.techniques)


def _confidence_lines(value: Mapping[str, Any]) -> Iterator[str]:
    sure = number(value.get("confidence"))
    if sure is not None:
        yield f"  confidence {sure} of 100: {level(sure)} (none, low, medium or high)"


def _version(place: Place) -> str:
    if not place.version:
        return "one version"
    return f"version {exact(place.version // 1000)}"


def _hop_lines(hops: Iterable[Hop]) -> Iterator[str]:
    for hop in hops:
        who = f"{hop.name or 'a party'} ({short(hop.party)})"
        what = HOPS.get(hop.kind, hop.kind)
        yield (
            f"  {instant(hop.time)} {what} by {who}, {TLP_WORDS[hop.tlp]}, "
            f"in dossier {short(hop.dossier)} [{short(hop.act)}]"
        )


@command(app, "verify-object")
def verify_object(
    run: Run,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="As `comity object` --evidence writes it.",
        ),
    ],
    *,
    party: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A party whose fingerprint you compared; repeat it."),
    ] = None,
    known: Annotated[
        bool, typer.Option("--known", help="Use the parties that the node in --dir accredited.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write the object there.")
    ] = None,
) -> Answer:
    """Verify who said an object first, and whose hands it came through; no node is needed.

    Exit code 0: verified. 1: it fails, and what fails is named. 3: consistent, and you have to
    compare the fingerprints printed.
    """  # fmt: skip
    if file.stat().st_size > LIMIT:
        raise Refusal("W8", f"The file has more than {LIMIT} bytes.", str(file))
    named, parties = _known(run, party or [], known=known)
    report = showing.verify(file.read_bytes(), parties, named)
    if out is not None:
        out.write_bytes(report.data)
    value: dict[str, object] = {
        "id": report.id,
        "verdict": "consistent" if report.unknown else "verified",
        "hops": [_hop_value(hop) for hop in report.hops],
        "unknown": [*report.unknown],
        "file": None if out is None else str(out),
    }
    return Answer(value, _report_lines(report), UNCHECKED if report.unknown else 0)


def _known(run: Run, ids: list[str], *, known: bool) -> tuple[dict[str, str], set[str]]:
    if wrong := [text for text in ids if not is_hex(text)]:
        raise Refusal("S4", "Write the whole id of a party, 64 digits; or use --known.", wrong[0])
    if not known:
        return {}, set(ids)
    everyone = roster.everyone(run.node)
    accredited = {each.id for each in everyone if each.accredited_at or each.is_self}
    return roster.names(run.node), accredited | set(ids)


def _report_lines(report: Report) -> Iterator[str]:
    yield "CONSISTENT, IDENTITY NOT CHECKED" if report.unknown else "VERIFIED"
    named = _named(report.data)
    yield f"  {report.id}{f' · {named}' if named else ''}"
    yield from _hop_lines(report.hops)
    if report.unknown:
        yield "Compare these fingerprints with the parties themselves, then name them with --party:"
    for party in report.unknown:
        yield f"  {short(party)}: {fingerprint(party)}"
