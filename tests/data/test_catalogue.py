import itertools
import timeit
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sabiscore.data import catalogue
from sabiscore.data.catalogue import COUNTRIES, Catalogue
from sabiscore.data.seasons import season_at
from sabiscore.data.spelling import REMEMBERED, fold, normalise
from sabiscore.data.table import read_table
from sabiscore.domain import Club, League
from sabiscore.errors import UnknownClubError, UnknownLeagueError
from sabiscore.models import bundles

KNOWN = catalogue.load()
RECENT = Path(__file__).with_name("clubs_2020_to_2024.txt")
NAMED = [
    (league, club, name)
    for league in KNOWN.leagues
    for club in KNOWN.clubs(league)
    for name in (club.key, club.name, *KNOWN.aliases(club, league))
]


class TestALeague:
    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("E0", "E0"),
            ("EPL", "E0"),
            ("epl", "E0"),
            ("Premier League", "E0"),
            ("English Premier League", "E0"),
            ("La Liga", "SP1"),
            ("LaLiga", "SP1"),
            ("Primera Division", "SP1"),
            ("Serie A", "I1"),
            ("serie-a", "I1"),
            ("Bundesliga", "D1"),
            ("1. Bundesliga", "D1"),
            ("Fussball-Bundesliga", "D1"),
            ("Ligue 1", "F1"),
            (" ligue   1 ", "F1"),
            ("Championship", "E1"),
            ("EFL Championship", "E1"),
            ("Scottish Championship", "SC1"),
            ("League One", "E2"),
            ("Scottish League One", "SC2"),
            ("league two", "E3"),
            ("National League", "EC"),
            ("Premiership", "E0"),
            ("Scottish Premiership", "SC0"),
            ("2. Bundesliga", "D2"),
            ("Serie B", "I2"),
            ("LaLiga 2", "SP2"),
            ("Segunda", "SP2"),
            ("Ligue 2", "F2"),
            ("Eredivisie", "N1"),
            ("Jupiler Pro League", "B1"),
            ("Primeira Liga", "P1"),
            ("Super Lig", "T1"),
            ("Super League Greece", "G1"),
        ],
    )
    def test_answers_to_its_names(self, known: Catalogue, name: str, code: str) -> None:
        assert known.league(name).code == code

    def test_that_is_unknown_brings_all_leagues_with_the_likeliest_first(self, known: Catalogue) -> None:
        with pytest.raises(UnknownLeagueError) as error:
            known.league("Premier Leage")
        assert error.value.closest[0] == "Premier League"
        assert sorted(error.value.closest) == sorted(league.name for league in known.leagues)

    def test_has_names_of_its_own(self, known: Catalogue) -> None:
        assert all(known.league(name) == league for name, league in known.league_names.items())
        assert all(
            known.league(league.name) == known.league(league.code) == league for league in known.leagues
        )
        assert len(set(known.league_names.values())) == len(known.leagues) == 22

    def test_is_at_a_level_of_its_own_in_its_country(self, known: Catalogue) -> None:
        levels = defaultdict(list)
        for league in known.leagues:
            levels[league.country].append(league.level)
        assert all(found == list(range(1, len(found) + 1)) for found in levels.values())
        assert len(levels) == len(COUNTRIES) == 11

    @pytest.mark.parametrize("name", ["3. Liga", "Serie C", "Premier", "Liga", "Super League", ""])
    def test_is_never_guessed(self, known: Catalogue, name: str) -> None:
        with pytest.raises(UnknownLeagueError):
            known.league(name)


