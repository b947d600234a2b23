from opentelemetry.sdk.metrics.export import HistogramDataPoint

from sabiscore.telemetry.latencies import Latencies, histogram

BOUNDS = (0.1, 1.0)


def latencies(*seconds: float) -> Latencies:
    found = Latencies(BOUNDS, route="predict")
    for each in seconds:
        found.add(each)
    return found


class TestLatencies:
    def test_are_counted_in_the_bucket_of_the_least_bound_they_do_not_exceed(self) -> None:
        point = latencies(0.0, 0.1, 0.11, 1.0, 1.01, 5.0).point()
        assert (point.bucket_counts, point.explicit_bounds) == ((2, 2, 2), BOUNDS)
        assert (point.count, point.sum) == (6, 7.22)

    def test_have_the_labels_of_their_series(self) -> None:
        assert latencies(0.5).point().attributes == {"route": "predict"}

    def test_told_once_stay_told(self) -> None:
        """Counts are cumulative: a scraper sees what it missed."""
        found = latencies(0.5)
        before = found.point()
        found.add(0.5)
        assert (before.count, found.point().count) == (1, 2)


class TestAHistogram:
    def test_has_the_series_in_which_there_is_anything(self) -> None:
        points = histogram("a", "of something", [latencies(), latencies(0.5)]).data.data_points
        assert [point.count for point in points if isinstance(point, HistogramDataPoint)] == [1]
