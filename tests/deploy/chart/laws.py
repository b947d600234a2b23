"""What must hold of a release, whatever was chosen."""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from sabiscore import settings
from sabiscore.server.serve import DRAIN_SECONDS
from tests.deploy.chart.helm import Resource
from tests.deploy.routes import port, routes

HTTP_PORT = "http"


def shortfalls(resources: list[Resource]) -> Iterator[str]:
    """What is not as it must be; mostly nothing."""
    names = [(resource["kind"], resource["metadata"]["name"]) for resource in resources]
    if len(set(names)) < len(names):
        yield f"two resources of one name: {names}"
    for resource in resources:
        yield from (f"{resource['metadata']['name']}: {each}" for each in _of_pods(resource))
    yield from _selected(resources)
    yield from _claimed(resources)
    [service] = [
        each
        for each in resources
        if each["kind"] == "Deployment" and "-valkey" not in each["metadata"]["name"]
    ]
    yield from _of_service(service)
    yield from _measured(service, resources)


def pod(resource: Resource) -> Resource | None:
    """The template of its pods."""
    spec: Any = resource.get("spec", {})
    if resource["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template") if resource["kind"] in {"Deployment", "CronJob"} else None


def _of_pods(resource: Resource) -> Iterator[str]:
    template = pod(resource)
    if template is None:
        return
    spec = template["spec"]
    security = spec["securityContext"]
    if not (security["runAsNonRoot"] and security["runAsUser"] >= 100):
        yield "may run as root"
    if security["seccompProfile"] != {"type": "RuntimeDefault"}:
        yield "may make any system call"
    if spec["automountServiceAccountToken"]:
        yield "has a token"
    mounted = {volume["name"] for volume in spec["volumes"]}
    for container in spec["containers"]:
        if container["securityContext"] != {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }:
            yield "may do more than it must"
        if not {"cpu", "memory"} <= container["resources"]["requests"].keys():
            yield "says not what it needs"
        if "memory" not in container["resources"]["limits"]:
            yield "may take all memory"
        if {mount["name"] for mount in container["volumeMounts"]} != mounted:
            yield "mounts other volumes than it has"


def _selected(resources: list[Resource]) -> Iterator[str]:
    """Every selector finds exactly one kind of pod."""
    pods = [template["metadata"]["labels"] for each in resources if (template := pod(each))]
    services = [each["metadata"]["labels"] for each in resources if each["kind"] == "Service"]
    for resource in resources:
        among = services if resource["kind"] == "ServiceMonitor" else pods
        for selector in _selectors(resource):
            found = sum(selector.items() <= labels.items() for labels in among)
            if found != 1:
                yield f"{resource['metadata']['name']}: {selector} selects {found}"


def _selectors(resource: Resource) -> Iterator[dict[str, str]]:
    spec = resource.get("spec", {})
    match resource["kind"]:
        case "Service":
            yield spec["selector"]
        case "Deployment":
            yield spec["selector"]["matchLabels"]
            for constraint in spec["template"]["spec"].get("topologySpreadConstraints", []):
                yield constraint["labelSelector"]["matchLabels"]
        case "PodDisruptionBudget" | "ServiceMonitor":
            yield spec["selector"]["matchLabels"]
        case "NetworkPolicy":
            yield spec["podSelector"]["matchLabels"]


def _claimed(resources: list[Resource]) -> Iterator[str]:
    """Volumes are made here, or somebody else's by name; what is only read is mounted so."""
    made = {each["metadata"]["name"] for each in resources if each["kind"] == "PersistentVolumeClaim"}
    for resource in resources:
        for volume in (pod(resource) or {"spec": {"volumes": []}})["spec"]["volumes"]:
            claim = volume.get("persistentVolumeClaim", {"claimName": "mine"})["claimName"]
            if claim not in made | {"mine"}:
                yield f"{resource['metadata']['name']}: nobody makes {claim}"


def _of_service(deployment: Resource) -> Iterator[str]:
    spec = deployment["spec"]["template"]["spec"]
    [container] = spec["containers"]
    environment = {each["name"]: each.get("value", "valkey://secret") for each in container["env"]}
    ours = {name: value for name, value in environment.items() if name.startswith(settings.PREFIX)}
    known = {settings.variable(field) for field in settings.Settings.__struct_fields__}
    if unknown := ours.keys() - known:
        yield f"no such settings: {unknown}"
    chosen = settings.load(ours)
    if spec["terminationGracePeriodSeconds"] < chosen.drain_delay + DRAIN_SECONDS:
        yield "is killed before what has begun may end"
    admin = {"admin": chosen.admin_port} if chosen.admin_port else {}
    if _ports(container) != {HTTP_PORT: port()} | admin:
        yield "listens elsewhere than it says"
    if chosen.api_keys and posixpath.dirname(chosen.api_keys) not in {
        mount["mountPath"] for mount in container["volumeMounts"]
    }:
        yield "has no file of keys"
    for probe in re.findall(r"\w+Probe", " ".join(container)):
        if f"GET {container[probe]['httpGet']['path']}" not in routes():
            yield f"{probe} asks for what there is not"


def _measured(deployment: Resource, resources: list[Resource]) -> Iterator[str]:
    """Metrics are asked for at the port that shows them."""
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    shown = "admin" if "admin" in _ports(container) else HTTP_PORT
    for monitor in (each for each in resources if each["kind"] == "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            if endpoint.get("targetPort", endpoint.get("port")) != shown:
                yield f"metrics are at {shown}"


def _ports(container: Resource) -> dict[str, int]:
    return {each["name"]: each["containerPort"] for each in container["ports"]}
