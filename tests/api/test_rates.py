import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sabiscore.api.rates import Rates, Verdict, storage_url
from sabiscore.cache.url import read
from sabiscore.errors import SettingsError
from sabiscore.server.embedded import EmbeddedValkey, embedded_valkey

NOBODY = "valkey://127.0.0.1:1/0"


@pytest.fixture
def embedded() -> Iterator[EmbeddedValkey]:
    with TemporaryDirectory(prefix="rates") as name, embedded_valkey(Path(name)) as server:
        assert server
        yield server


async def asked(rates: Rates, times: int, who: str = "somebody") -> list[bool]:
    return [(await rates.ask(who)).allowed for _ in range(times)]


def told(verdict: Verdict) -> dict[str, str]:
    return dict(verdict.headers)


class TestARate:
    async def test_is_kept_by_each_who_asks(self) -> None:
        rates = Rates("3/hour", "", 1.0)
        assert await asked(rates, 4) == [True, True, True, False]
        assert await asked(rates, 1, "else") == [True]

    async def test_is_told(self) -> None:
        rates = Rates("2/hour", "", 1.0)
        first, _, third = [await rates.ask("somebody") for _ in range(3)]
        assert told(first)["ratelimit-policy"] == '"default";q=2;w=3600'
        assert told(first)["ratelimit"].startswith('"default";r=1;t=')
        assert "retry-after" not in told(first)
        assert told(third)["ratelimit"].startswith('"default";r=0;t=')
        assert 1 <= int(told(third)["retry-after"]) <= 3600

    async def test_counts_what_costs_more_as_more_or_not_at_all(self) -> None:
        rates = Rates("5/hour", "", 1.0)
        costs = [await rates.ask("somebody", cost) for cost in (3, 3, 2, 1)]
        assert [each.allowed for each in costs] == [True, False, True, False]
        assert told(costs[1])["ratelimit"].startswith('"default";r=2;t=')

    @pytest.mark.parametrize("rate", ["often", "0", "minute/3", "0/minute"])
    def test_that_makes_no_sense_is_refused(self, rate: str) -> None:
        with pytest.raises(SettingsError, match=f"SABISCORE_RATE_LIMIT={rate}"):
            Rates(rate, "", 1.0)


class TestInValkey:
    async def test_is_one_for_all_workers_and_machines(self, embedded: EmbeddedValkey) -> None:
        several = [Rates("6/hour", embedded.url, 10.0) for _ in range(3)]
        allowed = await asyncio.gather(*(asked(each, 4) for each in several))
        for each in several:
            await each.close()
        assert sum(map(sum, allowed)) == 6

    async def test_begins_with_the_first_request(self, embedded: EmbeddedValkey) -> None:
        rates = Rates("9/minute", embedded.url, 10.0)
        firsts = [told(await rates.ask(f"client {n}"))["ratelimit"] for n in range(50)]
        await rates.close()
        assert set(firsts) <= {'"default";r=8;t=60', '"default";r=8;t=59'}

    async def test_is_kept_in_the_process_while_that_is_down(self) -> None:
        rates = Rates("3/hour", NOBODY, 0.5)
        assert await asked(rates, 4) == [True, True, True, False]
        await rates.close()


class TestAPlace:
    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            ("valkey://v:6380/2", "async+valkey://v:6380/2"),
            ("valkeys://me:a%2Fb@v/0", "async+valkeys://me:a%2Fb@v:6379/0"),
            ("unix:///run/v.sock", "async+valkey+unix:///run/v.sock?db=0"),
            ("valkey://a:1,b:2?cluster=true", "async+valkey+cluster://a:1,b:2"),
            ("valkey+sentinel://a:1,b/main", "async+valkey+sentinel://a:1,b:26379/main"),
        ],
    )
    def test_is_named_as_the_library_wants_it(self, ours: str, theirs: str) -> None:
        assert storage_url(read(ours)) == theirs
