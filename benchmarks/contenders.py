"""Who takes part: how each is started, and in which workloads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

from benchmarks.process import DRIVER_CORE, SERVER_CORE

ROOT = Path(__file__).parents[1]
READY = "/health/ready"

ANSWERING = ("hot", "mix", "cold", "paced hot", "paced cold")


class Contender(Struct, frozen=True, kw_only=True):
    """A server to be measured.

    ``command`` is a program of its environment, which is ours, or one that has dependency ``group`` alone.
    ``{port}`` is where it has to listen. ``misses`` is the counter in its /metrics of fixtures that its
    model predicted. ``both_cores`` tells that it shares the driver's.
    """

    name: str
    what: str
    command: tuple[str, ...]
    workloads: tuple[str, ...]
    group: str = ""
    environment: dict[str, str] = {}
    ready: str = READY
    misses: str = ""
    both_cores: bool = False

    @property
    def cores(self) -> tuple[int, ...]:
        """Where it runs."""
        return (DRIVER_CORE, SERVER_CORE) if self.both_cores else (SERVER_CORE,)

    @property
    def directory(self) -> Path:
        """Of its environment."""
        return ROOT / f".venv-{self.group}" if self.group else Path(sys.prefix)

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
ONE_WORKER, TWO_WORKERS = "ours, one worker, both cores", "ours, two workers, both cores"

ALL = (
    Contender(
        name=OURS,
        what="`sabiscore serve`, one worker",
        command=_serve(1),
        workloads=(*ANSWERING, "odds", "batch", "batch hot"),
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
        workloads=("cold", "paced cold"),
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
        environment={"RAY_USAGE_STATS_ENABLED": "0"},
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
        what="Granian, RSGI: read the body, look it up in a dictionary, send stored bytes",
        command=_granian("rsgi", "lookup"),
        workloads=("hot", "paced hot"),
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
        both_cores=True,
    ),
)
BY_NAME = {contender.name: contender for contender in ALL}


def prepare(contender: Contender) -> str:
    """Install what it needs; why that is not possible, or nothing."""
    if not contender.group:
        return ""
    options = ("--locked", "--no-default-groups", "--group", contender.group, "--python", sys.executable)
    try:
        done = subprocess.run(
            ["uv", "sync", "--quiet", *options],
            cwd=ROOT,
            env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(contender.directory)},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return f"uv cannot be run: {error}"
    return "" if done.returncode == 0 else f"cannot be installed: {done.stderr.strip()}"


def missing_tools() -> list[str]:
    """Programs that are needed and not there."""
    return [name for name in ("wrk", "h2load", "taskset") if shutil.which(name) is None]
