import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.advice.rules import check_adjustment, check_odds
from sabiscore.api.web.views import told
from sabiscore.domain import GoalAdjustment, Language, Odds
from sabiscore.errors import InvalidFixtureError, KickoffOutOfRangeError, UnknownClubError
from sabiscore.languages.wording import NUMERALS, wording
from tests.docs.catalogues import OTHERS

NUMBER = re.compile(r"\d+(?:\.\d+)?")

odds = st.floats(0.1, 5000.0).map(lambda price: Odds(price, 1.1, 1.2))
goals = st.floats(5.1, 50.0).map(lambda more: GoalAdjustment(more, 0.0))


def refused(given_by_reader: Odds | GoalAdjustment) -> InvalidFixtureError:
    with pytest.raises(InvalidFixtureError) as caught:
        check_odds(given_by_reader) if isinstance(given_by_reader, Odds) else check_adjustment(
            given_by_reader
        )
    return caught.value


def numbers(text: str, language: Language) -> list[str]:
    """Those of a sentence, as English writes them."""
    decimal = re.escape(NUMERALS[language].decimal)
    return NUMBER.findall(re.sub(rf"(?<=\d){decimal}(?=\d)", ".", text))


class TestWhatIsWrong:
    @given(odds | goals, st.sampled_from(OTHERS))
    def test_has_the_numbers_of_the_english_and_none_of_its_words(
        self, typed: Odds | GoalAdjustment, language: Language
    ) -> None:
        error = refused(typed)
        said, english = told(error, wording(language)), told(error, wording("en"))
        assert english == str(error)
        assert said != english
        assert numbers(said, language) == numbers(english, "en")

    def test_has_days_as_they_are_written_there(self) -> None:
        error = KickoffOutOfRangeError("Kick-off {day} is more than a year from today.", day=date(2030, 5, 1))
        assert told(error, wording("it")) == "Alla partita (1º mag 2030) manca più di un anno."

    def test_of_a_name_leaves_what_may_be_meant_to_links(self) -> None:
        error = UnknownClubError("Chelsee", ["Chelsea"], " in Premier League")
        assert told(error, wording("en")) == "Unknown club 'Chelsee' in Premier League."
        assert told(error, wording("es")) == "Equipo desconocido: Chelsee"
