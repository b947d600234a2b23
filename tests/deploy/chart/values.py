"""Values to try: combinations that must be taken, and some that must be refused."""

from collections.abc import Iterator
from itertools import product

from tests.deploy.chart.helm import Values

BUNDLES: tuple[Values, ...] = (
    {},
    {"bundle": {"source": "volume"}, "update": {"enabled": True, "volume": {"storageClass": "shared"}}},
    {
        "bundle": {"source": "url", "url": "https://bucket.example/bundle.tar"},
        "update": {
            "enabled": True,
            "publish": "s3://bucket/bundle.tar",
            "environment": {"AWS_REGION": "eu-central-1"},
            "environmentSecret": "bucket",
            "volume": {"claim": "mine", "accessMode": "ReadWriteOnce"},
        },
    },
)
VALKEYS: tuple[Values, ...] = (
    {},
    {"valkey": {"mode": "none"}},
    {"valkey": {"mode": "external", "url": "valkey://a:6379,b:6379?cluster=true"}},
    {"valkey": {"mode": "external", "secret": {"name": "sentinels"}, "ports": [26379, 6379]}},
)
SCALING: tuple[Values, ...] = (
    {"replicas": 5},
    {"autoscaling": {"enabled": True, "min": 3, "max": 50}},
    {"autoscaling": {"enabled": True, "inFlight": 8, "cpu": 60}, "workers": 4},
)
INGRESSES: tuple[Values, ...] = (
    {},
    {"ingress": {"enabled": True, "host": "sabiscore.example"}},
    {
        "ingress": {
            "enabled": True,
            "host": "sabiscore.example",
            "tlsSecret": "tls",
            "cacheZone": "answers",
            "annotations": {"cert-manager.io/cluster-issuer": "main"},
        }
    },
)
OTHERS: tuple[Values, ...] = (
    {},
    {
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "settings": {"cache_bytes": 134217728, "cache_timeout": 0.1, "front": False, "log_level": "warning"},
        "environment": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
        "drainDelay": 10,
        "adminPort": 9100,
    },
    {
        "networkPolicy": {"enabled": False},
        "spread": {"zones": False, "strict": True},
        "disruption": {"maxUnavailable": "25%"},
        "image": {
            "repository": "registry.example:5000/sabiscore",
            "tag": "0.2.0",
            "pullSecrets": ["registry"],
        },
        "service": {"type": "LoadBalancer", "port": 8080},
    },
    {
        "apiKeys": {"secret": "callers", "key": "digests"},
        "adminPort": 65535,
        "settings": {"rate_limit": "600/minute", "trusted_proxies": "10.0.0.0/8"},
        "networkPolicy": {
            "from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
            "adminFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}],
        },
        "pod": {
            "annotations": {"team": "football"},
            "labels": {"tier": "web"},
            "nodeSelector": {"kubernetes.io/arch": "amd64"},
            "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
            "affinity": {"podAntiAffinity": {}},
            "priorityClassName": "high",
        },
    },
)
"""Each goes with each of the above in turn."""

REFUSED: dict[str, Values] = {
    "a word that is none": {"replicaCount": 3},
    "no replica": {"replicas": 0},
    "an image with its tag in the name": {"image": {"repository": "sabiscore:latest"}},
    "an external Valkey that is nowhere": {"valkey": {"mode": "external"}},
    "a Valkey by HTTP": {"valkey": {"mode": "external", "url": "http://cache"}},
    "a bundle by URL without one": {"bundle": {"source": "url"}},
    "a volume on which nobody publishes": {"bundle": {"source": "volume"}},
    "an ingress for no host": {"ingress": {"enabled": True}},
    "a setting that the chart makes": {"settings": {"valkey_url": "valkey://elsewhere"}},
    "keys among the settings": {"settings": {"api_keys": "/keys"}},
    "a port for administrators that is the world's": {"adminPort": 8000},
    "a setting among other variables": {"environment": {"SABISCORE_FRONT": "false"}},
    "a delay in words": {"drainDelay": "5s"},
    "a schedule with three fields": {"update": {"schedule": "* * *"}},
    "memory without a unit that there is": {"resources": {"limits": {"memory": "1 gig"}}},
    "a peer that is none": {"networkPolicy": {"from": [{"pods": {}}]}},
}


def combinations() -> Iterator[Values]:
    """Every bundle with every Valkey, scaling and ingress, and one of the others."""
    for number, parts in enumerate(product(BUNDLES, VALKEYS, SCALING, INGRESSES)):
        merged: Values = {}
        for part in (*parts, OTHERS[number % len(OTHERS)]):
            merged |= part
        yield merged
