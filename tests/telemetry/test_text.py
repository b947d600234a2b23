from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from sabiscore.telemetry.text import add, counts, merge, value

from .scrapes import families

COUNTS = "# HELP a_total A\n# TYPE a_total counter\n"
SIZES = "# HELP s S\n# TYPE s histogram\n"
LEVEL = "# HELP l L\n# TYPE l gauge\n"


class TestMerging:
    def test_keeps_families_together_and_heads_each_once(self) -> None:
        head_a, head_b = "# HELP a A\n# TYPE a counter\n", "# HELP b B\n# TYPE b gauge\n"
        one = head_a + "a 1.0\n" + head_b + "b 2.0\n"
        other = head_b + 'b{x="{"} 4.0\n' + head_a + "a 3.0\n"
        assert merge({"0": one, "1": other}) == (
            head_a
            + 'a{worker="0"} 1.0\na{worker="1"} 3.0\n'
            + head_b
            + 'b{worker="0"} 2.0\nb{worker="1",x="{"} 4.0\n'
        )

    @given(help_=st.text(), labels=st.lists(st.text(), unique=True, max_size=4), number=st.floats())
    def test_loses_nothing_whatever_the_texts_are(self, help_: str, labels: list[str], number: float) -> None:
        registry = CollectorRegistry()
        gauge = Gauge("g", help_, ["x"], registry=registry)
        for label in labels:
            gauge.labels(label).set(number)
        text = generate_latest(registry)
        merged = merge({"0": text.decode(), "1": text.decode()}).encode()
        samples = families(merged)["g"].samples
        assert sorted((each.labels["worker"], each.labels["x"]) for each in samples) == sorted(
            (worker, label) for worker in "01" for label in labels
        )


class TestWhatOutlivesAProcess:
    def test_is_all_but_gauges(self) -> None:
        assert counts(COUNTS + "a_total 1.0\n" + LEVEL + "l 2.0\n" + SIZES + "s_sum 3.0\n") == (
            COUNTS + "a_total 1.0\n" + SIZES + "s_sum 3.0\n"
        )


class TestAdding:
    def test_adds_series_by_series(self) -> None:
        ours = COUNTS + 'a_total{x="1"} 1.0\na_total{x="2 3"} 2.0\n' + SIZES + "s_sum 0.5\n"
        base = SIZES + "s_sum 0.25\n" + COUNTS + 'a_total{x="2 3"} 40.0\n'
        assert add(ours, base) == (
            COUNTS + 'a_total{x="1"} 1.0\na_total{x="2 3"} 42.0\n' + SIZES + "s_sum 0.75\n"
        )

    def test_keeps_what_has_not_happened_again(self) -> None:
        base = COUNTS + 'a_total{x="2"} 4.0\n' + SIZES + "s_sum 0.25\n"
        assert add(COUNTS + 'a_total{x="1"} 1.0\n', base) == (
            COUNTS + 'a_total{x="1"} 1.0\na_total{x="2"} 4.0\n' + SIZES + "s_sum 0.25\n"
        )

    def test_leaves_gauges_and_texts_without_predecessor_alone(self) -> None:
        ours = LEVEL + "l 1e+06\n" + COUNTS + "a_total 3.0\n"
        assert add(ours, "") == ours

    def test_of_any_size_is_read_as_a_number_again(self) -> None:
        text = add(COUNTS + "a_total 1e+20\n", COUNTS + "a_total 1e+20\n")
        assert value(text, "a_total") == 2e20
        assert families(text.encode())["a"].samples[0].value == 2e20


class TestAValue:
    def test_is_that_of_the_series_without_labels(self) -> None:
        assert value(LEVEL + "l 3\n", "l") == 3
        assert value(LEVEL + 'l{x="1"} 3\n', "l") is None
