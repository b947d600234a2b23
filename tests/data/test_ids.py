import re
from itertools import pairwise

from sabiscore.data import catalogue
from sabiscore.data.ids import fixture_id, slug
from sabiscore.domain import Club, League

CATALOGUE = catalogue.load()
LEAGUE = CATALOGUE.league("E0")
ARSENAL, BRIGHTON = CATALOGUE.club("Arsenal", LEAGUE), CATALOGUE.club("Brighton", LEAGUE)


def test_an_id_can_be_read() -> None:
    assert fixture_id(LEAGUE, 2025, ARSENAL, BRIGHTON) == (
        "premier-league-2025-26-arsenal-brighton-and-hove-albion"
    )


def test_the_second_time_that_a_club_is_host_to_another_has_its_own() -> None:
    first = fixture_id(LEAGUE, 2025, ARSENAL, BRIGHTON)
    assert fixture_id(LEAGUE, 2025, ARSENAL, BRIGHTON, meeting=2) == f"{first}-2"


def test_no_two_leagues_and_no_two_clubs_of_a_country_share_their_part() -> None:
    leagues = [slug(league.name) for league in CATALOGUE.leagues]
    assert len(set(leagues)) == len(leagues)
    for league in CATALOGUE.leagues:
        clubs = [slug(club.name) for club in CATALOGUE.clubs(league)]
        assert len(set(clubs)) == len(clubs)


def test_ids_are_safe_in_addresses_and_differ_whoever_plays() -> None:
    for league in CATALOGUE.leagues:
        ids = [fixture_id(league, 1999, *pair) for pair in _pairs(league)]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each) for each in ids)


def _pairs(league: League) -> list[tuple[Club, Club]]:
    clubs = CATALOGUE.clubs(league)
    return [*pairwise(clubs), *((b, a) for a, b in pairwise(clubs))]