class TestAClub:
    @pytest.mark.parametrize(
        ("code", "name", "key"),
        [
            ("E0", "Manchester United", "Man United"),
            ("E0", "Man Utd", "Man United"),
            ("E0", "man united", "Man United"),
            ("E0", "MAN UNITED FC", "Man United"),
            ("E0", "Manchester United F.C.", "Man United"),
            ("E0", "MUN", "Man United"),
            ("E0", "Spurs", "Tottenham"),
            ("E0", "Brighton & Hove Albion", "Brighton"),
            ("E0", "Brighton and Hove Albion FC", "Brighton"),
            ("E0", "Wolverhampton Wanderers", "Wolves"),
            ("E0", "Nottingham Forest", "Nott'm Forest"),
            ("E0", "Nottm Forest", "Nott'm Forest"),
            ("E0", "Nott\N{RIGHT SINGLE QUOTATION MARK}m Forest", "Nott'm Forest"),
            ("E0", "Arsenal Football Club", "Arsenal"),
            ("E0", "Wrexham AFC", "Wrexham"),
            ("SP1", "Atlético Madrid", "Ath Madrid"),
            ("SP1", "Club Atletico de Madrid", "Ath Madrid"),
            ("SP1", "Athletic Club", "Ath Bilbao"),
            ("SP1", "Barça", "Barcelona"),
            ("SP1", "F.C. Barcelona", "Barcelona"),
            ("SP1", "Deportivo Alavés", "Alaves"),
            ("SP1", "Villareal", "Villarreal"),
            ("SP1", "Cádiz Club de Fútbol", "Cadiz"),
            ("I1", "Internazionale", "Inter"),
            ("I1", "Inter Milan", "Inter"),
            ("I1", "AC Milan", "Milan"),
            ("I1", "A.C. Milan", "Milan"),
            ("I1", "Juve", "Juventus"),
            ("I1", "Pisa", "Pisa"),
            ("D1", "Bayern München", "Bayern Munich"),
            ("D1", "BVB", "Dortmund"),
            ("D1", "Gladbach", "M'gladbach"),
            ("D1", "1. FC Köln", "FC Koln"),
            ("D1", "1.FC Koeln", "FC Koln"),
            ("D1", "St. Pauli", "St Pauli"),
            ("D1", "Preussen Münster", "Preussen Munster"),
            ("D1", "Leipzig", "RB Leipzig"),
            ("D1", "SV Elversberg", "Elversberg"),
            ("F1", "PSG", "Paris SG"),
            ("F1", "Paris Saint-Germain", "Paris SG"),
            ("F1", "PARIS FC", "Paris FC"),
            ("F1", "Saint-Étienne", "St Etienne"),
            ("F1", "Stade Brestois 29", "Brest"),
            ("E0", "Leyton Orient", "Leyton Orient"),
            ("E1", "Man Utd", "Man United"),
            ("E2", "Bradford City", "Bradford"),
            ("E2", "Sheffield Wed", "Sheffield Weds"),
            ("E3", "AFC Wimbledon", "AFC Wimbledon"),
            ("E3", "Wimbledon", "AFC Wimbledon"),
            ("E0", "Wimbledon", "Wimbledon"),
            ("E0", "AFC Wimbledon", "AFC Wimbledon"),
            ("E2", "Bristol Rovers", "Bristol Rvs"),
            ("EC", "Dagenham & Redbridge", "Dag and Red"),
            ("EC", "King's Lynn Town", "King\N{RIGHT SINGLE QUOTATION MARK}s Lynn"),
            ("SC0", "Heart of Midlothian", "Hearts"),
            ("SC1", "Inverness CT", "Inverness C"),
            ("SC1", "Airdrie", "Airdrie Utd"),
            ("D2", "Fortuna Köln", "F Koln"),
            ("D2", "FSV Frankfurt", "Frankfurt FSV"),
            ("SP1", "Atl. Madrid", "Ath Madrid"),
            ("SP2", "Real Sociedad B", "Sociedad B"),
            ("SP2", "Extremadura UD", "Extremadura UD"),
            ("SP2", "UD Logroñés", "Logrones"),
            ("SP2", "Universidad de Las Palmas", "U.Las Palmas"),
            ("SP2", "Las Palmas", "Las Palmas"),
            ("F2", "Rouen", "Rouen"),
            ("N1", "PSV", "PSV Eindhoven"),
            ("N1", "NEC", "Nijmegen"),
            ("B1", "Union SG", "St. Gilloise"),
            ("B1", "Beveren", "Waasland-Beveren"),
            ("P1", "Sporting CP", "Sp Lisbon"),
            ("P1", "Braga", "Sp Braga"),
            ("P1", "Vitória SC", "Guimaraes"),
            ("T1", "Başakşehir", "Buyuksehyr"),
            ("T1", "Besiktas", "Besiktas"),
            ("G1", "Olympiacos", "Olympiakos"),
            ("G1", "PAOK Thessaloniki", "PAOK"),
        ],
    )
    def test_answers_to_what_people_write(self, known: Catalogue, code: str, name: str, key: str) -> None:
        assert known.club(name, known.league(code)).key == key

    def test_has_names_of_its_own_in_its_leagues(self) -> None:
        owners = defaultdict(set)
        for league, club, name in NAMED:
            owners[league.code, fold(name)].add(club.key)
        assert [names for names, clubs in owners.items() if len(clubs) > 1] == []

    def test_has_a_key_of_its_own_in_all_countries(self) -> None:
        countries = defaultdict(set)
        for league, club, _ in NAMED:
            countries[club.key].add(league.country)
        assert [key for key, found in countries.items() if len(found) > 1] == []

    def test_is_known_in_all_leagues_of_its_country(self, known: Catalogue) -> None:
        for league, other in itertools.permutations(known.leagues, 2):
            if other.country == league.country:
                here = known.clubs(other)
                assert all(known.club(club.name, other) in {club, *here} for club in known.clubs(league))

    def test_has_no_name_of_less_than_two_signs(self) -> None:
        assert [name for _, _, name in NAMED if len(normalise(name)) < 2] == []

    @settings(deadline=None)
    @given(st.sampled_from(NAMED), st.sampled_from([str, str.upper, str.lower, str.title, fold]))
    def test_is_the_same_however_its_names_are_written(
        self, named: tuple[League, Club, str], written: Callable[[str], str]
    ) -> None:
        league, club, name = named
        assert KNOWN.club(written(name), league) == club

    @settings(deadline=None)
    @given(st.sampled_from(NAMED))
    def test_resolves_to_itself_by_key_and_by_name(self, named: tuple[League, Club, str]) -> None:
        league, _, name = named
        club = KNOWN.club(name, league)
        assert KNOWN.club(club.name, league) == club
        assert KNOWN.club(club.key, league) == club

    def test_is_listed_by_name(self, known: Catalogue, premier_league: League) -> None:
        names = [fold(club.name) for club in known.clubs(premier_league)]
        assert names == sorted(names)
        assert len(set(names)) == len(names)


