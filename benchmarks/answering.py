"""Answers fixtures in a process of its own, by whichever release of SabiScore its Python has.

The first line of standard input has fixtures as JSON; each further one says how many are to be asked at once, and is
answered with the seconds of CPU that all of them took. Run as a file, not as a module of this checkout.
"""

import asyncio
import sys
import time
from datetime import datetime
from importlib import import_module
from typing import Any

import msgspec

from sabiscore.service import PredictionService


def service() -> Any:  # noqa: ANN401 - of any release
    """Without a cache."""
    if hasattr(PredictionService, "load"):
        return PredictionService.load()
    parts = {
        "catalogue": import_module("sabiscore.data.catalogue").load(),
        "forecaster": import_module("sabiscore.forecaster").Forecaster.load(),
        "cache": import_module("sabiscore.cache.none").NoCache(),
    }
    return PredictionService(**parts)


async def answer(asked: Any, fixtures: list[Any], at_once: int) -> float:  # noqa: ANN401
    """Seconds of CPU."""
    begun = time.process_time()
    for start in range(0, len(fixtures), at_once):
        if at_once == 1:
            await asked.answer(fixtures[start])
        else:
            await asked.answer_many(fixtures[start : start + at_once])
    return time.process_time() - begun


def main() -> None:
    """Until standard input ends."""
    asked = service()
    fixtures = [
        asked.resolve(**one | {"kickoff_time": datetime.fromisoformat(one["kickoff_time"])}, odds=None)
        for one in msgspec.json.decode(sys.stdin.readline())
    ]
    for line in sys.stdin:
        print(asyncio.run(answer(asked, fixtures, int(line))), flush=True)


if __name__ == "__main__":
    main()
