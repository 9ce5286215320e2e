"""Security advisories in CSAF 2.0 and 2.1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.bridges.csaf.provider import Site
from comity.edge.cli import terminal
from comity.edge.cli.run import Answer, Dir, Json, Run, command
from comity.edge.cli.words import TLP_WORDS, count
from comity.kernel.errors import Phrase, Refusal
from comity.kernel.label import TLP
from comity.services.identity import find
from comity.services.sharing import advisories, attached, providers, searching
from comity.services.sharing.advisories import Checked, Refused
from comity.services.sharing.providers import Pulled, Wanted

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", exists=True, help="Advisories, or folders of them."),
]
KeyFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A public OpenPGP key that must have signed them; may be given more than once.",
    ),
]
InCircle = Annotated[
    str, typer.Option("--circle", metavar="DOSSIER", help="Publish them in a circle.")
]
InIntake = Annotated[
    str, typer.Option("--intake", metavar="NAME", help="Where they are kept, for this node.")
]
app = typer.Typer()
group = typer.Typer(no_args_is_help=True)
app.add_typer(group, name="csaf")


@group.callback()
def _start(ctx: typer.Context, *, folder: Dir = None, as_json: Json = False) -> None:
    """Check security advisories (CSAF 2.0, 2.1), take them in, pull or publish them."""
    root = ctx.find_root().obj
    root.folder, root.json = folder or root.folder, root.json or as_json


@command(group, "check")
def check(run: Run, files: Files, *, key: KeyFiles = None) -> Answer:
    """Check advisories with the hashes and signatures that lie beside them; no node is needed.

    Exit code 1 where one of them is refused.
    """
    checked, refused = _checked(run, files, key)
    lines = [line for each in checked for line in lines_of(each)]
    lines.append(f"{count(len(checked), 'file')} valid, {len(refused)} refused.")
    return Answer(_value(checked, refused), lines, code=1 if refused else 0)


@command(group, "import")
def import_(
    run: Run,
    files: Files,
    *,
    key: KeyFiles = None,
    circle: InCircle = "",
    intake: InIntake = advisories.INTAKE,
) -> Answer:
    """Take in advisories as objects: a report each, with its vulnerabilities and notes.

    What is refused is told on the error output, and the others are taken in.
    """
    checked, refused = _checked(run, files, key)
    where = find.dossier(run.node, circle) if circle else ""
    came = advisories.take_in(run.node, checked, circle=where, intake=intake)
    for flaw in came.flaws:
        _tell(f"{flaw.id}: {flaw.reason} (rule {flaw.rule})", quiet=run.json)
    value = _value(checked, refused) | {
        "objects": len(came.objects),
        "held": len(came.held),
        "flaws": [flaw._asdict() for flaw in came.flaws],
    }
    told = (
        f"{count(len(checked), 'file')} taken in: {count(len(came.objects), 'object')} new, "
        f"{len(came.held)} here before, {len(came.flaws)} not taken; "
        f"{count(len(refused), 'file')} refused."
    )
    return Answer(value, [told], code=1 if refused or came.flaws else 0)


@command(group, "pull")
def pull(
    run: Run,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="A provider-metadata.json, or the provider's host; or an aggregator.json.",
        ),
    ],
    *,
    key: KeyFiles = None,
    circle: InCircle = "",
    intake: InIntake = advisories.INTAKE,
    again: Annotated[
        bool, typer.Option("--again", help="Fetch what was taken before, too.")
    ] = False,
) -> Answer:
    """Take in what a CSAF provider publishes, with its hashes and signatures.

    Only what is new or changed is fetched; who was interrupted goes on from there. What is refused
    is told on the error output, and the others are taken in. Exit code 1 where something was. Of an
    aggregator all providers that it lists are asked; `comity csaf providers URL` names them.
    """
    where = find.dossier(run.node, circle) if circle else ""
    wanted = Wanted(url, advisories.trusted_keys(key or ()), where, intake, again)
    with run.waiting("Pulling") as tell:
        done = providers.pull(run.node, wanted, tell)
    for place, refusal in done.refused:
        _tell(f"{place}: {refusal.reason} (rule {refusal.rule})", quiet=run.json)
    lines = [line for each in done.each for line in _pulled_lines(each, verified=bool(key))]
    lines += _pulled_lines(done, verified=bool(key))
    if not key:
        lines.append("Signatures were not verified; --key names the key that must have made them.")
    return Answer(_pulled(done), map(terminal.line, lines), code=1 if done.refused else 0)


def _pulled_lines(done: Pulled, *, verified: bool) -> Iterator[str]:
    told = f"{done.provider}: {done.listed} listed, {done.taken} taken in, "
    yield f"{told}{count(done.objects, 'object')} new, {len(done.refused)} refused."
    if not verified:
        yield from (f"  It says that its key is {each}" for each in done.fingerprints)


@command(group, "providers")
def providers_(
    run: Run,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of an aggregator.json.")],
) -> Answer:
    """List the providers that an aggregator names, and take in nothing.

    `comity csaf pull URL` asks one of them, or the aggregator's URL all of them. An aggregator is
    believed in nothing but where providers are.
    """
    with run.waiting("Asking"):
        found = providers.aggregated(run.node, url)
    for each in found.wrong:
        _tell(f"{each.subject}: {each.reason} (rule {each.rule})", quiet=run.json)
    value: dict[str, object] = {
        "aggregator": found.name,
        "providers": [*found.providers],
        "refused": [each.shape() for each in found.wrong],
    }
    lines = [f"{found.name}: {count(len(found.providers), 'provider')}", *found.providers]
    return Answer(value, map(terminal.line, lines), code=1 if found.wrong else 0)


def _pulled(done: Pulled) -> dict[str, object]:
    value = _pulled_value(done)
    return value | ({"providers": [_pulled_value(each) for each in done.each]} if done.each else {})


def _pulled_value(done: Pulled) -> dict[str, object]:
    return {
        "provider": done.provider,
        "fingerprints": [*done.fingerprints],
        "listed": done.listed,
        "taken": done.taken,
        "objects": done.objects,
        "refused": [{"url": url, **refusal.shape()} for url, refusal in done.refused],
    }


@command(group, "save")
def save(
    run: Run,
    report: Annotated[
        str, typer.Argument(metavar="REPORT", help="Its id, as report--…, or the beginning of it.")
    ],
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", file_okay=False, help="Where it goes.")
    ],
) -> Answer:
    """Save the file of an advisory that came as objects, with its signature.

    `comity csaf check FOLDER --key FILE` then says whether its publisher signed it.
    """
    found = attached.files(run.node, searching.at_the_machine(run.node), report)
    for name, data in found.items():
        advisories.write(to, name, data)
    return Answer({"files": [*found]}, [f"Saved: {to / name}" for name in found])


@command(group, "publish")
def publish(
    run: Run,
    files: Files,
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", file_okay=False, help="Where they go.")
    ],
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where FOLDER will be found, by https.")
    ],
    sign: Annotated[
        Path | None,
        typer.Option(
            "--sign-with",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A private OpenPGP key without pass phrase.",
        ),
    ] = None,
    up_to: Annotated[
        str, typer.Option("--up-to", metavar="TLP", help="The strictest label that goes there.")
    ] = TLP.CLEAR.value,
) -> Answer:
    """Write the folder of a CSAF provider: advisories by label and year, hashes, signatures, feeds.

    All advisories must be valid, and of one publisher. FOLDER is for a web server; advisories
    above TLP:GREEN need one that asks who reads. What the folder listed before and is not among
    them is taken away.
    """
    checked, refused = _checked(run, files, None)
    if refused:
        raise refused[0].refusal
    now = run.make_ports().clock.now()
    key, signer = advisories.signing(sign, now) if sign else (None, None)
    site = Site(url, advisories.publisher_of(checked), now, _ceiling(up_to), key, signer)
    tree = advisories.publish(to, site, checked)
    value: dict[str, object] = {
        "published": len(checked),
        "written": [*tree.written],
        "removed": [*tree.removed],
    }
    told = [f"{count(len(checked), 'file')} published in {to}."]
    told += [f"Taken away: {path}" for path in tree.removed]
    return Answer(value, told)


def _checked(
    run: Run, files: Sequence[Path], keys: Sequence[Path] | None
) -> tuple[list[Checked], list[Refused]]:
    trusted = advisories.trusted_keys(keys or ())
    found = [*advisories.found(files)]
    checked, refused = advisories.check_all(found, trusted, now=run.make_ports().clock.now())
    for each in refused:
        where = f" [{each.refusal.subject}]" if each.refusal.subject else ""
        told = f"{each.file}: {each.refusal.reason}{where} (rule {each.refusal.rule})"
        _tell(told, quiet=run.json)
    return checked, refused


def _tell(text: str, *, quiet: bool) -> None:
    if not quiet:
        typer.echo(terminal.line(text), err=True)


def lines_of(each: Checked) -> list[str]:
    """Return what a person reads of an advisory: who signed it, and what was not tested."""
    return [_line(each), *(f"  {w.path}: {w.reason} (test {w.number})" for w in each.warnings)]


def _line(each: Checked) -> str:
    advisory = each.advisory
    label = TLP_WORDS[advisory.tlp] if advisory.tlp else "no label"
    hashed = ", ".join(each.hashes) or "no hash"
    if each.signer:
        signed = f"signed by {each.signer}"
    else:
        signed = f"signature of {each.issuer} not verified" if each.issuer else "not signed"
    return (
        f"{each.file.name}: CSAF {advisory.csaf}, version {advisory.version}, {advisory.status}, "
        f"{label}; {hashed}; {signed}"
    )


def _value(checked: Sequence[Checked], refused: Sequence[Refused]) -> dict[str, object]:
    return {
        "valid": [shown(each) for each in checked],
        "refused": [{"file": str(each.file), **each.refusal.shape()} for each in refused],
    }


def shown(each: Checked) -> dict[str, object]:
    """Return an advisory as a program reads of it."""
    advisory = each.advisory
    return {
        "file": str(each.file),
        "id": advisory.id,
        "version": advisory.version,
        "status": advisory.status,
        "csaf": advisory.csaf,
        "tlp": advisory.tlp.value if advisory.tlp else None,
        "cves": [*advisory.cves],
        "hashes": [*each.hashes],
        "issuer": each.issuer,
        "signer": each.signer,
        "warnings": [warning._asdict() for warning in each.warnings],
    }


def _ceiling(word: str) -> TLP:
    try:
        return TLP(word.lower().removeprefix("tlp:").replace("+", "_"))
    except ValueError:
        told = Phrase("Write clear, green, amber or amber+strict.")
        raise Refusal("S4", told, word) from None
