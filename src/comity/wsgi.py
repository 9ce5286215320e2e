"""Where a node is put together and set running: the web, the worker, or both by one command.

``run`` is the worker in threads of this process and the web in a process that the server starts;
``serve`` and ``work`` are the two apart; ``serve_stix`` serves files of objects and nothing else.
Any other WSGI server may call ``application``.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from comity.edge.cli import terminal, words
from comity.edge.taxii import routes
from comity.edge.taxii.app import TaxiiApp
from comity.edge.wire import stalled
from comity.edge.wire.app import WireApp
from comity.kernel.errors import Refusal
from comity.kernel.ids import fingerprint
from comity.services.care import rebuild
from comity.services.delivery import way
from comity.services.delivery.worker import Worker
from comity.services.identity import announce
from comity.services.node import Node, open_node
from comity.services.process import tune_collector
from comity.services.sharing import stand
from comity.store.database import start_django

if TYPE_CHECKING:
    from types import FrameType
    from wsgiref.types import StartResponse, WSGIEnvironment

    from granian.server.common import AbstractServer

    from comity.kernel.label import TLP
    from comity.services.sharing.stand import Stand

    WebServer: TypeAlias = AbstractServer[Any]

FOLDER = "COMITY_DIR"
"""The environment variable that names the node's folder to ``application``."""
WEB, WORKER = "web.lock", "worker.lock"
THREADS = 192
"""Clients served at once; most of them wait for their own network (see services.gate)."""
HEAD_SECONDS, STOP_SECONDS, PORT_SECONDS = 10, 10, 5
USUAL = ("127.0.0.1", 8440)
"""Where files of objects are served unless something else is there."""
SHOWN = 20
"""How many flaws of files are told one by one."""


def application(folder: Path | None = None) -> WireApp:
    """Return the node in ``folder``, or where COMITY_DIR says, as a WSGI application."""
    where = folder or Path(os.environ[FOLDER])
    _follow_parent()
    stalled.watch()
    node = open_node(where, way.ports(where), upgrade=False)
    # Known only once Django knows its settings, which a node that is opened has said.
    from comity.edge.web.app import PagesApp  # noqa: PLC0415

    app = WireApp(node, then=TaxiiApp(node, then=PagesApp(node)))
    tune_collector()
    return app


def collections() -> TaxiiApp:
    """Return the TAXII server of the node where COMITY_DIR says, without wire and pages."""
    where = Path(os.environ[FOLDER])
    _follow_parent()
    stalled.watch()
    start_django(whole=False)
    app = TaxiiApp(open_node(where, way.ports(where), upgrade=False), then=_elsewhere)
    tune_collector()
    return app


def _elsewhere(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"Collections of objects are served here, at {routes.TOP}/.\n".encode()]


def run(folder: Path, listen: str = "") -> None:
    """Run a node, web and worker, until it is told to stop.

    ``listen`` is host:port, by default as the node's settings say; port 0 takes a free one.
    Raises Refusal S5: no node in the folder, running already, or the port is taken.
    """
    with _held(folder, WEB), _held(folder, WORKER):
        node = _opened(folder)
        _put_right(node)
        server = _server(node, listen)
        stop = threading.Event()
        worker = threading.Thread(target=Worker(node).run, args=(stop,), name="worker")
        server.on_startup(worker.start)
        server.on_startup(lambda: _announce(node, f"at {_address(server)}"))
        try:
            _start_web(folder, server)
        finally:
            stop.set()
            if worker.ident is not None:
                worker.join()


def serve(folder: Path, listen: str = "") -> None:
    """Serve a node's web alone, until it is told to stop. Raises Refusal S5."""
    with _held(folder, WEB):
        node = _opened(folder)
        server = _server(node, listen)
        server.on_startup(lambda: _announce(node, f"at {_address(server)}, without a worker"))
        _start_web(folder, server)


def work(folder: Path) -> None:
    """Do a node's sending and fetching alone, until it is told to stop. Raises Refusal S5."""
    with _held(folder, WORKER):
        node = _opened(folder)
        _put_right(node)
        stop = threading.Event()

        def told(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told)
        _announce(node, "as a worker, without a web server")
        Worker(node).run(stop)


def serve_stix(
    paths: Sequence[Path],
    folder: Path | None = None,
    *,
    listen: str = "",
    title: str = "",
    unmarked: TLP | None = None,
) -> None:
    """Serve the objects of files to TAXII clients, until it is told to stop.

    ``folder`` keeps the node that does it; without one it is a temporary one, removed at the end.
    Raises Refusal S4 when no file holds an object, and as ``run`` does.
    """
    with TemporaryDirectory(prefix="comity-") as temporary:
        where = folder or Path(temporary) / "node"
        held = folder is not None and (folder / "node.json").exists()
        made = stand.set_up(
            where,
            way.ports,
            paths,
            listen=_numbered(listen) if listen or not held else "",
            title=title,
            unmarked=unmarked,
        )
        with _held(where, WEB):
            server = _server(made.node, "", "comity.wsgi:collections")
            server.on_startup(lambda: _print_when_open(server, _served(made)))
            _start_web(where, server)


