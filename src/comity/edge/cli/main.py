"""The command line. Each family of commands is loaded when one of its commands is called.

``comity --help`` therefore loads neither the database nor a protocol; the table below is what it
shows, and a test compares it with the commands themselves.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from typer.core import TyperGroup

from comity.edge.cli import errors
from comity.edge.cli.setting import Setting
from comity.kernel.errors import Refusal

if TYPE_CHECKING:
    from typing import Any

    # The library keeps the types of its own base to itself.
    from typer._click.core import Command, Context

    from comity.edge.cli.setting import MakePorts
    from comity.services.node import Settings
    from comity.services.ports import Ports


class Family(NamedTuple):
    """A module with a ``typer.Typer`` named ``app``, under a heading, and its commands' help."""

    module: str
    heading: str
    commands: dict[str, str]


FAMILIES = [
    Family(
        "comity.edge.cli.node",
        "This node",
        {
            "init": "Make a node with a new party of its own.",
            "status": "Say in one page how this node stands.",
            "address": "Say where this node listens and where others reach it, or change that.",
            "sync": "Send and fetch now what waits, once; `comity run` does it all the time.",
            "keys": "List the keys of this node, and what can be done about them.",
        },
    ),
    Family(
        "comity.edge.cli.parties",
        "Parties",
        {
            "card": "Write this party's card: the file by which others get to know it.",
            "introduce": "Get to know a party, by the address of its node or its card.",
            "accredit": "Accredit a party whose fingerprint you have compared with it.",
            "parties": "List the parties known here.",
            "host": "Keep mail for a party whose node accepts no connections.",
            "zone": "Say in which time zone a party is.",
        },
    ),
    Family(
        "comity.edge.cli.ceremony",
        "Root keys",
        {
            "ceremony": "Give the root keys to people, or say how they stand and what comes next.",
        },
    ),
    Family(
        "comity.edge.cli.people",
        "People",
        {
            "people": "List who may sign in to the pages, or make a link that lets somebody in.",
        },
    ),
    Family(
        "comity.edge.cli.tokens",
        "Programs",
        {
            "tokens": "List the tokens by which programs act here, or make or revoke one.",
            "token": "Make a token by which a program reads collections of objects, or adds to "
            "them.",
        },
    ),
    Family(
        "comity.edge.cli.dossiers",
        "Dossiers",
        {
            "open": "Open a dossier with other parties.",
            "say": "Send a message in a dossier.",
            "invite": "Invite a party into a dossier.",
            "join": "Join a dossier you were invited to.",
            "decline": "Decline to take part in a dossier.",
            "leave": "Leave a dossier.",
        },
    ),
    Family(
        "comity.edge.cli.circles",
        "Sharing",
        {
            "circle": "Open a circle of parties that share objects, or say how circles stand.",
        },
    ),
    Family(
        "comity.edge.cli.sharing",
        "Sharing",
        {
            "share": "Publish the objects of files into a circle.",
            "retract": "Take back what this party published: all versions of an object, wherever "
            "it stands.",
            "relabel": "Give what this party published another label.",
            "forward": "Forward objects into another circle, as they are and with the signatures "
            "they came by.",
        },
    ),
    Family(
        "comity.edge.cli.practices",
        "Sharing",
        {
            "practice": "Write best practices and lessons, new versions of them, and translations.",
        },
    ),
    Family(
        "comity.edge.cli.objects",
        "Sharing",
        {
            "search": "Look for objects in all circles and feeds here, those added last first.",
            "object": "Show an object: its versions, where it stands, and whose hands it came "
            "through.",
            "verify-object": "Verify who said an object first, and whose hands it came through; no "
            "node is needed.",
        },
    ),
    Family(
        "comity.edge.cli.answering",
        "Sharing",
        {
            "sighting": "Say what an object was worth: seen, a false positive, out of date, or "
            "useful.",
            "ask-source": "Ask who published an object for a wider label, or for permission to "
            "forward it.",
            "permit": "Answer who asks about what this party published, or list who does.",
        },
    ),
    Family(
        "comity.edge.cli.exporting",
        "Sharing",
        {
            "export-objects": "Write objects in the form of another tool, into a folder: of each "
            "its newest version.",
        },
    ),
    Family(
        "comity.edge.cli.peers",
        "Sharing",
        {
            "peer": "Name other TAXII servers to pull from or push to, or turn to one now.",
            "pull": "Pull from peers now; who was interrupted goes on from there.",
        },
    ),
    Family(
        "comity.edge.cli.csaf",
        "Sharing",
        {
            "csaf": "Check security advisories (CSAF 2.0, 2.1), take them in, pull or publish "
            "them.",
        },
    ),
    Family(
        "comity.edge.cli.landscape",
        "Sharing",
        {
            "landscape": "Say what was seen, by class, sector and month, and what is not seen.",
        },
    ),
    Family(
        "comity.edge.cli.vulnerabilities",
        "Sharing",
        {
            "import-list": "Take in a list of vulnerabilities that others publish: KEV or EPSS.",
        },
    ),
    Family(
        "comity.edge.cli.warninglists",
        "Sharing",
        {
            "warninglist": "List the warninglists that objects are looked up in, add one or "
            "remove it.",
        },
    ),
    Family(
        "comity.edge.cli.translating",
        "Translating",
        {
            "translate": "Give the words of a message in another language.",
        },
    ),
    Family(
        "comity.edge.cli.guest",
        "Guests",
        {
            "guest": "Send what you said to someone without a node, by a letter with one link.",
        },
    ),
    Family(
        "comity.edge.cli.reading",
        "Reading",
        {
            "inbox": "Show what needs you, soonest due first, and new messages.",
            "show": "Show a dossier: where it stands, what was said, how far it got.",
            "files": "List the files of a dossier, or save them.",
        },
    ),
    Family(
        "comity.edge.cli.incidents",
        "Responding",
        {
            "incident": "Show an incident as it stands: facts, help, tasks, who meets whom.",
        },
    ),
    Family(
        "comity.edge.cli.disclosures",
        "Responding",
        {
            "disclosure": "Show a coordinated disclosure: its embargo, and who said what.",
            "announce": "Announce an advisory, which goes out by itself at the agreed end.",
        },
    ),
    Family(
        "comity.edge.cli.measures",
        "Responding",
        {
            "measures": "Say how long this party and others waited for each other on incidents.",
        },
    ),
    Family(
        "comity.edge.cli.products",
        "Responding",
        {
            "product": "Read a joint product, and who stands behind which paragraph.",
        },
    ),
    Family(
        "comity.edge.cli.reports",
        "Responding",
        {
            "report": "Read what people without a node reported of vulnerabilities, answer, or "
            "close it.",
        },
    ),
    Family(
        "comity.edge.cli.calling",
        "The directory",
        {
            "call": "Say whom to call now: by party, purpose, language and the time of day.",
        },
    ),
    Family(
        "comity.edge.cli.contacts",
        "The directory",
        {
            "contacts": "List contacts, take lists of them in and out, or change their format.",
        },
    ),
    Family(
        "comity.edge.cli.checking",
        "The directory",
        {
            "check-contacts": "Check by each channel whether contacts are reached, and right.",
        },
    ),
    Family(
        "comity.edge.cli.pubkeys",
        "The directory",
        {
            "pubkeys": "List public keys that parties showed each other, verify them, or revoke "
            "your own.",
        },
    ),
    Family(
        "comity.edge.cli.clocks",
        "Reporting",
        {
            "clocks": "Say what must be reported by when, and why then.",
            "regime-report": "Write what a report under a regime asks for, and what is known here.",
        },
    ),
    Family(
        "comity.edge.cli.explaining",
        "Looking up",
        {
            "explain": "Say whether an announced activity explains an address at an instant.",
        },
    ),
    Family(
        "comity.edge.cli.memos",
        "Writing down",
        {
            "memo": "Write down something about a message that never leaves this node, or list what"
            " was.",
        },
    ),
    Family(
        "comity.edge.cli.erasing",
        "Erasing",
        {
            "erase": "Erase content here and ask the others to, or answer such a wish.",
        },
    ),
    Family(
        "comity.edge.cli.proof",
        "Proof",
        {
            "evidence": "Write a file that proves a message to anybody.",
            "verify": "Verify an evidence file; no node is needed.",
            "notarise": "State that you hold a file, so that anyone can check when.",
        },
    ),
    Family(
        "comity.edge.cli.carry",
        "By stick",
        {
            "export": "Write what waits for a party into a sealed file, for a stick.",
            "import": "Take in a sealed file for this node, or a record that a guest took away.",
        },
    ),
    Family(
        "comity.edge.cli.care",
        "Care",
        {
            "doctor": "Look at everything around this node and say what needs you.",
            "fsck": "Check everything this node holds against what was signed.",
            "backup": "Copy the node, without its keys, while it goes on.",
            "restore": "Go on after a disk was lost or a backup put back.",
            "rebuild": "Compute everything derived anew: states, duties, members, titles, search.",
            "confirm": "Confirm by root keys the log that a spare-key kit opened.",
            "remember": "Write what this node holds of a party that lost its memory.",
        },
    ),
]


