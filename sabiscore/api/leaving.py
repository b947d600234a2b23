"""That this worker is about to end, told to those who keep a connection open and to those who send traffic."""

from sabiscore.api.responses import Header

CLOSE: tuple[Header, ...] = (("connection", "close"),)


class Leaving:
    """What a worker says of its end; nothing until it is told to."""

    __slots__ = ("headers", "service_ends")

    def __init__(self) -> None:
        self.headers: tuple[Header, ...] = ()
        self.service_ends = False

    def close_connections(self) -> None:
        """From now on every answer is the last one on its connection."""
        self.headers = CLOSE

    def end_service(self) -> None:
        """The whole service ends: it is no longer ready, though it still answers."""
        self.service_ends = True
        self.close_connections()
