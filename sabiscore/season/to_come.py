"""The matches that a season has left: ordered pairs of its clubs that have not been played."""

import numpy as np

from sabiscore.languages.wording import gettext_noop
from sabiscore.season.standings import Index, Results, is_parted

PARTED = gettext_noop("Groups follow the meetings, which are not in this table and are not projected.")
SPLIT = gettext_noop(
    "The league is split late in the season, and who is host to whom is drawn: it is not projected."
)
FEW = gettext_noop("Not all clubs of the season are known yet.")
BROKEN = gettext_noop("Some clubs have met more often than the rules of the season say: it is not projected.")
OVER = gettext_noop("The season is over.")


def unclear(played: Results) -> str | None:
    """Why nobody can say which matches are left, if so."""
    rules = played.rules
    if is_parted(rules):
        return PARTED
    if rules.split or rules.meetings % 2:
        return SPLIT
    if len(played.clubs) != rules.clubs:
        return FEW
    return BROKEN if (_left(played) < 0).any() else None


def to_come(played: Results) -> tuple[Index, Index]:
    """Home and away clubs ``[m]`` of the matches left, by number; of a season that is not `unclear`."""
    home, away = np.nonzero(_left(played) > 0)
    times = _left(played)[home, away]
    return np.repeat(home, times), np.repeat(away, times)


def _left(played: Results) -> Index:
    """How often each club ``[c, c]`` is still host to each other."""
    count = len(played.clubs)
    left = np.full((count, count), played.rules.meetings // 2)
    np.fill_diagonal(left, 0)
    np.subtract.at(left, (played.home, played.away), 1)
    return left
