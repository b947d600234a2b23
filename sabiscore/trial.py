"""Trying a bundle in a process of its own: whatever its content does to a native parser, the caller lives.

    python -m sabiscore.trial DIRECTORY

reads the bundle, has it answer fixtures of every league and club end to end, and prints a `Verdict` as JSON.
"""

import asyncio
import ctypes
import itertools
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import TextIOBase
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from sabiscore.data import newcomers
from sabiscore.data.catalogue import Catalogue
from sabiscore.domain import Club, Detail, Fixture, League, Odds, Prediction
from sabiscore.errors import BundleError, Refusal
from sabiscore.features import columns
from sabiscore.forecaster import Forecaster
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle, GoldenFixture
from sabiscore.models.ensemble import check_structure
from sabiscore.models.heads import probabilities
from sabiscore.models.signature import PublicKey
from sabiscore.season.reader import Season
from sabiscore.service import PredictionService

SPARE_BYTES = 512 * 2**20
"""Address space that a bundle may take beside the program: the shipped one takes a tenth."""

MOST_CPU = 120
"""Seconds of work after which a trial ends by itself, should nobody be there to end it."""

ROWS = 4096
SEED = 2025
KICK_OFF = time(15, tzinfo=UTC)
AHEAD = (timedelta(days=1), timedelta(days=200))
ODDS = Odds(2.1, 3.4, 3.6)
DETAILS: tuple[Detail, ...] = ("summary", "full")
"""The full answer has all that the summary has, and so is asked for alone where there are many."""

AT_ONCE = 256
ROUNDING = 0.001 + 1e-9

_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
_PREFIXES = ("PYTHON", "LC_", "LD_", "DYLD_", "COV")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1")
_PR_SET_PDEATHSIG = 1


class Verdict(Struct, frozen=True):
    """What came of a trial: the bundle's digest, or what is refused and why."""

    digest: str = ""
    file: str = ""
    reason: str = ""
    kind: Refusal = "contents"


def try_bundle(directory: Path, *, seconds: float = 60.0) -> str:
    """The digest of a bundle that loads and answers, found out by a process of its own.

    Raises:
        BundleError: it is refused, crashes that process or keeps it for longer than ``seconds``.
    """
    with subprocess.Popen(  # noqa: S603 - this program, and a path as an argument
        (sys.executable, "-P", "-m", "sabiscore.trial", str(directory.absolute())),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        process_group=0,
    ) as child:
        try:
            said, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise BundleError(directory, f"was tried for {seconds:g} s without an end", "crashed") from error
        finally:
            _end(child)
    return _judged(directory, child.returncode, said)


def read_tried(directory: Path, key: PublicKey | None = None) -> Bundle:
    """Read a bundle from elsewhere, and have these very bytes tried before this process makes anything of them.

    With a ``key``, it must be signed by that.

    Raises:
        BundleError: it must not be loaded.
    """
    bundle = bundles.read(directory, key)
    if try_bundle(directory) != bundle.digest:
        raise BundleError(directory, "was changed while it was tried", "changed")
    return bundle


def _environment() -> dict[str, str]:
    """What Python needs to be the same again; no setting and no secret of ours."""
    kept = {
        name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith(_PREFIXES)
    }
    return kept | _ONE_THREAD


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Whatever is left of the child's group."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _judged(directory: Path, status: int, said: bytes) -> str:
    if status < 0:
        raise BundleError(directory, f"crashed the process that tried it ({_signal(-status)})", "crashed")
    try:
        verdict = msgspec.json.decode(said, type=Verdict)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(
            directory, f"the process that tried it ended with status {status}", "crashed"
        ) from error
    if status or not verdict.digest:
        raise BundleError(
            verdict.file or directory,
            verdict.reason or f"its trial ended with status {status}",
            verdict.kind,
        )
    return verdict.digest


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def examine(directory: Path) -> Forecaster:
    """A bundle at work, after it has answered sanely; in this process, which it may crash.

    Raises:
        BundleError: it must not be loaded, or answers what cannot be.
    """
    bundle = bundles.read(directory)
    with bundles.refusing(directory):
        for name, content in bundle.files.items():
            if name.endswith(".cbm"):
                check_structure(content)
    forecaster = Forecaster.from_bundle(bundle)
    with bundles.refusing(directory), np.errstate(all="ignore"):
        _check_rows(forecaster)
        known = newcomers.known(bundle.files)
        Season.of(bundle, forecaster, known).check()
        service = PredictionService(forecaster, catalogue=known)
        golden = forecaster.manifest.golden.fixtures
        for detail in DETAILS:
            asyncio.run(_check_answers(service, list(_golden(known, golden)), detail))
        asyncio.run(_check_answers(service, list(_all_clubs(known, forecaster)), "full"))
        asyncio.run(_check_said_again(service, golden, list(_golden(known, golden))))
    return forecaster


