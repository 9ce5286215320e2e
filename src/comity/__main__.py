"""The program: the command line with its real ports, and the commands that set a node running.

The edges know nothing of each other, so what needs two of them is put together here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from comity.edge.cli import main as cli

if TYPE_CHECKING:
    from comity.services.node import Settings
    from comity.services.ports import Ports

PANEL = "This node"
Dir = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        envvar="COMITY_DIR",
        metavar="DIR",
        help="The folder of the node. [default: .comity in your home folder]",
    ),
]
Listen = Annotated[
    str,
    typer.Option(
        metavar="HOST:PORT",
        help="Where to listen; port 0 takes a free one. [default: as node.json says]",
    ),
]


@cli.app.command("run", rich_help_panel=PANEL)
def run(ctx: typer.Context, folder: Dir = None, listen: Listen = "") -> None:
    """Run the node, web and worker, until it is told to stop."""
    from comity import wsgi  # noqa: PLC0415  loads the whole node, which `comity --help` need not

    wsgi.run(_folder(ctx, folder), listen)


@cli.app.command("serve", rich_help_panel=PANEL)
def serve(ctx: typer.Context, folder: Dir = None, listen: Listen = "") -> None:
    """Serve the node's web alone; "comity work" does the rest."""
    from comity import wsgi  # noqa: PLC0415  as above

    wsgi.serve(_folder(ctx, folder), listen)


@cli.app.command("work", rich_help_panel=PANEL)
def work(ctx: typer.Context, folder: Dir = None) -> None:
    """Do the node's sending and fetching alone; "comity serve" does the rest."""
    from comity import wsgi  # noqa: PLC0415  as above

    wsgi.work(_folder(ctx, folder))


@cli.app.command("serve-stix", rich_help_panel="Sharing")
def serve_stix(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            exists=True,
            dir_okay=False,
            help="STIX 2.1 or 2.0: bundles, envelopes or single objects; by gzip or not.",
        ),
    ],
    *,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="A folder that keeps it. [default: a temporary one, removed at the end]",
        ),
    ] = None,
    listen: Annotated[
        str,
        typer.Option(
            metavar="HOST:PORT",
            help="Where to listen; port 0 takes a free one. [default: 127.0.0.1:8440, or a free "
            "port where that is taken]",
        ),
    ] = "",
    title: Annotated[
        str, typer.Option(help="The title of the collection. [default: the files' names]")
    ] = "",
    tlp: Annotated[
        str,
        typer.Option(metavar="LEVEL", help="The label of what is unmarked. [default: amber]"),
    ] = "",
) -> None:
    """Serve the objects of files to TAXII 2.1 clients, at once and until it is told to stop.

    Prints the address, a user and a password, and lines to try it with. What is wrong with one
    object is told, and the others are served. No node is needed: a small one is made.
    """
    from comity import wsgi  # noqa: PLC0415  as above
    from comity.edge.cli.words import read_tlp  # noqa: PLC0415  as above

    unmarked = read_tlp(tlp) if tlp else None
    wsgi.serve_stix(files, folder, listen=listen, title=title, unmarked=unmarked)


def _folder(ctx: typer.Context, folder: Path | None) -> Path:
    return folder or ctx.find_root().obj.folder or Path.home() / ".comity"


def _ports(folder: Path, settings: Settings | None = None) -> Ports:
    from comity.services.delivery import way  # noqa: PLC0415  as above

    # Not by way of the server, which most commands need not load.
    return way.ports(folder, settings)


def main() -> None:
    """Run the command line."""
    cli.main(_ports)


if __name__ == "__main__":
    main()
