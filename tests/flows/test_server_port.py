"""Where the Prefect server is to listen: a port that is taken and a host that is not this machine are told apart."""

import socket

import pytest

from flows.prefect_server import free_port
from schemas.errors import UsageError


def test_a_port_that_is_taken_asks_for_another_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"listen on 127\.0\.0\.1, port {port}: .*; choose another --port\."):
            free_port("127.0.0.1", port)


def test_a_host_that_is_not_this_machine_asks_for_another_host():
    with pytest.raises(UsageError, match=r"listen on 192\.0\.2\.1: .*; choose another --host\."):
        free_port("192.0.2.1", None)  # an address of documentation, nobody's
