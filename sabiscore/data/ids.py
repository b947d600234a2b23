"""Names of fixtures that stay the same for ever, also when the date moves."""

from sabiscore.data.seasons import name_of
from sabiscore.data.spelling import fold
from sabiscore.domain import Club, League


def slug(name: str) -> str:
    """A name as it stands in an address: "brighton-and-hove-albion"."""
    return fold(name).replace(" ", "-")


def fixture_id(league: League, season: int, home: Club, away: Club, meeting: int = 1) -> str:
    """What a fixture is called in addresses: "premier-league-2025-26-arsenal-chelsea".

    ``season`` is the year it starts in. Where a club is host to another more than once in a season, the second
    ``meeting``, by date, ends in "-2".
    """
    parts = [slug(league.name), name_of(season).replace("/", "-"), slug(home.name), slug(away.name)]
    if meeting > 1:
        parts.append(str(meeting))
    return "-".join(parts)
