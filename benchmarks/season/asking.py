"""A light load: somebody who asks a service for this and that, a few times a second, and notes what came."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle

import httpx

PAUSE = 0.05
"""Seconds between two requests."""

MODEL = "/api/v1/model"
ADDRESSES = (
    "/api/v1/fixtures?limit=20",
    "/api/v1/record",
    MODEL,
    "/api/v1/predict?home_team=Arsenal&away_team=Chelsea&league=E0&kickoff_time=2025-05-25T15:00:00Z",
)


class Asking:
    """What came of all requests: how many of each status, or error, and the versions that answered."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()
        self.versions: set[str] = set()

    @property
    def failed(self) -> int:
        """Requests that were not answered well."""
        return sum(count for status, count in self.came.items() if not status.startswith("2"))


@contextmanager
def asking(url: str, addresses: Sequence[str] = ADDRESSES) -> Iterator[Asking]:
    """Ask for as long as the block lasts."""
    found, over = Asking(), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=30.0) as client:
            for address in cycle(addresses):
                try:
                    answer = client.get(address)
                    found.came[str(answer.status_code)] += 1
                    if address == MODEL and answer.is_success:
                        found.versions.add(answer.json()["version"])
                except httpx.HTTPError as error:
                    found.came[type(error).__name__] += 1
                if over.wait(PAUSE):
                    return

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
