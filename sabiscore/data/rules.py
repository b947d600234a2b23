"""How a season of a league is played, and what its places are worth."""

from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

Criterion: TypeAlias = Literal["difference", "scored", "wins", "between", "between_again", "between_away"]
"""What ranks clubs that are level so far: see `sabiscore.data.ranking`."""

USUAL: tuple[Criterion, ...] = ("difference", "scored")


class Deduction(Struct, frozen=True, forbid_unknown_fields=True):
    """Points that were taken from a club, known from ``day`` on; fewer than 0 were given back."""

    season: int
    club: str
    day: date
    points: int


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of a league from the season ``since`` on (2024 for 2024/25), until others follow.

    ``clubs`` meet ``meetings`` times each before the league is split or parted into groups, if it is.
    ``matches`` is how many each club plays of those that the match files have, where that is more than the meetings
    make (with groups of unequal length: the fewest); 0 where it is not. A season that was broken off (2019/20) had
    fewer than its rules say.

    Lines are numbers of places as the season began, by the place in the table alone: winners of cups and a country's
    coefficient move some of them. From the top, each line with all places above it: ``title``, ``champions_league``
    (qualifying rounds too), ``europe``, ``promotion``, and ``promotion_play_off`` down to the last that takes part.
    From the bottom: the last ``relegation`` go down, and the ``relegation_play_off`` above them play for it.
    0 is a line that there is not.

    After the meetings the league is ``split`` below so many places, and no club passes the line any more; 0 where it is
    not.

    A match won is worth ``win`` points, one that is drawn a point.
    ``ranking`` is what clubs with as many points are ranked by, and ``ranking_source`` whose rule that is.
    """

    since: int
    clubs: int
    meetings: int = 2
    matches: int = 0
    title: int = 1
    champions_league: int = 0
    europe: int = 0
    promotion: int = 0
    promotion_play_off: int = 0
    relegation: int = 0
    relegation_play_off: int = 0
    split: int = 0
    win: int = 3
    ranking: tuple[Criterion, ...] = USUAL
    ranking_source: str = ""

    @property
    def rounds(self) -> int:
        """Matches that each club plays."""
        return self.matches or self.meetings * (self.clubs - 1)

    @property
    def often(self) -> bool:
        """Whether a club is host to another more than once."""
        return self.meetings > 2 or self.matches > 0  # noqa: PLR2004 - home and away

    @property
    def lines(self) -> tuple[int, int, int, int]:
        """Numbers of places from the top that clubs play for: title, Champions League, Europe, staying up.

        In a lower division, what is like them: going up at once, the place that just misses it, the play-offs.
        """
        if self.promotion:
            return (
                self.promotion,
                self.promotion + 1,
                max(self.promotion_play_off, self.promotion + 1),
                self.safe,
            )
        leading = max(self.champions_league, self.title + 1)
        return self.title, leading, max(self.europe, leading), self.safe

    @property
    def safe(self) -> int:
        """The last place that neither goes down nor plays for it."""
        return self.clubs - self.relegation - self.relegation_play_off
