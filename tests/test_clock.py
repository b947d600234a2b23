import time
from datetime import UTC, datetime

from sabiscore.clock import CLOCK, Clock


class TestAClock:
    def test_shows_the_time_of_day_in_utc(self) -> None:
        assert Clock(unix=lambda: 86_400.5).now() == datetime(1970, 1, 2, 0, 0, 0, 500_000, tzinfo=UTC)

    def test_is_this_machines_where_no_other_is_given(self) -> None:
        assert CLOCK.seconds() <= time.monotonic() <= CLOCK.seconds()
        assert abs(CLOCK.now() - datetime.now(UTC)).total_seconds() < 60
