"""Servers of one port for tests of the outgoing client: scripted ones, TLS, and a real proxy."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Script = Callable[[socket.socket, bytes], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Door:
    """A port that answers every request by a script; ``asked`` are the heads of requests, and
    ``bodies`` what came with them.
    """

    def __init__(self, script: Script | bytes, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self._script = script
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join(20)

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(stream,)))
            self._threads[-1].start()

    def _serve(self, stream: socket.socket) -> None:
        stream.settimeout(20)
        with suppress(OSError), stream:
            if self._context is not None:
                stream = self._context.wrap_socket(stream, server_side=True)
            with stream:
                while (found := read_request(stream))[0]:
                    request, body = found
                    self.asked.append(request)
                    self.bodies.append(body)
                    if isinstance(self._script, bytes):
                        stream.sendall(self._script)
                    else:
                        self._script(stream, request)


def read_request(stream: socket.socket) -> tuple[bytes, bytes]:
    """Read one request; return its head, empty when the other side hung up, and its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65536)
        if not piece:
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    left = int(found[1]) - len(body) if found else 0
    while left > 0:
        piece = stream.recv(65536)
        body, left = body + piece, left - len(piece)
    return head, body


@contextmanager
def answering(script: Script | bytes, context: ssl.SSLContext | None = None) -> Iterator[Door]:
    door = Door(script, context)
    try:
        yield door
    finally:
        door.close()


def named(monkeypatch: pytest.MonkeyPatch, **addresses: str | list[str]) -> list[str]:
    """Let names lead to addresses; return the list of names that were looked up, as it grows."""
    real, looked_up = socket.getaddrinfo, list[str]()

    def getaddrinfo(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        name = str(host).replace(".", "_")
        if name in addresses:
            looked_up.append(str(host))
            found = addresses[name]
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in ([found] if isinstance(found, str) else found)
            ]
        return real(host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return looked_up


def authority(folder: Path, name: str) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for a name; return a server's context and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began.replace(year=2100))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = folder / f"{name}.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return context, file


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@dataclass
class Proxy:
    """What an HTTP proxy of an office does: it tunnels by CONNECT and forwards the rest.

    ``hosts`` are the names that it can reach, with the ports of this machine that stand for them;
    it refuses all others with status 403. ``login`` is the name:password that it asks for, as
    base64, "" when it asks for none. ``asked`` are the first lines of what it was asked.
    """

    hosts: dict[str, int]
    login: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, stream: socket.socket, request: bytes) -> None:
        head = request.decode()
        self.asked.append(head.partition("\r\n")[0])
        method, where, _ = self.asked[-1].split(" ")
        if self.login and f"Proxy-Authorization: Basic {self.login}".lower() not in head.lower():
            _say(stream, "407 Proxy Authentication Required")
        elif (port := self.hosts.get(_host(where))) is None:
            _say(stream, "403 Forbidden")
        elif method == "CONNECT":
            self._tunnel(stream, port)
        else:
            stream.sendall(OK)

    def _tunnel(self, stream: socket.socket, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            stream.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(far, stream))
            back.start()
            pump(stream, far)
            back.join(20)


def _host(where: str) -> str:
    return where.removeprefix("http://").partition("/")[0].rpartition(":")[0]


def _say(stream: socket.socket, status: str) -> None:
    stream.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
    stream.shutdown(socket.SHUT_RDWR)
