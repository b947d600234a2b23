import pickle
from html import unescape

import pytest
from msgspec.structs import replace

from sabiscore.api.lifespan import LoadService
from sabiscore.api.loaded import Answered
from sabiscore.api.web.look import look
from sabiscore.api.web.rows import of_each, rows_of
from sabiscore.cache.protocol import NoCache
from sabiscore.languages.wording import LANGUAGES
from sabiscore.settings import Settings
from sabiscore.telemetry.instruments import Instruments


@pytest.fixture(scope="module")
def answered(load_service: LoadService) -> Answered:
    found = load_service(Settings(), cache=NoCache(), hook=Instruments()).answered
    assert found is not None
    return found


class TestRows:
    def test_are_those_of_each_language_by_day_and_league(self, answered: Answered) -> None:
        for language in LANGUAGES:
            listed = answered.rows[language]
            for group in listed.groups:
                wanted = [
                    look(language).row(row.head)
                    for row in answered.coming.rows
                    if (row.day, row.league) == (group.day, group.league)
                ]
                assert unescape(listed.of(group)) == unescape("".join(wanted))
            assert listed.text.tobytes().count(b"<li") == len(answered.coming.rows)

    def test_are_in_the_order_of_leagues(self, answered: Answered) -> None:
        leagues = sorted({row.league for row in answered.coming.rows})
        day = answered.coming.rows[0].day
        of_a_day = [replace(row.head, date=day) for row in answered.coming.rows]
        for order in (leagues, leagues[::-1]):
            assert [group.league for group in of_each(of_a_day, "en", order).groups] == order

    def test_are_in_memory_once_for_all_processes(self, answered: Answered) -> None:
        arrays: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(answered.rows, protocol=5, buffer_callback=arrays.append)
        assert [array.raw().nbytes for array in arrays] == [
            each.text.nbytes for each in answered.rows.values()
        ]
        assert b"<li" not in rest

    def test_of_no_fixture_are_none(self) -> None:
        assert rows_of([], [])["en"].groups == ()