class TestAClubOfTheLastFiveSeasons:
    """Those that played in each division in 2020/21 to 2024/25, as season files spell them."""

    PLAYED = tuple(
        (code, name)
        for code, _, names in (line.partition(": ") for line in RECENT.read_text("utf-8").splitlines())
        for name in names.split(", ")
    )

    def test_is_there_for_every_division(self, known: Catalogue) -> None:
        assert list(dict.fromkeys(code for code, _ in self.PLAYED)) == [
            league.code for league in known.leagues
        ]

    def test_is_there_through_the_last_season_that_the_shipped_bundle_knows(self, known: Catalogue) -> None:
        """Whoever trains on later seasons says in `countries/` that their clubs are there, too."""
        through = season_at(bundles.read(bundles.SHIPPED).manifest.data_through)
        assert set(known.complete.values()) == {through}

    def test_is_listed_in_its_division(self, known: Catalogue) -> None:
        for code, name in self.PLAYED:
            league = known.league(code)
            assert known.club(name, league) in known.clubs(league), name

    def test_answers_to_its_names_there(self, known: Catalogue) -> None:
        for code, name in self.PLAYED:
            league = known.league(code)
            club = known.club(name, league)
            assert known.file_key(name, code) == club.key
            names = (club.key, club.name, *known.aliases(club, league))
            assert {known.club(each, league) for each in names} == {club}, name

    def test_is_one_club_under_two_spellings_where_it_was_renamed(self, known: Catalogue) -> None:
        keys = Counter((code, known.file_key(name, code)) for code, name in self.PLAYED)
        assert [club for club, spellings in keys.items() if spellings > 1] == [("SC2", "Edinburgh City")]


