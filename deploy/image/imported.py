"""Print the files of the environment that anything of SabiScore imports, once the shipped bundle has answered.

python imported.py > FILES
"""

import importlib
import pkgutil
import sys

import sabiscore
from sabiscore.models.bundles import SHIPPED
from sabiscore.trial import examine

LATER = (
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "limits.aio.storage",
    "limits.aio.strategies",
    "obstore.store",
    "opentelemetry.exporter.otlp.proto.http.metric_exporter",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "resvg_py",
)
"""What extras bring, which is imported where a setting asks for it."""


def imported() -> list[str]:
    """The files of all modules."""
    for module in pkgutil.walk_packages(sabiscore.__path__, "sabiscore."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATER:
        importlib.import_module(name)
    examine(SHIPPED)
    files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    return sorted(file for file in files if file.startswith(sys.prefix) and file.endswith(".py"))


if __name__ == "__main__":
    sys.stdout.write("\n".join(imported()))
