import pytest

from sabiscore.features.played import FILE, Played, load
from sabiscore.models import bundles


@pytest.fixture(scope="package")
def played() -> Played:
    """Every match that the shipped bundle knows."""
    return load(bundles.read(bundles.SHIPPED).files[FILE])
