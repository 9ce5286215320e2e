"""A line between nodes that is cut: everything passes through one port, until so many bytes did.

::

    with Line() as line:                          # line.url is what the server's documents name
        line.lead(port)                           # where its server really listens
        line.cut_after(100_000, 300_000)          # bytes to or from it, from now, then from the cut
        ...
        assert line.cut == 2

A cut closes every connection there is just then, in the midst of what they carry; new ones are
taken at once.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

PIECE = 64 * 1024


class Line:
    """Carries bytes between clients of a port of this machine and a server; see the module.

    ``cut`` is how often it was cut; ``up`` and ``down`` the bytes that went to the server and came
    from it.
    """

    def __init__(self) -> None:
        self.cut = self.up = self.down = 0
        self._far = self._since = 0
        self._cuts: tuple[int, ...] = ()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def lead(self, port: int) -> None:
        """Say which port of this machine the server listens on."""
        self._far = port

    def cut_after(self, *sizes: int) -> None:
        """Cut it after the first so many bytes from now on, then after the next from that cut."""
        with self._lock:
            self._cuts, self._since = sizes, 0

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        with self._lock:
            self._break()
        for thread in self._threads:
            thread.join(20)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._far), 20)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._threads.append(threading.Thread(target=self._join, args=(near, far), daemon=True))
            self._threads[-1].start()

    def _join(self, near: socket.socket, far: socket.socket) -> None:
        """Carry both ways until neither end says more."""
        with near, far:
            with self._lock:
                self._open |= {near, far}
            back = threading.Thread(target=self._carry, args=(far, near), kwargs={"up": False})
            back.start()
            self._carry(near, far, up=True)
            back.join()
            with self._lock:
                self._open -= {near, far}

    def _carry(self, source: socket.socket, sink: socket.socket, *, up: bool) -> None:
        with suppress(OSError):
            while (data := source.recv(PIECE)) and self._passes(len(data), up=up):
                sink.sendall(data)
        # Who reads at the other end is to hear that no more comes, and may still answer.
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _passes(self, size: int, *, up: bool) -> bool:
        """Count bytes on their way; say whether they still pass, or the line is cut by them."""
        with self._lock:
            self._since += size
            if self._cuts and self._since > self._cuts[0]:
                self._cuts = self._cuts[1:]
                self.cut, self._since = self.cut + 1, 0
                self._break()
                return False
            self.up, self.down = self.up + size * up, self.down + size * (not up)
            return True

    def _break(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
