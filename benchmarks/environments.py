"""What contenders run in: their libraries installed, those of an earlier release too, and all bytecode compiled."""

import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterable
from importlib.metadata import distributions
from importlib.util import cache_from_source
from pathlib import Path

import click

from benchmarks.contenders import RELEASES, ROOT, Contender

LIBRARIES = (
    *("sabiscore", "granian", "litestar", "msgspec", "catboost", "numpy", "valkey", "uvloop"),
    *("fastapi", "starlette", "pydantic", "uvicorn", "httptools", "redis", "prometheus-client"),
    *("litserve", "bentoml", "ray"),
)
CODE = ("sabiscore", "benchmarks")
TESTS = re.compile(r"/tests?/")
"""Part of many libraries, and imported by nobody."""


class SetUpError(click.ClickException):
    """Something that is to be measured cannot be set up; the message says why."""


def prepare(contender: Contender) -> None:
    """Install what it needs.

    Raises:
        SetUpError: it can't be.
    """
    if contender.group:
        _sync(contender.directory, ROOT, "--locked", "--group", contender.group)
    elif contender.release:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            extract(RELEASES[contender.release], Path(scratch))
            _sync(contender.directory, Path(scratch), "--frozen", "--no-editable")


def _sync(directory: Path, project: Path, *options: str) -> None:
    """Make an environment of what a project's lock says, on this Python."""
    command = ["uv", "sync", "--quiet", "--no-default-groups", "--python", sys.executable, *options]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        done = subprocess.run(
            command,
            cwd=project,
            env=environment | {"UV_PROJECT_ENVIRONMENT": str(directory)},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise SetUpError(f"uv cannot be run: {error}") from error
    if done.returncode:
        raise SetUpError(f"cannot be installed: {done.stderr.strip()}")


def extract(revision: str, directory: Path, *paths: str) -> None:
    """Lay another commit, or these paths of it, into ``directory``.

    Raises:
        SetUpError: there is no such commit here, as in a clone without its history.
    """
    command = ["git", "archive", revision, *paths]
    try:
        archived = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    except OSError as error:
        raise SetUpError(f"{revision}: git cannot be run: {error.strerror}") from error
    if archived.returncode:
        said = archived.stderr.decode().strip()
        raise SetUpError(f"{revision}: {said} (a shallow clone has it after `git fetch --unshallow`)")
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(directory, filter="data")


def compile_all(contenders: Iterable[Contender]) -> str:
    """Compile what all of them import, so that nobody's start or memory pays for it; how much there is, in words."""
    places = {place for each in contenders if (place := packages(each)) is not None}
    directories = [*sorted(places), *(ROOT / name for name in CODE)]
    quiet = [sys.executable, "-m", "compileall", "-qq", "-j", "0", "-x", TESTS.pattern]
    subprocess.run([*quiet, *map(str, directories)], check=False)
    files = [str(path) for directory in directories for path in directory.rglob("*.py")]
    wanted = [path for path in files if not TESTS.search(path)]
    return f"compiled, {sum(map(_is_compiled, wanted)):,} of {len(wanted):,} files"


def _is_compiled(path: str) -> bool:
    return Path(cache_from_source(path)).exists()


def packages(contender: Contender) -> Path | None:
    """The directory of its installed libraries, if there is one."""
    return next((contender.directory / "lib").glob("python*/site-packages"), None)


def versions(contenders: Iterable[Contender]) -> dict[str, str]:
    """Of the libraries, from the environments of all but earlier releases."""
    places = [packages(each) for each in contenders if not each.release]
    installed = distributions(path=[str(place) for place in dict.fromkeys(places) if place is not None])
    found = {each.name.lower(): each.version for each in installed}
    return {name: found[name] for name in LIBRARIES if name in found}


def build() -> dict[str, str]:
    """How the Python that runs was built: with a profile of its use (PGO), optimised as a whole (LTO)."""
    names = ("CONFIG_ARGS", "PY_CORE_CFLAGS", "PY_CORE_LDFLAGS")
    said = " ".join(str(sysconfig.get_config_var(name) or "") for name in names)
    unsaid = "its build does not say (a distribution's)" if sys.base_prefix == "/usr" else "no"
    return {
        "PGO": "yes" if "--enable-optimizations" in said or "-fprofile-use" in said else unsaid,
        "LTO": "yes" if "--with-lto" in said or "-flto" in said else unsaid,
    }
