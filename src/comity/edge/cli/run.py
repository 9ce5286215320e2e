"""One run of one command: its options, its node, and what it gives back."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Concatenate, ParamSpec

import typer
from rich.console import Console, RenderableType

from comity.edge.cli.progress import Tell, shown
from comity.edge.cli.setting import Setting
from comity.edge.cli.terminal import as_json, clean
from comity.services.node import Node, open_node
from comity.store.database import start_django

if TYPE_CHECKING:
    from comity.edge.cli.setting import MakePorts
    from comity.services.node import Settings
    from comity.services.ports import Ports

P = ParamSpec("P")
WIDE = 160
"""Columns of output that no terminal shows; a pipe must not cut what it carries."""

Dir = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        envvar="COMITY_DIR",
        metavar="DIR",
        help="The folder of the node. [default: .comity in your home folder]",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Give JSON of a stable shape on the output.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; go on.")]


@dataclass(slots=True)
class Answer:
    """What a command gives back: ``value`` for programs, ``lines`` for people.

    ``code`` is the exit code.
    """

    value: dict[str, object]
    lines: Iterable[RenderableType] = ()
    code: int = 0


@dataclass(slots=True)
class Run:
    """One run of one command.

    ``folder`` and ``json`` are its options, ``rest`` those that only the dossier knows, ``out``
    where people read. The node is opened when it is first asked for.
    """

    folder: Path
    json: bool
    ports_of: MakePorts
    rest: list[str]
    out: Console = field(init=False)
    _node: Node | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        # With --json the output belongs to the answer alone.
        file = sys.stderr if self.json else sys.stdout
        width = None if file.isatty() else WIDE
        self.out = Console(file=file, highlight=False, soft_wrap=True, width=width)

    def make_ports(self, settings: Settings | None = None) -> Ports:
        """Return the clock, chance and transport of the node in the folder, by the ``settings``
        that it will have where there is none yet. Raises Refusal S5.
        """
        return self.ports_of(self.folder, settings)

    @property
    def node(self) -> Node:
        """The node in the folder. Raises Refusal S5 or S6."""
        if self._node is None:
            start_django(whole=False)
            self._node = open_node(self.folder, self.make_ports())
        return self._node

    @property
    def can_ask(self) -> bool:
        """Whether a person is there to answer."""
        return not self.json and sys.stdin.isatty()

    def show(self, lines: Iterable[RenderableType]) -> None:
        """Print ``lines`` for people; text is printed as it is, without control characters."""
        for line in lines:
            if isinstance(line, str):
                self.out.print(clean(line), markup=False)
            else:
                self.out.print(line)

    def finish(self, answer: Answer) -> None:
        """Print the answer in the form that was asked for, and leave with its exit code."""
        if self.json:
            typer.echo(as_json(answer.value))
        else:
            self.show(answer.lines)
        if answer.code:
            raise typer.Exit(answer.code)

    @contextmanager
    def waiting(self, what: str) -> Iterator[Tell]:
        """Show that work goes on, when it takes more than a second and somebody looks."""
        with shown(what, enabled=sys.stderr.isatty() and not self.json) as tell:
            yield tell


def command(
    app: typer.Typer, name: str, **settings: bool
) -> Callable[[Callable[Concatenate[Run, P], Answer]], Callable[Concatenate[Run, P], Answer]]:
    """Make a function a command: it takes a ``Run`` first and returns an ``Answer``.

    The command gets the options that all have: --dir and --json. ``settings`` are those of the
    context.
    """

    def decorate(
        function: Callable[Concatenate[Run, P], Answer],
    ) -> Callable[Concatenate[Run, P], Answer]:
        def wrapper(
            *, ctx: typer.Context, folder: Path | None, as_json: bool, **own: object
        ) -> None:
            run = run_of(ctx, folder, as_json=as_json)
            run.finish(function(run, **own))  # type: ignore[arg-type, call-arg]

        signature = _signature(function)
        # What typer reads to make options and arguments.
        wrapper.__signature__ = signature  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in signature.parameters.values()}
        wrapper.__doc__ = function.__doc__
        app.command(name, context_settings=dict(settings))(wrapper)
        return function

    return decorate


def _signature(function: Callable[..., object]) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    context = inspect.Parameter("ctx", kind, annotation=typer.Context)
    common = [
        inspect.Parameter("folder", kind, default=None, annotation=Dir),
        inspect.Parameter("as_json", kind, default=False, annotation=Json),
    ]
    return inspect.Signature([context, *(p.replace(kind=kind) for p in own), *common])


def run_of(ctx: typer.Context, folder: Path | None, *, as_json: bool) -> Run:
    """Return the run that a context and the options of all commands make."""
    setting: Setting = ctx.find_root().obj
    source = ctx.get_parameter_source("folder")
    if source is not None and source.name == "ENVIRONMENT":
        folder = None  # Read before the command too, where what was written goes first.
    where = folder or setting.folder or Path.home() / ".comity"
    setting.json |= as_json
    return Run(where, setting.json, setting.ports, ctx.args)
