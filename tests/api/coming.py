"""The fixtures to come that tests of the API are served: two weeks from `TODAY` on, of three leagues."""

from datetime import UTC, datetime, timedelta

from sabiscore.data.catalogue import Catalogue
from sabiscore.data.ids import fixture_id
from sabiscore.domain import ListedFixture, Odds

FIRST = datetime(2025, 8, 1, 19, 0, tzinfo=UTC)
SEASON = 2025
ODDS = Odds(2.1, 3.4, 3.6)
PAIRS = {
    "E0": (
        ("Arsenal", "Chelsea"),
        ("Liverpool", "Everton"),
        ("Man United", "Man City"),
        ("Tottenham", "Brighton"),
    ),
    "SP1": (("Barcelona", "Real Madrid"), ("Sevilla", "Betis"), ("Valencia", "Villarreal")),
    "D1": (("Bayern Munich", "Dortmund"), ("Mainz", "Freiburg"), ("Leverkusen", "Stuttgart")),
}


def coming_fixtures(catalogue: Catalogue) -> list[ListedFixture]:
    """Ten of them, by kick-off; every other one has odds."""
    pairs = [(code, *pair) for code, each in PAIRS.items() for pair in each]
    found = []
    for number, (code, home, away) in enumerate(pairs):
        league = catalogue.league(code)
        host, guest = (catalogue.club(name, league) for name in (home, away))
        found.append(
            ListedFixture(
                id=fixture_id(league, SEASON, host, guest),
                league=code,
                season=SEASON,
                home=host.key,
                away=guest.key,
                kickoff=FIRST + timedelta(hours=27 * number),
                odds=ODDS if number % 2 else None,
            )
        )
    return sorted(found, key=lambda one: (one.kickoff, one.id))
