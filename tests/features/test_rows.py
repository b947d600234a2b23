from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from sabiscore.features import Parameters, RowMaker, build_history, spec
from sabiscore.features.calendar import day_number
from sabiscore.features.components import CLUB
from sabiscore.features.history import dump, load
from sabiscore.features.ratings import Floats
from tests.features.frames import frame

PARAMETERS = Parameters()
Components = dict[str, Floats]


@pytest.fixture(scope="module")
def rows(matches: pl.DataFrame) -> RowMaker:
    return RowMaker(build_history(matches, PARAMETERS), PARAMETERS)


class TestOnlineRowsAreOfflineRows:
    def test_a_season_asked_one_by_one_is_bit_equal_to_the_matrix(
        self, rows: RowMaker, matches: pl.DataFrame
    ) -> None:
        season = matches.filter(pl.col("season") == 2023)
        offline = rows.matches(matches).matrix[(matches["season"] == 2023).to_numpy()]
        online = [
            rows.fixtures([(league, home, away, day_number(date))]).matrix
            for league, home, away, date in season.select("league", "home", "away", "date").iter_rows()
        ]
        assert np.concatenate(online).tobytes() == offline.tobytes()

    def test_a_history_read_back_gives_the_same_rows(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        again = RowMaker(load(dump(rows.history)), PARAMETERS)
        some = matches.sample(500, seed=1)
        assert again.matches(some).matrix.tobytes() == rows.matches(some).matrix.tobytes()

    def test_the_same_history_has_the_same_bytes(self, rows: RowMaker) -> None:
        assert dump(load(dump(rows.history))) == dump(rows.history)


class TestColumns:
    def test_every_row_is_finite_and_as_wide_as_the_spec(self, rows: RowMaker, matches: pl.DataFrame) -> None:
        matrix = rows.matches(matches).matrix
        assert matrix.shape == (len(matches), len(spec.NAMES))
        assert matrix.dtype == np.float32
        assert np.isfinite(matrix).all()

    def test_two_clubs_never_seen_make_the_neutral_row(self) -> None:
        maker = RowMaker(build_history(frame(("2024-08-10", "A", "B", 1, 0)), PARAMETERS), PARAMETERS)
        row = dict(
            zip(spec.NAMES, maker.matches(frame(("2024-08-17", "X", "Y", 0, 0))).matrix[0], strict=True)
        )
        for group in ("ratings", "goals", "shots", "form", "promotion"):
            for name, neutral in spec.GROUPS[group].items():
                assert row[name] == neutral

    @pytest.mark.parametrize(
        ("name", "of"),
        [
            ("elo_difference", lambda home, away: home["elo"] - away["elo"]),
            ("pi_difference", lambda home, away: home["pi_home"] - away["pi_away"]),
            (
                "goals_balance",
                lambda h, a: h["goals_for"] + a["goals_against"] - a["goals_for"] - h["goals_against"],
            ),
            ("form_difference", lambda home, away: home["form"] - away["form"]),
            ("home_promoted", lambda home, _: home["promoted"]),
        ],
    )
    def test_a_column_is_what_its_name_says(
        self,
        rows: RowMaker,
        matches: pl.DataFrame,
        name: str,
        of: Callable[[Components, Components], Floats],
    ) -> None:
        some = rows.matches(matches.sample(200, seed=2))
        home, away = (dict(zip(CLUB, side.values.T, strict=True)) for side in (some.home, some.away))
        assert np.allclose(some.matrix[:, spec.NAMES.index(name)], of(home, away), atol=1e-6)

    def test_rest_is_days_since_the_last_match_and_at_most_thirty(self) -> None:
        played = frame(("2024-08-10", "A", "B", 1, 0), ("2024-08-14", "B", "A", 1, 0))
        maker = RowMaker(build_history(played, PARAMETERS), PARAMETERS)
        fixtures = frame(("2024-08-17", "A", "B", 0, 0), ("2024-12-01", "A", "B", 0, 0))
        assert maker.matches(fixtures).matrix[:, spec.NAMES.index("home_rest")].tolist() == [3.0, 30.0]

    def test_an_unknown_league_is_a_key_error(self, rows: RowMaker) -> None:
        with pytest.raises(KeyError):
            rows.fixtures([("E9", "A", "B", 20000)])