def _check_rows(forecaster: Forecaster) -> None:
    """Rows of all sizes, so that no leaf of a tree is left out for its numbers or its place."""
    random = np.random.default_rng(SEED)
    scale = 10.0 ** random.uniform(-2.0, 1.0, (ROWS, 1))
    rows = np.array(columns.NEUTRAL) + scale * random.normal(size=(ROWS, len(columns.NEUTRAL)))
    log_odds = forecaster.head.log_odds(rows.astype(np.float32))
    goals, sums = forecaster.head.rates(log_odds), probabilities(log_odds).sum(axis=1)
    if not (np.isfinite(goals).all() and (goals >= 0.0).all() and (np.abs(sums - 1.0) < ROUNDING).all()):
        raise ValueError("it predicts what cannot be")


def _golden(known: Catalogue, fixtures: list[GoldenFixture]) -> Iterator[Fixture]:
    leagues = {league.code: league for league in known.leagues}
    for one in fixtures:
        home, away = (_club(known, leagues[one.league], key) for key in (one.home, one.away))
        yield Fixture(leagues[one.league], home, away, _kick_off(one.day), one.odds)


def _club(known: Catalogue, league: League, key: str) -> Club:
    return next((club for club in known.clubs(league) if club.key == key), Club(key, key))


def _all_clubs(known: Catalogue, forecaster: Forecaster) -> Iterator[Fixture]:
    """Every club at home when the data begin, in their middle, and after their end, with odds or without in turn."""
    last = forecaster.manifest.data_through
    for league in known.leagues:
        if not forecaster.rows.has_league(league.code):
            continue
        first = forecaster.rows.first_date(league.code)
        days = (first + timedelta(days=1), first + (last - first) / 2, *(last + ahead for ahead in AHEAD))
        clubs = known.clubs(league)
        pairs = zip(clubs, (*clubs[1:], clubs[0]), strict=True)
        asked = itertools.product(pairs, days)
        for ((home, away), day), odds in zip(asked, itertools.cycle((None, ODDS)), strict=False):
            yield Fixture(league, home, away, _kick_off(day), odds)


def _kick_off(day: date) -> datetime:
    return datetime.combine(day, KICK_OFF)


async def _check_answers(service: PredictionService, fixtures: list[Fixture], detail: Detail) -> None:
    for start in range(0, len(fixtures), AT_ONCE):
        for answer in await service.answer_many(fixtures[start : start + AT_ONCE], detail):
            _checked(answer.body)


async def _check_said_again(
    service: PredictionService, golden: list[GoldenFixture], fixtures: list[Fixture]
) -> None:
    """Whether answers say, rounded, what was forecast when the bundle was made."""
    for one, answer in zip(golden, await service.answer_many(fixtures), strict=True):
        said = _checked(answer.body)
        if max(abs(a - b) for a, b in zip(said, one.probabilities, strict=True)) > ROUNDING:
            raise ValueError(f"it answers {said} where it forecast {one.probabilities}")


def _checked(body: bytes) -> tuple[float, float, float]:
    """The probabilities of an answer, which are some; the rest of it has the right types."""
    answer = msgspec.json.decode(body, type=Prediction)
    said = (answer.home_win_prob, answer.draw_prob, answer.away_win_prob)
    if not (min(said) >= 0.0 and abs(sum(said) - 1.0) < ROUNDING):
        raise ValueError(f"it answers probabilities of {said}")
    return said


def main() -> None:
    """What the child does."""
    _bind()
    with _alone_on_stdout() as said:
        said.write(msgspec.json.encode(_verdict(Path(sys.argv[1]))).decode())


def _verdict(directory: Path) -> Verdict:
    try:
        forecaster = examine(directory)
    except BundleError as error:
        return Verdict(file=error.file, reason=error.reason, kind=error.kind)
    return Verdict(digest=str(forecaster.card["digest"]))


def _bind() -> None:
    """No core file, no more time and memory than a bundle needs, and no life after the parent's."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU, MOST_CPU))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or hard > taken + SPARE_BYTES:
            resource.setrlimit(resource.RLIMIT_AS, (taken + SPARE_BYTES,) * 2)


def _alone_on_stdout() -> TextIOBase:
    """Standard output for the verdict; what a library prints goes where its errors go."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w")


if __name__ == "__main__":
    main()
