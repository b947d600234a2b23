import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.data.ranking import order, tally
from sabiscore.data.rules import USUAL, Criterion
from sabiscore.season.simulated import Simulated

CLUBS = 4
RANKINGS: list[tuple[Criterion, ...]] = [
    USUAL,
    ("wins", "scored"),
    ("between", "difference"),
    ("between_again", "difference", "scored"),
    ("between", "between_away", "difference"),
]
PAIRS = [(home, away) for home in range(CLUBS) for away in range(CLUBS) if home != away]
goals = st.tuples(st.integers(0, 2), st.integers(0, 2))
whole_seasons = st.tuples(
    st.permutations(PAIRS * 2), st.lists(st.lists(goals, min_size=24, max_size=24), min_size=2, max_size=5)
)


@given(whole_seasons, st.integers(0, 23), st.sampled_from(RANKINGS), st.sampled_from((2, 3)))
def test_a_simulated_season_is_ranked_as_if_all_of_it_had_been_played(
    drawn: tuple[list[tuple[int, int]], list[list[tuple[int, int]]]],
    played: int,
    ranking: tuple[Criterion, ...],
    win: int,
) -> None:
    """Clubs meet four times; all seasons begin like the first."""
    pairs, seasons = drawn
    home, away = np.array(pairs).T
    scores = np.array([seasons[0][:played] + season[played:] for season in seasons]).transpose(2, 1, 0)
    scores = scores.astype(np.int8)
    past = tally(CLUBS, home[:played], away[:played], scores[:, :played, :1], win)
    simulated = Simulated(past, home[played:], away[played:], scores[:, played:], win)
    whole = tally(CLUBS, home, away, scores, win)
    assert np.array_equal(simulated.played, whole.played)
    for what in ("points", "wins", "scored", "difference"):
        assert np.array_equal(simulated.total(what), whole.total(what)), what
    assert np.array_equal(order(simulated, ranking), order(whole, ranking))


def test_all_goals_of_many_matches_count() -> None:
    one, other = np.zeros(30, np.intp), np.ones(30, np.intp)
    goals = np.broadcast_to(np.array([10, 9], np.int8)[:, None, None], (2, 30, 1))
    past = tally(2, one[:0], other[:0], goals[:, :0])
    simulated = Simulated(past, one, other, goals, 3)
    assert simulated.total("scored").ravel().tolist() == [300, 270]
    assert simulated.total("difference").ravel().tolist() == [30, -30]
