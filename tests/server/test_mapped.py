import os
from pathlib import Path

import numpy as np
import pytest

from sabiscore.forecaster import Forecaster
from sabiscore.server import mapped
from sabiscore.server.mapped import Mapped
from sabiscore.server.ready import Ready

FIXTURES = [("E0", "arsenal", "chelsea", 20_000), ("SP1", "barcelona", "real-madrid", 20_001)]


@pytest.fixture
def path(tmp_path: Path, forecaster: Forecaster) -> Path:
    path = tmp_path / "run" / mapped.NAME
    mapped.write(path, Ready(forecaster))
    return path


class TestAMappedForecaster:
    def test_says_what_the_one_that_was_written_says_to_the_last_bit(
        self, path: Path, forecaster: Forecaster
    ) -> None:
        said, meant = (each.forecast(FIXTURES) for each in (mapped.read(path).forecaster, forecaster))
        for now, then in ((said.probabilities, meant.probabilities), (said.grids, meant.grids)):
            assert np.array_equal(now, then)

    def test_answers_by_its_file_which_nobody_can_write_to_through_it(self, path: Path) -> None:
        values = mapped.read(path).forecaster.rows.history.club_values
        assert not values.flags.writeable
        assert not values.flags.owndata
        assert values.ctypes.data % mapped.ALIGNED == 0

    def test_answers_on_when_its_file_gives_way_to_another(self, path: Path, forecaster: Forecaster) -> None:
        before = mapped.read(path).forecaster
        mapped.write(path, Ready(forecaster))
        path.unlink()
        assert np.array_equal(
            before.forecast(FIXTURES).probabilities, forecaster.forecast(FIXTURES).probabilities
        )

    def test_is_for_its_user_alone(self, path: Path) -> None:
        assert path.parent.stat().st_mode & 0o777 == 0o700


class TestMapped:
    def test_tells_of_each_file_until_it_is_read(self, path: Path, forecaster: Forecaster) -> None:
        there = Mapped(path)
        for _ in range(2):
            assert there.has_changed()
            assert there.read().version == forecaster.version
            assert not there.has_changed()
            os.utime(path, ns=(1, 1))

    def test_has_nothing_where_there_is_no_file(self, tmp_path: Path) -> None:
        there = Mapped(tmp_path / mapped.NAME)
        assert not there.has_changed()
        with pytest.raises(FileNotFoundError):
            there.read()
