import re
from datetime import date
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sabiscore.advice.case import ADJUSTMENT, ODDS, Case, ClubFacts, Stake
from sabiscore.advice.reasons import reasons
from sabiscore.advice.value import value
from sabiscore.domain import Confidence, GoalAdjustment, Language
from sabiscore.domain import Odds as Prices
from sabiscore.features.columns import EXPLAINED_GROUPS
from sabiscore.languages.wording import wording
from tests.advice.cases import CLUB, FINISH, FIXTURE, case
from tests.docs.catalogues import OTHERS

NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")

goals = st.floats(-2, 2)
stakes = st.builds(
    Stake,
    importance=st.tuples(*[st.sampled_from((0.0, 0.05, 0.3, 0.6))] * 4),
    dead=st.booleans(),
    down=st.booleans(),
    remaining=st.integers(0, 38),
    division=st.integers(0, 1),
)
clubs = st.builds(
    ClubFacts,
    by_results=goals,
    by_odds=goals,
    lately=goals,
    at_home=goals,
    form=goals,
    scored=st.integers(0, 99),
    conceded=st.integers(0, 99),
    rest=st.none() | st.integers(0, 90),
    reds=st.integers(0, 2),
    played=st.integers(0, 38),
    recent=st.integers(0, 4),
    came=st.integers(-1, 1),
    joins=st.booleans(),
    known=st.booleans(),
    stake=stakes,
    finish=st.sampled_from((None, FINISH, replace(FINISH, place=16, play_off=True))),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any case, moved by any groups."""
    odds = draw(st.sampled_from((None, Prices(1.9, 3.6, 4.2), Prices(4.2, 2.5, 2.4))))
    weights = draw(st.tuples(*[st.floats(0.05, 1.0)] * 3))
    home, draw_, away = (each / sum(weights) for each in weights)
    moved = draw(st.lists(st.sampled_from([*EXPLAINED_GROUPS, ODDS, ADJUSTMENT]), min_size=3, unique=True))
    adjust = (
        GoalAdjustment(*draw(st.sampled_from(((0.5, 0.0), (-0.2, 1.0))))) if ADJUSTMENT in moved else None
    )
    return replace(
        case((home, draw_, away), odds, licensed=draw(st.booleans())),
        contributions={group: draw(st.tuples(*[st.floats(-0.3, 0.3)] * 3)) for group in moved},
        more_goals=draw(goals),
        home=draw(clubs),
        away=draw(clubs),
        poor_league=draw(st.booleans()),
        data_through=draw(st.dates(date(2024, 1, 1), date(2025, 5, 29))),
        fixture=replace(FIXTURE, odds=odds, neutral=draw(st.booleans()), adjust=adjust),
    )


def told(about: Case, language: Language, fresh: Confidence = "low") -> list[str]:
    odds, market = about.odds(), about.market
    worth = value(about.rounded, odds, market, licensed=about.licensed) if odds and market else None
    return reasons(about, worth, "low", fresh, wording(language))


def numbers(sentence: str) -> list[str]:
    """Those of a sentence, in any order, as English writes them."""
    return sorted(each.replace(",", ".") for each in NUMBER.findall(sentence))


class TestSentences:
    @given(about=cases(), language=st.sampled_from(OTHERS), fresh=st.sampled_from(get_args(Confidence)))
    def test_have_the_numbers_of_the_english_ones(
        self, about: Case, language: Language, fresh: Confidence
    ) -> None:
        english, others = told(about, "en", fresh), told(about, language, fresh)
        assert [numbers(each) for each in others] == [numbers(each) for each in english]

    @given(about=cases(), language=st.sampled_from(OTHERS))
    def test_are_none_of_them_left_in_english(self, about: Case, language: Language) -> None:
        assert {*told(about, language)} & {*told(about, "en")} == set()


class TestGerman:
    def test_reads_as_a_fan_would_say_it(self) -> None:
        assert told(case(), "de")[0] == (
            "Sieg Arsenal: 50,0\xa0%; zwischen zwei durchschnittlichen Klubs (Premier League) gibt es in 44,0\xa0% der "
            "Spiele einen Heimsieg."
        )

    def test_says_one_match_and_many(self) -> None:
        once = replace(CLUB, played=1, scored=2, conceded=0)
        about = replace(case(), home=once, contributions={"goals": (0.1, 0.0, -0.1)})
        assert "Arsenal 2:0 in 1 Spiel; Chelsea 18:11 in 10 Spielen" in told(about, "de")[1]
