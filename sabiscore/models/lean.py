"""CatBoost without what it imports for others."""

import importlib
import sys
from types import ModuleType

UNUSED = ("pandas", "scipy", "scipy.sparse", "catboost.widget")
"""Tables and sparse matrices, of whose types it asks whether what it is given is one; and pictures in notebooks."""


def import_catboost() -> None:
    """Import CatBoost as if nobody had anything of `UNUSED` for it: half the time, and 50 MB less.

    For programs of ours. Where others share the process, they may want to hand it a DataFrame.
    """
    if "catboost" in sys.modules:
        return
    hidden = {name: _StandIn(name) for name in UNUSED if name not in sys.modules}
    for name, module in hidden.items():
        parent, _, child = name.rpartition(".")
        if parent in hidden:
            setattr(hidden[parent], child, module)
    sys.modules.update(hidden)
    try:
        importlib.import_module("catboost")
    finally:
        for name in hidden:
            del sys.modules[name]


class _StandIn(ModuleType):
    """A module in which every name is a type that nothing is of."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})
