"""The listening sockets of a service, held by its first process: who waits in one outlives the worker that had it."""

import socket
import sys


class Listeners:
    """A socket for each worker's place, among which Linux shares out the connections; elsewhere one for all.

    A worker that dies leaves its own to its successor with all who wait there to be accepted; one that is replaced
    shares it with its successor for a while.
    """

    def __init__(self, address: str, port: int, places: int) -> None:
        """Nothing is opened yet."""
        self._address = address
        self._port = port
        self._places = places if sys.platform == "linux" else 1
        self._open: dict[int, socket.socket] = {}

    def open(self, place: int) -> socket.socket:
        """The socket of a place, bound; whoever accepts has it listen.

        Raises:
            OSError: the address is taken.
        """
        number = place % self._places
        if number not in self._open:
            self._open[number] = _bound(self._address, self._port)
        return self._open[number]

    def all_but(self, one: socket.socket) -> list[socket.socket]:
        """What a worker inherits that is none of its business."""
        return [each for each in self._open.values() if each is not one]

    def close(self, place: int | None = None) -> None:
        """That of a place whose worker will not come back for a while: others get its share. Without a place, all."""
        if place is None:
            for number in list(self._open):
                self._open.pop(number).close()
        elif self._places > 1 and place in self._open:
            self._open.pop(place).close()


def _bound(address: str, port: int) -> socket.socket:
    family, *_, wanted = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    one = socket.socket(family)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.setblocking(False)  # noqa: FBT003 - its name for it
        one.bind(wanted)
    except OSError:
        one.close()
        raise
    return one