class TestAnUnknownClub:
    @pytest.mark.parametrize(
        ("code", "name", "closest"),
        [
            ("E0", "Machester Untied", "Manchester United"),
            ("E0", "Liverpol", "Liverpool"),
            ("E0", "Sheffield", "Sheffield Wednesday"),
            ("SP1", "Atletico Madird", "Atlético Madrid"),
            ("D1", "Bayer Munchen", "Bayern Munich"),
        ],
    )
    def test_brings_the_names_most_like_it(
        self, known: Catalogue, code: str, name: str, closest: str
    ) -> None:
        with pytest.raises(UnknownClubError) as error:
            known.club(name, known.league(code))
        assert closest in error.value.closest
        assert len(error.value.closest) <= 4
        assert closest in str(error.value)

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("E0", "Manchester"),
            ("E0", "United"),
            ("SP1", "Real"),
            ("SP1", "Deportivo"),
            ("P1", "Vitória"),
            ("D1", "Borussia"),
            ("D1", "Eintracht"),
            ("F1", "Paris"),
            ("F1", "Olympique"),
        ],
    )
    def test_is_what_a_name_of_several_means(self, known: Catalogue, code: str, name: str) -> None:
        with pytest.raises(UnknownClubError):
            known.club(name, known.league(code))

    def test_may_play_elsewhere(self, known: Catalogue, premier_league: League) -> None:
        with pytest.raises(UnknownClubError, match=r"in Premier League \(plays in Italy\)\.$"):
            known.club("Juve", premier_league)

    @pytest.mark.parametrize(
        "name", ["", " ", "\N{SOCCER BALL}", "\x00\x1b[2J", "\ud800", "\N{COMBINING ACUTE ACCENT}" * 90]
    )
    def test_of_no_letters_has_nothing_like_it(
        self, known: Catalogue, premier_league: League, name: str
    ) -> None:
        with pytest.raises(UnknownClubError) as error:
            known.club(name, premier_league)
        assert error.value.closest == ()
        assert str(error.value).isprintable()

    @pytest.mark.parametrize(
        "sign", ["x", "\N{SOCCER BALL}", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"]
    )
    def test_of_ten_thousand_signs_is_clipped_and_cheap(
        self, known: Catalogue, premier_league: League, sign: str
    ) -> None:
        def ask() -> UnknownClubError:
            with pytest.raises(UnknownClubError) as error:
                known.club(sign * 10_000, premier_league)
            return error.value

        assert min(timeit.repeat(ask, number=1, repeat=9)) < 0.01
        assert len(str(ask())) < 400

    @settings(deadline=None)
    @given(st.text())
    def test_is_an_error_and_nothing_else(self, name: str) -> None:
        league = KNOWN.leagues[0]
        try:
            club = KNOWN.club(name, league)
        except UnknownClubError:
            return
        assert normalise(name) in {
            normalise(each) for each in (club.key, club.name, *KNOWN.aliases(club, league))
        }


class TestAKnownSpelling:
    def test_is_folded_once(self, known: Catalogue, premier_league: League) -> None:
        for name in ("Man Utd", "MANCHESTER united fc"):
            known.club(name, premier_league)
            before = fold.cache_info().misses, normalise.cache_info().misses
            assert known.club(name, premier_league).key == "Man United"
            assert (fold.cache_info().misses, normalise.cache_info().misses) == before

    def test_is_remembered_for_a_while_only(self, known: Catalogue, premier_league: League) -> None:
        for number in range(2 * REMEMBERED):
            assert known.rosters[premier_league.code].find(f"Nobody {number} United") is None
        for remembering in (fold, normalise):
            assert remembering.cache_info().currsize == REMEMBERED


class TestANameInAFile:
    @pytest.mark.parametrize(
        ("code", "spelling", "key"),
        [
            ("D1", "M'Gladbach", "M'gladbach"),
            ("D1", "Dusseldorf", "Fortuna Dusseldorf"),
            ("D1", "Leipzig", "VfB Leipzig"),
            ("D1", "RB Leipzig", "RB Leipzig"),
            ("SP1", "Villareal", "Villarreal"),
            ("SP1", "Espanyol", "Espanol"),
            ("E0", "Man United", "Man United"),
            ("E0", "Juventus", None),
            ("E1", "Man United", "Man United"),
            ("E9", "Man United", None),
            ("SP2", "U.Las Palmas", "U.Las Palmas"),
            ("D2", "Leipzig", "VfB Leipzig"),
            ("D2", "Dusseldorf", "Fortuna Dusseldorf"),
            ("P1", "Madeira", "Uniao Madeira"),
            ("G1", "Heracles", "Iraklis"),
            ("N1", "Heracles", "Heracles"),
            ("SC1", "Raith", "Raith Rvs"),
        ],
    )
    def test_is_one_identity(self, known: Catalogue, code: str, spelling: str, key: str | None) -> None:
        assert known.file_key(spelling, code) == key

    @pytest.mark.all_matches
    def test_is_known_if_any_published_file_has_it(self, known: Catalogue, published_files: Path) -> None:
        unknown = set()
        for path in published_files.glob("[0-9]*/*.csv"):
            table = read_table(path.read_bytes(), path)
            names = {*table.column("HomeTeam"), *table.column("AwayTeam")}
            unknown |= {(path.stem, name) for name in names if not known.file_key(name, path.stem)}
        assert unknown == set()

    def test_and_a_key_are_two_clubs_in_no_season(self, known: Catalogue, match_files: Path) -> None:
        for path in match_files.glob("*/*.csv"):
            names = set(read_table(path.read_bytes(), path).column("HomeTeam"))
            assert len({known.file_key(name, path.stem) for name in names}) == len(names)
