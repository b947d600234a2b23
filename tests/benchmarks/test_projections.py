import math

import numpy as np
import pytest
from msgspec import structs

from benchmarks.projections.report import brier, log_score, markdown, page
from benchmarks.projections.seasons import Said, Standing, events, naive, standing
from sabiscore.data.catalogue import Catalogue
from sabiscore.features.played import FILE, Played, load
from sabiscore.models import bundles


@pytest.fixture(scope="module")
def matches() -> Played:
    return load(bundles.read(bundles.SHIPPED).files[FILE])


@pytest.fixture(scope="module")
def midway(matches: Played, catalogue: Catalogue) -> Standing:
    """The Premier League of 2023/24 after 20 match days."""
    found = standing(matches, catalogue, "E0", 2023, 20)
    assert found is not None
    return found


class TestStanding:
    def test_has_no_match_after_its_day(self, midway: Standing) -> None:
        played = midway.results
        assert 200 <= len(played.day) < 215
        assert played.day.max() < midway.before

    def test_knows_how_the_season_ended(self, midway: Standing) -> None:
        happened = midway.happened()
        clubs = midway.results.clubs
        assert clubs[int(happened[:, 0].argmax())] == "Man City"
        assert {clubs[k] for k in np.flatnonzero(happened[:, 2])} == {"Luton", "Burnley", "Sheffield United"}
        assert happened.sum(axis=0).tolist() == [1, 4, 3]

    def test_before_the_first_match_is_last_seasons(self, matches: Played, catalogue: Catalogue) -> None:
        found = standing(matches, catalogue, "E0", 2023, 0)
        assert found is not None
        assert len(found.results.day) == 0
        order = [found.results.clubs[k] for k in np.argsort(found.now)]
        assert order[:2] == ["Man City", "Arsenal"]
        assert set(order[-3:]) == {"Burnley", "Luton", "Sheffield United"}

    def test_is_none_of_a_season_that_was_broken_off(self, matches: Played, catalogue: Catalogue) -> None:
        assert standing(matches, catalogue, "F1", 2019, 10) is None


class TestForecasts:
    def test_events_are_sums_of_places(self, midway: Standing) -> None:
        even = np.full((20, 20), 0.05)
        assert events(even, midway.results)[0] == pytest.approx([0.05, 0.2, 0.15])

    def test_naive_is_what_became_of_the_place(self, midway: Standing) -> None:
        said = naive([midway] * 50, midway)
        assert np.abs(said - midway.happened()).max() < 0.05


class TestScores:
    def test_are_of_what_was_said(self) -> None:
        said, happened = np.array([0.8, 0.0]), np.array([1.0, 1.0])
        assert brier(said, happened) == pytest.approx([0.04, 1.0])
        assert log_score(said, happened) == pytest.approx([-math.log(0.8), -math.log(0.0001)])

    def test_stand_on_a_page(self, midway: Standing) -> None:
        positions = np.eye(20)[midway.final.astype(int)]
        found = [
            Said(
                structs.replace(midway, match_day=match_day),
                midway.happened(),
                midway.happened(),
                np.full((20, 3), 0.1),
                positions,
            )
            for match_day in (0, 10, 20, 30)
        ]
        text = page(found, 100)
        assert "| title | 0 | 0.0000 | 0.0500 |" in text
        assert "| 0.95 to 1.00 | 20 | 1.000 | 1.000 (1.000 to 1.000) |" in text

    def test_tables_are_markdown(self) -> None:
        assert markdown(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
