from itertools import islice

from benchmarks.abuse.soak import Soak, mixed, soak


class TestASoak:
    async def test_gets_the_answers_that_its_requests_deserve(self) -> None:
        found = await soak(1000, workers=2)
        assert found.wrong == {}
        assert len(found.memory) == 21

    def test_asks_the_same_again(self) -> None:
        assert list(islice(mixed(), 500)) == list(islice(mixed(), 500))

    def test_notices_growth_after_the_warm_part_only(self) -> None:
        assert Soak((100.0, 150.0, *[200.0] * 19), {}).growth == 0.0
        assert Soak((100.0, 200.0, 200.0, *[210.0] * 18), {}).growth > 0.03
