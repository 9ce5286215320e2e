"""What every other test relies on: no way out of this machine, and a PostgreSQL of our own."""

import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from pytest_socket import SocketConnectBlockedError


def test_a_connection_to_another_machine_fails() -> None:
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_connection_to_this_machine_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_postgres_answers(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_generated_inputs_are_the_same_in_every_run() -> None:
    chosen = subprocess.run(
        [
            sys.executable,
            "-c",
            "import tests.conftest, hypothesis as h; print(h.settings().derandomize)",
        ],
        cwd=Path(__file__).parents[2],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert chosen.stdout == "True\n"
    assert settings().deadline is None
