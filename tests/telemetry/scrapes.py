"""Reading an exposition as Prometheus does."""

from typing import TypeAlias

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Samples: TypeAlias = dict[tuple[str, frozenset[tuple[str, str]]], float]


def families(text: bytes) -> dict[str, Metric]:
    """The families by name; no family and no sample comes twice."""
    parsed = list(text_string_to_metric_families(text.decode()))
    samples = [(each.name, frozenset(each.labels.items())) for family in parsed for each in family.samples]
    assert len({family.name for family in parsed}) == len(parsed)
    assert len(set(samples)) == len(samples)
    return {family.name: family for family in parsed}


def value(text: bytes, name: str, **labels: str) -> float | None:
    """The one sample of this name with these labels and no others; None if there is none."""
    for family in families(text).values():
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None
