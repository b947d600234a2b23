"""Services whose coverage nobody takes: they are looked at from outside, and tests/server measures the same code."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def unmeasured() -> Iterator[None]:
    """Programs that are started know nothing of coverage, which would make them half as fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        yield
