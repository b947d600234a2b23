import pickle
from html import unescape

import pytest

from sabiscore.api.lifespan import LoadService
from sabiscore.api.loaded import Answered
from sabiscore.api.web.look import look
from sabiscore.api.web.rows import rows_of
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
    def test_are_those_of_each_language_in_any_order(self, answered: Answered) -> None:
        heads = [row.head for row in answered.coming.rows]
        for language in LANGUAGES:
            listed = answered.rows[language]
            assert unescape(listed.of([2, 0])) == look(language).row(heads[2]) + look(language).row(heads[0])
            assert listed.of(range(len(heads))).count("<li") == len(heads)

    def test_are_in_memory_once_for_all_processes(self, answered: Answered) -> None:
        arrays: list[pickle.PickleBuffer] = []
        rest = pickle.dumps(answered.rows, protocol=5, buffer_callback=arrays.append)
        assert [array.raw().nbytes for array in arrays] == [
            each.text.nbytes for each in answered.rows.values()
        ]
        assert b"<li" not in rest

    def test_of_no_fixture_are_none(self) -> None:
        assert rows_of([])["en"].of([]) == ""
