import socket
from collections.abc import Iterator

import pytest

from benchmarks.process import free_port
from sabiscore.server.listeners import Listeners

from .wire import connect, listens


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    listeners = Listeners("127.0.0.1", free_port(), 2)
    yield listeners
    listeners.close()


def port_of(one: socket.socket) -> int:
    port: int = one.getsockname()[1]
    return port


class TestAPlace:
    def test_keeps_its_socket(self, listeners: Listeners) -> None:
        assert listeners.open(1) is listeners.open(1)

    def test_shares_the_port_with_the_others(self, listeners: Listeners) -> None:
        one, other = listeners.open(0), listeners.open(1)
        assert one is not other
        assert port_of(one) == port_of(other)
        assert listeners.all_but(one) == [other]

    def test_refuses_connections_until_somebody_listens(self, listeners: Listeners) -> None:
        one = listeners.open(0)
        assert not listens(port_of(one))
        one.listen()
        assert listens(port_of(one))

    def test_that_rests_leaves_its_share_to_the_others(self, listeners: Listeners) -> None:
        one, other = listeners.open(0), listeners.open(1)
        for each in (one, other):
            each.listen()
        listeners.close(0)
        other.settimeout(20)
        for _ in range(20):
            with connect(port_of(other)):
                other.accept()[0].close()


class TestTheEnd:
    def test_closes_all(self, listeners: Listeners) -> None:
        port = port_of(listeners.open(0))
        listeners.open(0).listen()
        listeners.close()
        assert not listens(port)


class TestAnAddress:
    def test_of_another_machine_is_refused(self) -> None:
        with pytest.raises(OSError, match="address"):
            Listeners("192.0.2.1", 0, 1).open(0)
