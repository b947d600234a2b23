"""The files under deploy/ and the Containerfile agree with each other and with what is served."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from sabiscore import settings
from sabiscore.server.serve import DRAIN_SECONDS
from tests.deploy.routes import port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


class Build(Struct, forbid_unknown_fields=True):
    context: str
    dockerfile: str


class Condition(Struct, forbid_unknown_fields=True):
    condition: str


class Limits(Struct, forbid_unknown_fields=True):
    cpus: str
    memory: str


class Resources(Struct, forbid_unknown_fields=True):
    limits: Limits


class Placement(Struct, forbid_unknown_fields=True):
    resources: Resources


class Service(Struct, forbid_unknown_fields=True):
    """What each service must say, and what it may."""

    image: str
    restart: str
    read_only: bool
    cap_drop: list[str]
    security_opt: list[str]
    deploy: Placement
    build: Build | None = None
    user: str = ""
    command: list[str] = []
    environment: dict[str, str | int] = {}
    ports: list[str] = []
    volumes: list[str] = []
    tmpfs: list[str] = []
    depends_on: dict[str, Condition] = {}
    healthcheck: dict[str, Any] | None = None
    stop_grace_period: str = "10s"


class Compose(Struct):
    services: dict[str, Service]
    volumes: dict[str, None]


@pytest.fixture(scope="module")
def compose() -> Compose:
    return msgspec.yaml.decode((DEPLOY / "compose.yaml").read_bytes(), type=Compose)


def without_interpolation(value: str | int) -> str:
    """``${NAME:-default}`` as Compose reads it where NAME is not set."""
    return re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))


class TestServices:
    def test_come_back_after_a_fault_and_write_nowhere(self, compose: Compose) -> None:
        for service in compose.services.values():
            assert service.restart == "unless-stopped"
            assert service.read_only
            assert service.cap_drop == ["ALL"]

    def test_are_built_here_or_pinned_to_a_version(self, compose: Compose) -> None:
        for service in compose.services.values():
            assert service.build or re.search(r":v?\d+\.\d+\.\d+$", service.image)

    def test_mount_files_that_exist(self, compose: Compose) -> None:
        sources = [mount.split(":")[0] for service in compose.services.values() for mount in service.volumes]
        for source in sources:
            assert source in compose.volumes or (DEPLOY / source).is_file()

    def test_wait_only_for_services_that_can_become_so(self, compose: Compose) -> None:
        for service in compose.services.values():
            for name, condition in service.depends_on.items():
                awaited = compose.services[name]
                assert condition.condition == "service_started" or awaited.healthcheck or awaited.build


class TestTheServiceItself:
    def test_is_built_from_the_containerfile(self, compose: Compose) -> None:
        build = compose.services["sabiscore"].build
        assert build
        assert (DEPLOY / build.context / build.dockerfile).resolve() == ROOT / "Containerfile"

    def test_is_given_settings_that_it_takes(self, compose: Compose) -> None:
        environment = compose.services["sabiscore"].environment
        settings.load({name: without_interpolation(value) for name, value in environment.items()})

    def test_is_given_the_time_to_end_what_has_begun(self, compose: Compose) -> None:
        assert int(compose.services["sabiscore"].stop_grace_period.removesuffix("s")) > DRAIN_SECONDS

    def test_keeps_its_answers_in_the_valkey_beside_it(self, compose: Compose) -> None:
        url = str(compose.services["sabiscore"].environment["SABISCORE_VALKEY_URL"])
        assert url.removeprefix("valkey://").split(":")[0] in compose.services

    def test_is_published_where_it_listens(self, compose: Compose) -> None:
        assert [each.split(":")[-1] for each in compose.services["sabiscore"].ports] == [str(port())]
