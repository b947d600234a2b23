from io import StringIO

from rich.console import Console

from benchmarks.against import Pair, table
from tests.benchmarks.runs import measured


def pair(then: float, now: float) -> Pair:
    return Pair(measured("then", "hot", rate=then, cpu=100.0), measured("now", "hot", rate=now, cpu=110.0))


class TestTheTable:
    def test_has_the_median_of_the_ratios_of_rounds(self) -> None:
        said = StringIO()
        drawn = table("v0", {"hot": [pair(1000.0, 900.0), pair(500.0, 500.0), pair(2000.0, 2400.0)]})
        Console(file=said, width=120).print(drawn)
        lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.getvalue().splitlines()]
        assert ["hot", "requests/s", "1,000", "900", "1.000", "0.900", "1.200"] in lines
        assert ["hot", "CPU us a request", "100", "110", "1.100", "1.100", "1.100"] in lines
