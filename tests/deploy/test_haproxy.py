"""The proxy's configuration, by the proxy itself."""

import pytest

from benchmarks.proxy import checked

pytestmark = pytest.mark.proxy


class TestTheConfiguration:
    def test_is_one_without_a_warning(self) -> None:
        assert checked() == ""
