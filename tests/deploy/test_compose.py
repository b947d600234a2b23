"""The files under deploy/ and the Containerfile agree with each other and with what is served."""

import re
from ipaddress import IPv4Address, IPv4Network
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
SERVED = ("one", "two")


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


class Attachment(Struct, forbid_unknown_fields=True):
    ipv4_address: str


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
    networks: dict[str, Attachment] = {}
    depends_on: dict[str, Condition] = {}
    healthcheck: dict[str, Any] | None = None
    stop_grace_period: str = "10s"


class Addresses(Struct, forbid_unknown_fields=True):
    subnet: str
    ip_range: str


class Management(Struct, forbid_unknown_fields=True):
    config: list[Addresses]


class Network(Struct, forbid_unknown_fields=True):
    ipam: Management


class Compose(Struct):
    services: dict[str, Service]
    networks: dict[str, Network]
    volumes: dict[str, None]


@pytest.fixture(scope="module")
def compose() -> Compose:
    return msgspec.yaml.decode((DEPLOY / "compose.yaml").read_bytes(), type=Compose)


def chosen(service: Service) -> settings.Settings:
    """What it is told, where the environment of Compose says nothing."""
    return settings.load({name: without_interpolation(value) for name, value in service.environment.items()})


def address(service: Service) -> IPv4Address:
    """Where it is, whoever else starts first."""
    return IPv4Address(service.networks["default"].ipv4_address)


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
    @pytest.fixture(params=SERVED)
    def service(self, compose: Compose, request: pytest.FixtureRequest) -> Service:
        return compose.services[request.param]

    def test_is_built_from_the_containerfile(self, service: Service) -> None:
        assert service.build
        assert (DEPLOY / service.build.context / service.build.dockerfile).resolve() == ROOT / "Containerfile"

    def test_is_given_settings_that_it_takes(self, service: Service) -> None:
        chosen(service)

    def test_is_given_the_time_to_end_what_has_begun(self, service: Service) -> None:
        given = int(service.stop_grace_period.removesuffix("s"))
        assert given > chosen(service).drain_delay + DRAIN_SECONDS

    def test_is_looked_at_by_the_proxy_before_it_ends(self, service: Service) -> None:
        configured = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
        [looks] = re.findall(r"check inter (\d+)ms fastinter (\d+)ms fall (\d+)", configured)
        first, further, times = map(int, looks)
        assert chosen(service).drain_delay > (first + (times - 1) * further) / 1000

    def test_keeps_its_answers_in_the_valkey_beside_it(self, compose: Compose, service: Service) -> None:
        url = chosen(service).valkey_url
        assert url.removeprefix("valkey://").split(":")[0] in compose.services

    def test_is_reached_through_the_proxy_alone(self, service: Service) -> None:
        assert not service.ports


class TestTheProxy:
    @pytest.fixture
    def proxy(self, compose: Compose) -> Service:
        return compose.services["proxy"]

    def test_is_given_variables_that_its_configuration_reads(self, proxy: Service) -> None:
        read = re.findall(r"\$\{(SABISCORE_\w+)-", (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8"))
        assert set(proxy.environment) == set(read)

    def test_is_published_where_it_listens(self, proxy: Service) -> None:
        assert proxy.ports == [f"{port()}{proxy.environment['SABISCORE_BIND']}"]

    def test_asks_the_services_where_they_are(self, compose: Compose, proxy: Service) -> None:
        asked = [proxy.environment["SABISCORE_ONE"], proxy.environment["SABISCORE_TWO"]]
        assert asked == [f"{address(compose.services[name])}:{port()}" for name in SERVED]

    def test_is_the_only_one_that_says_who_asks(self, compose: Compose, proxy: Service) -> None:
        for name in SERVED:
            assert chosen(compose.services[name]).trusted_proxies == str(address(proxy))

    def test_has_an_address_that_nobody_else_is_given(self, compose: Compose) -> None:
        [of_network] = compose.networks["default"].ipam.config
        fixed = [address(compose.services[name]) for name in ("proxy", *SERVED)]
        assert len(set(fixed)) == len(fixed)
        for each in fixed:
            assert each in IPv4Network(of_network.subnet)
            assert each not in IPv4Network(of_network.ip_range)
