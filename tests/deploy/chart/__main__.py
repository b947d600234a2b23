"""Whether the chart makes what Kubernetes takes, of every combination of values, and refuses what makes no sense.

uv run --group deploy python -m tests.deploy.chart
"""

import json
import tomllib
from collections.abc import Iterator

import click
import kubernetes_validate
import msgspec

from tests.deploy.chart.helm import CHART, HelmError, Resource, Values, lint, render
from tests.deploy.chart.laws import shortfalls
from tests.deploy.chart.values import REFUSED, combinations

KUBERNETES = ("1.30", "1.35")
"""The oldest and the newest that it is checked against."""

CUSTOM = {"ServiceMonitor"}
"""Kinds that Kubernetes itself does not know."""


@click.command()
def chart() -> None:
    """Lint, render and validate; exit with 1 where something is wrong."""
    wrong = [*_versions(), *_taken(), *_refused()]
    for each in wrong:
        click.echo(each)
    if wrong:
        raise click.ClickException(f"{len(wrong)} faults in the chart")


def _versions() -> Iterator[str]:
    """The chart's version is the project's."""
    ours = tomllib.loads((CHART.parents[1] / "pyproject.toml").read_text())["project"]["version"]
    said = msgspec.yaml.decode((CHART / "Chart.yaml").read_bytes())
    if {said["version"], said["appVersion"]} != {ours}:
        yield f"Chart.yaml: version {said['version']} of {said['appVersion']}, not {ours}"


def _taken() -> Iterator[str]:
    tried = list(combinations())
    known: set[str] = set()
    for version in KUBERNETES:
        for values in tried:
            yield from (f"{version} {json.dumps(values)}: {each}" for each in _faults(values, version, known))
    lint({})
    click.echo(
        f"{len(tried)} combinations against Kubernetes {' and '.join(KUBERNETES)}: {len(known)} resources"
    )


def _faults(values: Values, version: str, known: set[str]) -> Iterator[str]:
    try:
        resources = render(values, kubernetes=version)
    except HelmError as error:
        yield str(error)
        return
    yield from shortfalls(resources)
    for resource in resources:
        seen = version + json.dumps(resource, sort_keys=True)
        if seen not in known and resource["kind"] not in CUSTOM:
            yield from _invalid(resource, version)
        known.add(seen)


def _invalid(resource: Resource, version: str) -> Iterator[str]:
    try:
        kubernetes_validate.validate(resource, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{resource['kind']} {'.'.join(map(str, error.path))}: {error.message}"


def _refused() -> Iterator[str]:
    for what, values in REFUSED.items():
        try:
            render(values, kubernetes=KUBERNETES[-1])
        except HelmError as error:
            if "values don't meet the specifications" not in str(error):
                yield f"{what} is refused for another reason: {error}"
        else:
            yield f"{what} is taken"
    click.echo(f"{len(REFUSED)} wrong values")


if __name__ == "__main__":
    chart()