def _numbered(listen: str) -> str:
    """Return where to listen with its number: a free port in the place of 0, and of the usual one
    where something listens there. Raises Refusal S5.
    """
    host, port = _place(listen) if listen else (USUAL[0], USUAL[1] if _is_free(*USUAL) else 0)
    number = _require_free(host, port) if port == 0 else port
    return f"[{host}]:{number}" if ":" in host else f"{host}:{number}"


def _served(made: Stand) -> Iterator[str]:
    url, login = made.collection, f"{made.user}:{made.password}"
    yield f"{words.count(made.objects, 'object')} served by TAXII 2.1."
    yield from (f"  left out: {words.flaw(each)}" for each in made.flaws[:SHOWN])
    if len(made.flaws) > SHOWN:
        yield f"  and {len(made.flaws) - SHOWN} more were left out"
    yield f"Discovery   {made.discovery}"
    yield f"Collection  {url}"
    yield f"User        {made.user}"
    yield f"Password    {made.password}"
    yield "Try it:"
    yield f"  curl -u {login} '{url}objects/?limit=1'"
    yield (
        f"  python -c \"from taxii2client.v21 import Collection; print(Collection('{url}', "
        f"user='{made.user}', password='{made.password}').get_objects(limit=1))\""
    )
    yield "Stop it with Ctrl-C."


def _opened(folder: Path) -> Node:
    """Open a node to be run: what its settings say now is told to others."""
    node = open_node(folder, way.ports(folder))
    announce.refresh(node)
    tune_collector()
    return node


def _put_right(node: Node) -> None:
    """Compute anew what another version of the program computed by other rules. A node whose disk
    lost something starts all the same: its people need the rest of it.
    """
    try:
        others, number = rebuild.put_right(node)
    except Refusal as refusal:
        told = "Not everything that other rules added up to could be computed anew"
        _print([f"{told} ({refusal.reason}) `comity fsck` says what is wrong."])
        return
    if others:
        told = f"The rules of {', '.join(others)} are not those it was computed by."
        _print([f"{told} Computed anew: {words.count(number, 'dossier')}."])


def _announce(node: Node, where: str) -> None:
    name = node.settings.name
    _print([f"{name} runs {where}. Fingerprint: {fingerprint(node.me)}. Stop it with Ctrl-C."])


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        # What came from files is shown, and never obeyed by a terminal.
        print(terminal.clean(line), flush=True)  # noqa: T201  what a person reads when it starts


def _print_when_open(server: WebServer, lines: Iterable[str]) -> None:
    """Print once the web process answers, so that what is printed can be used at once."""

    def wait() -> None:
        while _is_free(server.bind_addr, server.bind_port):
            time.sleep(0.05)
        _print(lines)

    threading.Thread(target=wait, name="opening", daemon=True).start()


@contextmanager
def _held(folder: Path, name: str) -> Iterator[None]:
    """Hold a lock of the node's folder; the system releases it however this process ends."""
    if not (folder / "node.json").exists():
        raise Refusal(
            "S5", f"There is no node in {folder}. Run `comity init --dir {folder}` first."
        )
    # Not closed before the end: closing any handle of the file would release the lock.
    with (folder / name).open("a+b") as lock:
        _take(lock, folder)
        yield


def _take(lock: IO[bytes], folder: Path) -> None:
    try:
        # A lock of this process alone: the web process does not inherit it and keep it alive.
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        running = lock.read(20).decode(errors="replace").strip()
        raise Refusal(
            "S5", f"The node in {folder} is running already (process {running}). Stop it first."
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n".encode())
    lock.flush()


def _server(node: Node, listen: str, target: str = "comity.wsgi:application") -> WebServer:
    host, port = _place(listen or node.settings.listen)
    server: WebServer = Server(
        target,
        factory=True,
        address=host,
        port=_require_free(host, port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000),
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
        backpressure=2 * THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    )
    return server


def _place(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise Refusal("S5", f"{listen!r} is not a host and port to listen on.", "listen")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _require_free(host: str, port: int) -> int:
    """Return the port, or a free one for 0. Raises Refusal S5 when something listens there.

    The server shares its port among its own processes, so that it would share it with another
    node too. A process that was just killed may hold it for a moment.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > deadline:
                    reason = f"The node cannot listen on {host}, port {port}: {error.strerror}."
                    raise Refusal("S5", reason, "listen") from error
            else:
                return int(probe.getsockname()[1])
        time.sleep(0.1)


def _is_free(host: str, port: int) -> bool:
    """Say whether nobody accepts connections there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) != 0


def _address(server: WebServer) -> str:
    host = f"[{server.bind_addr}]" if ":" in server.bind_addr else server.bind_addr
    return f"http://{host}:{server.bind_port}"


def _start_web(folder: Path, server: WebServer) -> None:
    os.environ[FOLDER] = str(folder.resolve())
    # A process of its own from the start: one forked from threads would inherit their locks.
    multiprocessing.set_start_method("spawn", force=True)
    server.serve()


def _follow_parent() -> None:
    """End with the process that started this one, also when that was killed.

    The web process leaves the terminal's group: Ctrl-C goes to the parent, which stops both.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    os.setpgid(0, 0)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")

    def follow(join: Callable[[], None]) -> None:
        join()
        # Nothing to save: whatever was not committed never happened.
        os._exit(1)

    threading.Thread(target=follow, args=(parent.join,), name="parent", daemon=True).start()
