"""Who takes part: how each is started, and in which workloads."""

import shutil
import sys
from pathlib import Path

from msgspec import Struct

from benchmarks.process import DRIVER_CORE, SERVER_CORE

ROOT = Path(__file__).parents[1]
READY = "/health/ready"
WORKER_READY = "ready: bundle="
"""What each worker of ours logs."""

PACED = ("paced cold 700", "paced cold 1000")
ANSWERING = ("hot", "mix", "cold", *PACED)


class Contender(Struct, frozen=True, kw_only=True):
    """A server to be measured.

    ``command`` is a program of its environment, which is ours, one that has dependency ``group`` alone, or that of
    an earlier ``release``. ``{port}`` is where it has to listen. It is ready when ``ready`` is answered with 200, and
    all its ``workers`` are when each has logged ``worker_ready``. ``misses`` is the counter in its /metrics of fixtures
    that its model predicted. ``both_cores`` tells that it shares the driver's.
    """

    name: str
    what: str
    command: tuple[str, ...]
    workloads: tuple[str, ...]
    group: str = ""
    release: str = ""
    workers: int = 1
    environment: dict[str, str] = {}
    ready: str = READY
    worker_ready: str = ""
    misses: str = ""
    both_cores: bool = False

    @property
    def cores(self) -> tuple[int, ...]:
        """Where it runs."""
        return (DRIVER_CORE, SERVER_CORE) if self.both_cores else (SERVER_CORE,)

    @property
    def directory(self) -> Path:
        """Of its environment."""
        name = self.group or (f"bench-{self.release}" if self.release else "")
        return ROOT / f".venv-{name}" if name else Path(sys.prefix)

    @property
    def full_command(self) -> list[str]:
        """With the path of its program."""
        program, *arguments = self.command
        return [str(self.directory / "bin" / program), *arguments]


def _serve(workers: int) -> tuple[str, ...]:
    return ("sabiscore", "serve", "--port", "{port}", "--workers", str(workers))


def _uvicorn(app: str) -> tuple[str, ...]:
    options = ("--port", "{port}", "--loop", "uvloop", "--http", "httptools", "--log-level", "warning")
    return ("python", "-m", "uvicorn", f"benchmarks.apps.{app}:app", *options)


def _granian(interface: str, app: str) -> tuple[str, ...]:
    options = (
        "--port",
        "{port}",
        "--loop",
        "uvloop",
        "--no-ws",
        "--backlog",
        "1024",
        "--backpressure",
        "1024",
    )
    quiet = ("--log-level", "warning")
    return (
        "python",
        "-m",
        "granian",
        "--interface",
        interface,
        *options,
        *quiet,
        f"benchmarks.apps.floor:{app}",
    )


OURS, ARTICLE, FASTAPI = "ours", "article", "fastapi"
LITSERVE, BENTOML, RAY = "litserve", "bentoml", "ray serve"
LOOKUP = "floor rsgi lookup"
BEFORE = "0.1"
ONE_WORKER, TWO_WORKERS, THREE_WORKERS = (
    f"ours, {n}, both cores" for n in ("one worker", "two workers", "three workers")
)
BEFORE_THREE = "0.1, three workers, both cores"

RELEASES = {BEFORE: "b415114f8ef1e743b40eb65a46e4b32a0ad65824"}
"""Commits of earlier releases that are measured beside what is here."""

ALL = (
    Contender(
        name=OURS,
        what="`sabiscore serve`, one worker",
        command=_serve(1),
        workloads=(*ANSWERING, "hot get", "odds", "batch", "batch hot"),
        misses="model_rows_total",
    ),
    Contender(
        name=BEFORE,
        what="SabiScore 0.1.0 with its own model and libraries, `sabiscore serve`, one worker",
        command=_serve(1),
        workloads=(*ANSWERING, "batch"),
        release=BEFORE,
        misses="model_rows_total",
    ),
    Contender(
        name=ARTICLE,
        what="FastAPI, pydantic, redis.asyncio, prometheus_client, uvicorn; the ensemble model by model",
        command=_uvicorn("article"),
        workloads=ANSWERING,
        misses="prediction_cache_misses_total",
    ),
    Contender(
        name=FASTAPI,
        what="FastAPI on uvicorn, the ensemble model by model, no cache",
        command=_uvicorn("fastapi_app"),
        workloads=("cold", *PACED),
    ),
    Contender(
        name="fastapi, our answer",
        what="FastAPI on uvicorn around our own forecaster and our whole answer, no cache",
        command=_uvicorn("whole"),
        workloads=("cold", "odds"),
    ),
    Contender(
        name=LITSERVE,
        what="LitServe, one worker, the ensemble model by model, no cache",
        command=("python", "-m", "benchmarks.apps.litserve_app", "{port}"),
        workloads=("cold",),
        group="bench-litserve",
    ),
    Contender(
        name=BENTOML,
        what="BentoML, one worker, the ensemble model by model, no cache",
        command=(
            "python",
            "-m",
            "bentoml",
            "serve",
            "benchmarks.apps.bentoml_app:Predicting",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
        ),
        workloads=("cold",),
        group="bench-bentoml",
        environment={"BENTOML_DO_NOT_TRACK": "True"},
        ready="/readyz",
    ),
    Contender(
        name=RAY,
        what="Ray Serve, one replica, the ensemble model by model, no cache",
        command=("python", "-m", "benchmarks.apps.ray_app", "{port}"),
        workloads=("cold",),
        group="bench-ray",
        environment={"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"},
        both_cores=True,
    ),
    Contender(
        name="floor asgi",
        what="Granian, ASGI: read the body, decode it, send fixed bytes",
        command=_granian("asgi", "asgi"),
        workloads=("hot",),
    ),
    Contender(
        name="floor rsgi",
        what="Granian, RSGI: read the body, decode it, send fixed bytes",
        command=_granian("rsgi", "rsgi"),
        workloads=("hot",),
    ),
    Contender(
        name=LOOKUP,
        what="Granian, RSGI: read the body or query, look it up in a dictionary, send it; threads scheduled as ours",
        command=_granian("rsgi", "lookup"),
        workloads=("hot", "hot get"),
    ),
    Contender(
        name=ONE_WORKER,
        what="`sabiscore serve`, one worker",
        command=_serve(1),
        workloads=("hot", "cold"),
        both_cores=True,
    ),
    Contender(
        name=TWO_WORKERS,
        what="`sabiscore serve --workers 2`",
        command=_serve(2),
        workloads=("hot", "cold"),
        workers=2,
        worker_ready=WORKER_READY,
        both_cores=True,
    ),
    Contender(
        name=THREE_WORKERS,
        what="`sabiscore serve --workers 3`",
        command=_serve(3),
        workloads=("cold",),
        workers=3,
        worker_ready=WORKER_READY,
        both_cores=True,
    ),
    Contender(
        name=BEFORE_THREE,
        what="SabiScore 0.1.0, `sabiscore serve --workers 3`",
        command=_serve(3),
        workloads=("cold",),
        release=BEFORE,
        workers=3,
        worker_ready=WORKER_READY,
        both_cores=True,
    ),
)
BY_NAME = {contender.name: contender for contender in ALL}


def missing_tools() -> list[str]:
    """Programs that are needed and not there."""
    return [name for name in ("wrk", "taskset") if shutil.which(name) is None]
