"""Windows with and without a swap, in turn, and what is different about them."""

import math
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import click
from msgspec import Struct

from benchmarks import drive, workloads
from benchmarks.drive import VoidError
from benchmarks.serving import Service, started
from benchmarks.swaps.looking import Looks, looking
from benchmarks.swaps.variants import Variant, variants
from benchmarks.workloads import CONNECTIONS, ONE, Requests
from sabiscore.models import bundles
from sabiscore.models.bundles import SHIPPED
from sabiscore.update.place import Place

WINDOW = 2
"""Seconds of a drive."""

MOMENT = 0.1
"""Seconds of a window before what happens in it."""

NOTICED_WITHIN = 20.0
"""Seconds after which a swap that did not come is given up."""

MOST_SECONDS, MOST_P99, MOST_MEMORY = 2.0, 2.0, 1.1
"""From publishing to the last worker's change; p99 and memory as times of the ordinary and of that before."""


class Window(Struct, frozen=True):
    """A drive: milliseconds, requests a second, and the share of answers that were found, asked for again and again."""

    p99: float
    rate: float
    hits: float


class Windows(Struct, frozen=True):
    """The medians of windows of a kind, and the worst p99."""

    p99: float
    worst: float
    rate: float
    hits: float


class Row(Struct, frozen=True):
    """What came of all swaps with so many workers; milliseconds, MB, seconds, shares."""

    workers: int
    swaps: int
    failed: int
    mixed: int
    looked_at: int
    slowest: float
    ordinary: Windows
    during: Windows
    before: float
    after: float

    def shortfalls(self) -> list[str]:
        """What is out of bounds."""
        times = self.during.p99 / self.ordinary.p99
        found = {
            f"{self.failed} requests failed": self.failed > 0,
            f"{self.mixed} answers were not of one bundle": self.mixed > 0,
            f"a swap took {self.slowest:.1f} s": self.slowest > MOST_SECONDS,
            f"p99 was {times:.2f} times the ordinary": times > MOST_P99,
            f"memory grew by {self.after / self.before - 1:.0%}": self.after > MOST_MEMORY * self.before,
        }
        return [reason for reason, holds in found.items() if holds]


def measure(workers: int, swaps: int) -> Row:
    """Swap so many times under full load."""
    mix = workloads.BY_NAME["mix"]
    with TemporaryDirectory(prefix="bench-") as scratch, started(workers=workers) as server:
        server.wait_until_ready(workers=workers)
        looks = Looks(server.port)
        first, *others = variants(swaps, looks.listed)
        looks.expect(bundles.read(SHIPPED).version, first.forecaster)
        requests = workloads.write([mix], Path(scratch), seconds=2.0 * WINDOW * (swaps + 1))[mix.name]
        load = _Load(server, requests, looks)
        ordinary, during, slowest = [], [], 0.0
        with looking(looks):
            load.window()
            before = server.memory()
            for each in others:
                ordinary.append(load.window())
                swap = _Swap(server, looks, each)
                swap.start()
                during.append(load.window())
                swap.join()
                slowest = max(slowest, swap.seconds)
            time.sleep(WINDOW)
        return Row(
            workers=workers,
            swaps=swaps,
            failed=load.failed + looks.failed,
            mixed=looks.mixed,
            looked_at=looks.count,
            slowest=slowest,
            ordinary=_middle(ordinary),
            during=_middle(during),
            before=before,
            after=server.memory(),
        )


class _Load:
    """wrk, which goes on where it stopped."""

    def __init__(self, server: Service, requests: Requests, looks: Looks) -> None:
        self._server = server
        self._requests = requests
        self._looks = looks
        self._sent = 0
        self.failed = 0

    def window(self) -> Window:
        """Drive for two seconds."""
        asked, found = self._looks.single, self._looks.found
        try:
            driven = drive.wrk(
                self._server.url + ONE,
                self._requests.path,
                first=self._sent,
                repeats=False,
                seconds=WINDOW,
                connections=CONNECTIONS,
            )
        except VoidError as error:
            click.echo(str(error), err=True)
            self.failed += 1
            return Window(float("nan"), 0.0, 0.0)
        self._sent = driven.sent
        hits = (self._looks.found - found) / max(self._looks.single - asked, 1)
        return Window(driven.p99, driven.requests / driven.seconds, hits)


class _Swap(Thread):
    """Publishes a bundle, and waits until all workers answer from it."""

    def __init__(self, server: Service, looks: Looks, variant: Variant) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._looks = looks
        self._variant = variant
        self.seconds = math.inf

    def run(self) -> None:
        """Do it, a moment after the window has begun."""
        time.sleep(MOMENT)
        self._looks.expect(self._variant.version, self._variant.forecaster)
        self._variant.publish(Place(self._server.directory / "data"))
        began = time.monotonic()
        while self._server.log().count(f"ready: bundle={self._variant.version}") < self._server.wanted:
            if time.monotonic() - began > NOTICED_WITHIN:
                return
            time.sleep(0.02)
        self.seconds = time.monotonic() - began


def _middle(windows: Sequence[Window]) -> Windows:
    whole = [each for each in windows if each.rate]
    p99, rate, hits = (
        statistics.median(getattr(each, name) for each in whole) for name in ("p99", "rate", "hits")
    )
    return Windows(p99, max(each.p99 for each in whole), rate, hits)
