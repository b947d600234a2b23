from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sabiscore.api.web.charts import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, over_time, reliability
from sabiscore.ledger.schemas import Point
from sabiscore.season.schemas import RatingPoint

STRENGTHS = st.lists(st.floats(-3, 3), min_size=1, max_size=60)


def club(strengths: list[float], since: date = date(2023, 8, 1)) -> list[RatingPoint]:
    return [RatingPoint(since + timedelta(days=7 * week), "E0", each) for week, each in enumerate(strengths)]


class TestOverTime:
    @given(STRENGTHS, STRENGTHS)
    def test_every_point_is_inside_the_chart(self, ours: list[float], theirs: list[float]) -> None:
        chart = over_time([club(ours), club(theirs)])
        for line in chart.lines:
            for point in line.points.split():
                x, y = map(float, point.split(","))
                assert LEFT <= x <= WIDTH
                assert TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1

    def test_a_better_club_is_higher(self) -> None:
        chart = over_time([club([1.0, 1.0]), club([0.0, 0.0])])
        better, worse = (float(line.points.split()[0].split(",")[1]) for line in chart.lines)
        assert better < worse

    def test_each_summer_is_marked(self) -> None:
        chart = over_time([club([0.1] * 104)])
        assert [mark.text for mark in chart.along] == ["2024/25", "2025/26"]

    def test_of_thirty_years_few_are_named(self) -> None:
        thirty = [RatingPoint(date(1993 + year, 8, 14), "E0", 0.2) for year in range(32)]
        named = [mark.text for mark in over_time([thirty]).along if mark.text]
        assert 4 <= len(named) <= 8

    def test_a_club_without_a_match_has_an_empty_chart(self) -> None:
        assert over_time([[], []]).lines == []


class TestReliability:
    def test_has_no_dot_of_a_few_forecasts(self) -> None:
        assert reliability({"away": [Point(0.95, 0.0, 1)]}) == []

    def test_what_happens_as_often_as_said_is_on_the_diagonal(self) -> None:
        (dot,) = reliability({"home": [Point(0.5, 0.5, 400)]})
        assert dot.x - 36 == 284 - dot.y

    @given(st.floats(0, 1), st.integers(10, 10_000))
    def test_the_interval_holds_the_share_and_stays_between_never_and_always(
        self, share: float, n: int
    ) -> None:
        (dot,) = reliability({"away": [Point(0.4, share, n)]})
        assert 11.9 <= dot.high <= dot.y + 0.1
        assert dot.y - 0.1 <= dot.low <= 284.1
