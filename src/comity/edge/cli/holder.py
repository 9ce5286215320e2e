"""What holders do on their own machines: make a root key, and sign with it. No node is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import segno
import typer

from comity.edge.cli import guide
from comity.edge.cli.run import Answer, Run, Yes
from comity.edge.cli.secret import write_secret
from comity.edge.cli.sheet import sheet
from comity.kernel.errors import Refusal
from comity.services.identity import ceremony, holders, keyring, proposals
from comity.services.identity.keyring import root_code

if TYPE_CHECKING:
    from comity.kernel.keys import SeedSigner

Passphrase = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="The passphrase of the stick, in a file."
    ),
]
Qr = Annotated[bool, typer.Option("--qr", help="Draw the code to be scanned, too.")]
STEPS = "Next: comity ceremony"


def key(
    run: Run,
    *,
    label: Annotated[str, typer.Option(metavar="WHO", help="Who will hold the key.")],
    paper: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a sheet to print, as HTML.")
    ] = None,
    usb: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a file that a passphrase opens.")
    ] = None,
    passphrase_file: Passphrase = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the holder code into a file, too.")
    ] = None,
    qr: Qr = False,
    add: Annotated[
        bool, typer.Option("--add", help="Also name the holder in the ceremony of this node.")
    ] = False,
) -> Answer:
    """Make a holder's root key, on paper or on a stick.

    It needs no node and no network; best is a machine that has neither. The key is kept nowhere
    but where you say. What is printed is the holder code, which is no secret.
    """
    random = run.make_ports().random
    signer = holders.make(random)
    code = holders.holder_code(signer)
    places = [path for path in (paper, usb) if path is not None]
    if not places:
        raise Refusal("S4", "Say where the key shall be kept: --paper FILE, --usb FILE, or both.")
    if usb is not None:
        words = _passphrase(run, passphrase_file, confirm=True)
        write_secret(usb, holders.seal(signer, words, random))
    if paper is not None:
        write_secret(paper, sheet(label, root_code(signer), signer.key))
    if out is not None:
        out.write_text(f"{code}\n", encoding="utf-8")
    if add:
        ceremony.add(run.node, label=label, code=code)
    value: dict[str, object] = {"key": signer.key, "code": code, "files": [*map(str, places)]}
    return Answer(value, [*_made(places, paper), f"The holder code of {label}:", *_drawn(code, qr)])


def _made(places: list[Path], paper: Path | None) -> list[str]:
    lines = [f"The key is in {' and '.join(map(str, places))}, and nowhere else."]
    if paper is not None:
        lines += [f"Open {paper} in a browser, print it, lock it away, and delete the file."]
    return lines


def _drawn(code: str, qr: bool) -> list[str]:  # noqa: FBT001  an option, passed on
    # Full blocks: half ones are drawn apart by some terminals.
    if not qr:
        return [code]
    rows = segno.make(code, error="l").matrix_iter(scale=1, border=2)
    return [code, *("".join("  " if dark else "██" for dark in row) for row in rows)]


def sign(
    run: Run,
    file: Annotated[
        Path, typer.Argument(metavar="PROPOSAL", exists=True, dir_okay=False, help="The file.")
    ],
    *,
    usb: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="The key on a stick."),
    ] = None,
    passphrase_file: Passphrase = None,
    kit_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="The key, in a file."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the signature code into a file, too.")
    ] = None,
    qr: Qr = False,
    yes: Yes = False,
) -> Answer:
    """Sign a proposal with a root key, on the holder's own machine.

    It needs no node and no network. What would change is shown first; then the key is asked for:
    the digits of the sheet, or the passphrase of the stick. Neither is kept.
    """
    proposal = proposals.parse(file.read_bytes())
    run.show(guide.changes(proposal))
    if not yes and not run.can_ask:
        raise Refusal("S4", "Nothing was signed: nobody can be asked here. Add --yes to sign.")
    if not yes and not typer.confirm("Are the digits the same, and is this what you want?"):
        raise Refusal("S4", "Nothing was signed: you said no.")
    signer = _signer(run, usb, passphrase_file, kit_file)
    code = holders.sign(proposal, signer)
    if out is not None:
        out.write_text(f"{code}\n", encoding="utf-8")
    value: dict[str, object] = {"proposal": proposal.id, "key": signer.key, "code": code}
    back = "Bring this signature code to the node: comity ceremony take --code CODE"
    return Answer(value, [back, *_drawn(code, qr)])


def _signer(
    run: Run, usb: Path | None, passphrase_file: Path | None, kit_file: Path | None
) -> SeedSigner:
    if usb is not None:
        return holders.unseal(usb.read_bytes(), _passphrase(run, passphrase_file, confirm=False))
    if kit_file is not None:
        _, code = keyring.read_codes(kit_file.read_text(encoding="utf-8"))
        return keyring.read_root(code)
    if not run.can_ask:
        raise Refusal("S4", "Name the key: --usb FILE for a stick, --kit-file FILE for a code.")
    return keyring.read_root(str(typer.prompt("The key, from the sheet", hide_input=True)))


def _passphrase(run: Run, file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if not run.can_ask:
        raise Refusal("S4", "Give the passphrase of the stick in a file: --passphrase-file FILE.")
    return str(
        typer.prompt("The passphrase of the stick", hide_input=True, confirmation_prompt=confirm)
    )
