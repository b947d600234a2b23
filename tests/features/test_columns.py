from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from sabiscore.arrays import Floats
from sabiscore.features import History, Parameters, RowMaker, Rows, columns, components
from sabiscore.features.components import CLUB, LEAGUE

Components = dict[str, Floats]


@pytest.fixture(scope="module")
def rows(history: History, matches: pl.DataFrame) -> Rows:
    """Of all real matches."""
    return RowMaker(history, Parameters()).matches(matches)


def column(rows: Rows, name: str) -> Floats:
    return rows.matrix[:, columns.NAMES.index(name)].astype(np.float64)


class TestNames:
    def test_are_of_one_group_each(self) -> None:
        assert len(set(columns.NAMES)) == len(columns.NAMES) == len(columns.NEUTRAL)
        of_groups = [columns.of_group(group) for group in columns.GROUPS]
        assert sorted(place for group in of_groups for place in group) == list(range(len(columns.NAMES)))

    def test_lead_to_their_places(self) -> None:
        assert columns.index(*columns.NAMES) == tuple(range(len(columns.NAMES)))
        assert columns.NAMES[columns.VARIANCE] == "variance"

    def test_of_both_sides_come_in_pairs(self) -> None:
        for name in columns.NAMES:
            if name.startswith("home_") and name != "home_advantage":
                assert name.replace("home_", "away_") in columns.NAMES

    def test_of_the_setting_are_no_reason(self) -> None:
        assert columns.GROUPS[0] == "league"
        assert columns.GROUPS[1:] == columns.EXPLAINED_GROUPS


class TestFingerprint:
    def test_changes_when_a_column_or_a_component_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = {columns.fingerprint()}
        monkeypatch.setattr(columns, "NAMES", columns.NAMES[::-1])
        found.add(columns.fingerprint())
        monkeypatch.setattr(components, "CLUB", components.CLUB[::-1])
        found.add(columns.fingerprint())
        monkeypatch.setattr(components, "LEAGUE", components.LEAGUE[::-1])
        found.add(columns.fingerprint())
        assert len(found) == 4


class TestEveryRow:
    def test_is_finite_and_as_wide_as_there_are_columns(self, rows: Rows, matches: pl.DataFrame) -> None:
        assert rows.matrix.shape == (len(matches), len(columns.NAMES))
        assert rows.matrix.dtype == np.float32
        assert rows.matrix.flags.c_contiguous
        assert np.isfinite(rows.matrix).all()

    def test_has_neutral_values_in_the_middle_of_all(self, rows: Rows) -> None:
        """Every neutral value is one that matches have."""
        low, high = rows.matrix.min(axis=0), rows.matrix.max(axis=0)
        assert (low <= columns.NEUTRAL).all()
        assert (high >= columns.NEUTRAL).all()

    def test_says_something_with_every_column(self, rows: Rows) -> None:
        """But for divisions, of which the sample has the first."""
        constant = {
            name
            for name, spread in zip(columns.NAMES, np.ptp(rows.matrix, axis=0), strict=True)
            if not spread
        }
        assert constant <= {"division", "home_came", "away_came"}


class TestAColumn:
    @pytest.mark.parametrize(
        ("name", "of"),
        [
            ("results", lambda h, a: h["strength_played"] - a["strength_played"]),
            (
                "prices",
                lambda h, a: (
                    h["strength_slow"] - a["strength_slow"] - (h["strength_played"] - a["strength_played"])
                ),
            ),
            ("surprised", lambda h, a: h["surprised"] - a["surprised"]),
            (
                "recent",
                lambda h, a: (
                    h["strength_fast"] + h["strength_faster"] - a["strength_fast"] - a["strength_faster"]
                ),
            ),
            ("home_form", lambda h, _: h["form"]),
            ("away_form", lambda _, a: a["form"]),
            (
                "away_over_the_years",
                lambda _, a: (
                    (a["strength_slow"] + a["strength_fast"] - a["long_run"]) * (a["long_run"] != 0.0)
                ),
            ),
            (
                "recent_goals",
                lambda h, a: h["goals_fast"] + h["goals_faster"] + a["goals_fast"] + a["goals_faster"],
            ),
            ("home_reds", lambda h, _: h["reds"]),
            (
                "variance",
                lambda h, a: sum(
                    club[f"strength_{part}_variance"] for club in (h, a) for part in ("slow", "fast")
                ),
            ),
        ],
    )
    def test_is_what_its_name_says(
        self, rows: Rows, name: str, of: Callable[[Components, Components], Floats]
    ) -> None:
        home, away = (dict(zip(CLUB, side.T, strict=True)) for side in rows.values)
        assert np.allclose(column(rows, name), of(home, away), atol=1e-5)

    def test_of_results_and_prices_is_together_how_much_better_the_home_club_is(self, rows: Rows) -> None:
        slow = rows.values[..., CLUB.index("strength_slow")]
        assert np.allclose(column(rows, "results") + column(rows, "prices"), slow[0] - slow[1], atol=1e-5)

    def test_of_goals_are_the_clubs_beside_their_leagues(self, rows: Rows) -> None:
        mean = 2.0 * rows.league[:, LEAGUE.index("mean_goals")]
        clubs = rows.values[..., CLUB.index("goals_slow")].sum(axis=0)
        level = rows.league[:, LEAGUE.index("goal_level")]
        assert np.allclose(column(rows, "goals"), clubs - mean, atol=1e-5)
        assert np.allclose(column(rows, "goal_level"), level + mean, atol=1e-5)

    def test_of_a_day_tells_the_month(self, rows: Rows, matches: pl.DataFrame) -> None:
        assert column(rows, "month").tolist() == matches["date"].dt.month().to_list()

    def test_of_what_is_at_stake_counts_late_in_the_season(self, rows: Rows, matches: pl.DataFrame) -> None:
        month = matches["date"].dt.month()
        autumn, spring = (
            np.abs(column(rows, "stake")[month.is_in(months).to_numpy()]).max()
            for months in ([9, 10, 11], [4, 5])
        )
        assert autumn < 0.05
        assert spring > 0.2


class TestTwoClubsNeverSeen:
    def test_are_neither_better_nor_worse(self, history: History) -> None:
        unknown = RowMaker(history, Parameters()).fixtures([("E0", "X", "Y", 20_300)])
        for place in (
            *columns.of_group("results", "prices", "home"),
            *columns.index("recent", "home_form", "away_form"),
        ):
            assert unknown.matrix[:, place].tolist() == [columns.NEUTRAL[place]]