class Commands(TyperGroup):
    """The commands of ``FAMILIES``: known by name, loaded when called, errors made readable."""

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is called, loaded."""
        setting: Setting = ctx.obj
        setting.json |= "--json" in args
        for family in FAMILIES:
            if args[0] in family.commands:
                module = importlib.import_module(family.module)
                self.commands[args[0]] = typer.main.get_group(module.app).commands[args[0]]
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Context) -> Any:  # noqa: ANN401  as its base
        """Run the command; turn what goes wrong into words, or into JSON with --json."""
        ctx.obj = ctx.obj or Setting(ports=_no_ports)
        try:
            return super().invoke(ctx)
        except Exception as error:
            refusal = _refusal_of(error, ctx.obj)
            if refusal is None:
                raise
            errors.report(refusal, f"comity {ctx.invoked_subcommand}", as_json=ctx.obj.json)
            raise typer.Exit(1) from error


def _refusal_of(error: Exception, setting: Setting) -> Refusal | None:
    shown_by_library = isinstance(error, errors.USAGE) and not setting.json
    return None if shown_by_library else errors.as_refusal(error)


app = typer.Typer(
    name="comity",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Work with parties you do not fully trust: every message is signed, and can be proven.",
    epilog="Not for classified information.",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  typer calls it so
    if wanted:
        typer.echo(f"comity {importlib.metadata.version('comity')}")
        raise typer.Exit


@app.callback()
def _start(
    ctx: typer.Context,
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", envvar="COMITY_DIR", metavar="DIR", help="The folder of the node."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Give JSON on the output.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    del version  # Printed by its callback.
    ctx.obj.folder = folder
    ctx.obj.json |= as_json


def _no_ports(_folder: Path, _settings: Settings | None = None) -> Ports:
    raise Refusal("S5", "The program was started without a clock and a transport.")


def _declare(family: Family, name: str, text: str) -> None:
    """Put a command on the list; its own module replaces this when it is called."""

    def stand_in() -> None:
        raise AssertionError(name)

    app.command(name, help=text, rich_help_panel=family.heading)(stand_in)


for _family in FAMILIES:
    for _name, _text in _family.commands.items():
        _declare(_family, _name, _text)


def main(ports: MakePorts = _no_ports) -> None:
    """Run the command line with real ``ports``; the composition root gives them."""
    app(obj=Setting(ports=ports), prog_name="comity")
