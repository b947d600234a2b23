import gzip
import re
import struct
from html import unescape

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

from sabiscore.api.app import create_app
from sabiscore.api.lifespan import LoadService, Resources
from sabiscore.api.loaded import Loaded
from sabiscore.api.web import pages, picture
from sabiscore.api.web.look import DASH, STATIC, Said, look
from sabiscore.cache.factory import open_cache
from sabiscore.cache.protocol import Cache
from sabiscore.data.catalogue import Catalogue
from sabiscore.languages.wording import wording
from sabiscore.making import ModelHook
from sabiscore.settings import Settings
from tests.api.asking import PREDICT, Client
from tests.api.coming import coming_fixtures

MATCH = "/fixtures/premier-league-2025-26-arsenal-chelsea"
ASK = "/predict?league=premier-league&home_team=Arsenal&away_team=Chelsea&day=2025-08-30"
PLAYED = "/fixtures/premier-league-2024-25-arsenal-chelsea"
SEASONS = ("/leagues", "/leagues/premier-league", "/ratings", "/ratings?league=bundesliga", "/teams/arsenal")
PAGES = ("/", "/?league=premier-league", MATCH, PLAYED, "/predict", ASK, *SEASONS, "/record", "/about")
PROBABILITY = {"home": "home_win_prob", "draw": "draw_prob", "away": "away_win_prob"}
FIGURES = re.compile(r"\d+\.\d%")


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return unescape(response.text)


class TestEveryPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_allows_nothing_inline_and_asks_no_other_host(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert response.status_code == 200
        assert "unsafe" not in response.headers["content-security-policy"]
        assert " style=" not in response.text
        assert "<script>" not in response.text
        loaded = re.findall(r'(?:src|href)="([^"]+)"[^>]*(?:defer|rel=|width)', response.text)
        assert all(address.startswith("/") for address in loaded)

    @pytest.mark.parametrize("path", PAGES)
    def test_is_the_same_again_and_then_not_sent_again(self, client: Client, path: str) -> None:
        first = client.get(path)
        again = client.get(path)
        assert again.content == first.content
        known = client.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")

    @pytest.mark.parametrize("path", PAGES)
    def test_is_the_same_packed(self, client: Client, path: str) -> None:
        plain = client.get(path, headers={"accept-encoding": "identity"})
        packed = client.get(path, headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.headers["etag"] != plain.headers["etag"]
        assert packed.content == plain.content
        assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding, accept-language, Origin"

    @pytest.mark.parametrize("path", [*PAGES, MATCH.replace("fixtures", "embed"), f"{MATCH}/card.svg"])
    def test_refuses_what_it_does_not_know(self, client: Client, path: str) -> None:
        shown = page(client, f"{path}{'&' if '?' in path else '?'}x=1", 400)
        assert "The address asks for something that this page does not have." in shown

    @pytest.mark.parametrize("path", PAGES)
    def test_is_the_same_behind_a_link_that_counts_who_follows_it(self, client: Client, path: str) -> None:
        counting = f"{path}{'&' if '?' in path else '?'}utm_source=paper&fbclid=IwAR0-a_b"
        assert page(client, counting) == page(client, path)

    def test_is_small_with_all_that_it_loads(self, client: Client) -> None:
        for path in PAGES:
            said = client.get(path)
            files = set(re.findall(r"/static/\w+/[\w.]+", said.text))
            sizes = [len(gzip.compress(client.get(each).content)) for each in files]
            assert len(gzip.compress(said.content)) + sum(sizes) < 60_000


class TestFixtures:
    def test_have_the_figures_of_the_answers(self, client: Client) -> None:
        said = client.get("/api/v1/fixtures").json()["fixtures"]
        shown = page(client, "/")
        for one in said:
            assert f"{one['home']['name']} \N{EN DASH} {one['away']['name']}" in shown
            assert f"{one['prediction']['home_win_prob']:.1%}" in shown

    def test_are_of_one_league_if_that_is_asked_for(self, client: Client) -> None:
        shown = page(client, "/?league=premier-league")
        assert "England: Premier League</h3>" in shown
        assert "La Liga</h3>" not in shown

    def test_of_days_without_any_say_so(self, client: Client) -> None:
        assert "No fixture is listed for these days." in page(client, "/?from=2027-01-01")

    def test_of_days_that_are_past_are_results_beside_what_the_matches_pages_say(
        self, client: Client
    ) -> None:
        asked = "league=premier-league&from=2025-05-20"
        said = client.get(f"/api/v1/fixtures?{asked}&to=2025-05-26&status=played").json()["fixtures"]
        shown = page(client, f"/?{asked}")
        assert len(said) > 1
        assert shown.count('class="fixture"') == shown.count('class="came"') == len(said)
        for one in said:
            match = client.get(f"/api/v1/fixtures/{one['id']}").json()["prediction"]
            row = shown.partition(f'/fixtures/{one["id"]}"')[2].partition("</li>")[0]
            assert f"{one['score']['home']} \N{EN DASH} {one['score']['away']}" in row
            assert f'class="came">{match[PROBABILITY[one["outcome"]]]:.1%}' in row

    def test_of_the_first_day_have_no_forecast(self, client: Client) -> None:
        first = client.get("/api/v1/fixtures?league=premier-league&status=all&from=1990-01-01&limit=1").json()
        shown = page(client, f"/?league=premier-league&from={first['fixtures'][0]['date']}")
        assert "Nothing was known before this match." in shown
        assert FIGURES.search(shown)

    def test_lead_to_the_weeks_before_and_after(self, client: Client) -> None:
        shown = page(client, "/?from=2025-05-01&league=premier-league")
        assert 'href="/?from=2025-04-24&league=premier-league"' in shown
        assert 'href="/?from=2025-05-08&league=premier-league"' in shown
        assert "Later matches" not in page(client, "/?from=2027-01-01")

    def test_where_none_come_are_the_last_results(self, load_service: LoadService) -> None:
        def load(settings: Settings, *, cache: Cache, hook: ModelHook) -> Loaded:
            return replace(load_service(settings, cache=cache, hook=hook), answered=None)

        with TestClient(create_app(Resources(Settings(), load, open_cache))) as client:
            shown = page(client, "/")
        assert "The last matches known" in shown
        assert "This service has no list of coming fixtures yet" in shown
        assert shown.count('class="fixture"') == shown.count('class="came"') > 10

    def test_of_a_league_that_nobody_knows_are_a_problem_on_a_page(self, client: Client) -> None:
        assert "Unknown league" in page(client, "/?league=nowhere", 404)

    def test_of_a_day_that_is_none_are_a_problem_on_a_page(self, client: Client) -> None:
        assert "'tomorrow' is no day such as 2025-08-30." in page(client, "/?from=tomorrow", 400)


class TestMatch:
    def test_of_each_fixture_has_a_page_a_card_and_a_frame(
        self, client: Client, catalogue: Catalogue
    ) -> None:
        for one in coming_fixtures(catalogue):
            assert page(client, f"/fixtures/{one.id}")
            assert client.get(f"/fixtures/{one.id}/card.svg").headers["content-type"] == "image/svg+xml"
            framed = client.get(f"/embed/{one.id}")
            assert "frame-ancestors *" in framed.headers["content-security-policy"]
            assert len(framed.content) < 20_000

    def test_has_a_card_that_every_network_shows_in_its_own_letters(self, client: Client) -> None:
        drawn = client.get(f"{MATCH}/card.png")
        assert drawn.headers["content-type"] == "image/png"
        assert drawn.content[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", drawn.content[16:24]) == (1200, 630)
        assert "content-encoding" not in drawn.headers
        said = client.get(f"{MATCH}/card.svg").text
        assert picture.png(said) == drawn.content
        assert picture.png(re.sub("<text.*?</text>", "", said)) != drawn.content

    def test_has_one_picture_whatever_else_is_asked_for(self, client: Client) -> None:
        assert client.get(f"{MATCH}/card.png?again=1").status_code == 400

    def test_without_what_draws_has_its_card_as_svg_alone(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pages, "is_there", lambda: False)
        assert "There is no such file." in page(client, f"{PLAYED}/card.png", 404)

    def test_says_the_reasons_of_the_answer(self, client: Client) -> None:
        said = client.get(f"/api/v1{MATCH}").json()["prediction"]
        shown = page(client, MATCH)
        assert all(sentence in shown for sentence in said["reasoning"])

    def test_with_odds_says_what_they_are_worth(self, client: Client) -> None:
        shown = page(client, f"{MATCH}?odds_home=1.8&odds_draw=3,7&odds_away=4.6")
        assert "The market beside the model" in shown

    def test_with_two_odds_asks_for_the_third(self, client: Client) -> None:
        shown = page(client, f"{MATCH}?odds_home=1.8&odds_draw=3.7")
        assert "Odds are given on all three outcomes or on none." in shown
        assert FIGURES.search(shown)

    @pytest.mark.parametrize("odds", ["many", "0.5", "nan", "1e999"])
    def test_with_odds_that_are_none_says_so(self, client: Client, odds: str) -> None:
        shown = page(client, f"{MATCH}?odds_home={odds}&odds_draw=3.7&odds_away=4.6")
        assert 'role="alert"' in shown

    def test_with_numbers_that_cannot_be_names_them_as_people_do(self, client: Client) -> None:
        shown = page(client, f"{MATCH}?odds_home=1.8&odds_draw=0.5&odds_away=4.6")
        assert "The odds on a draw are 0.5: decimal odds are above 1 and at most 1000." in shown
        shown = page(client, f"{MATCH}?adjust_away=-2.5")
        assert "The goals of the away side are adjusted by -2.5: at most 2, up or down" in shown

    def test_with_goals_adjusted_is_another(self, client: Client) -> None:
        assert page(client, f"{MATCH}?adjust_home=-0.5&adjust_away=0") != page(client, MATCH)

    def test_that_is_on_no_list_is_not_there(self, client: Client) -> None:
        for path in ("/fixtures/none", "/fixtures/none/card.svg", "/embed/none"):
            assert "There is no such fixture." in page(client, path, 404)


class TestPlayed:
    def test_has_its_score_and_what_is_said_of_it(self, client: Client) -> None:
        said = client.get(f"/api/v1{PLAYED}").json()["score"]
        shown = page(client, PLAYED)
        assert f"{said['home']} \N{EN DASH} {said['away']}" in shown
        assert "nothing was sealed before this match" in shown

    def test_has_both_clubs_before_it(self, client: Client) -> None:
        shown = page(client, PLAYED)
        assert "The last of Arsenal, newest first" in shown
        assert "Against each other" in shown
        assert shown.count("<polyline") == 2


class TestSeasons:
    def test_a_table_has_the_rows_of_the_api(self, client: Client) -> None:
        said = client.get("/api/v1/leagues/premier-league/table").json()
        shown = page(client, "/leagues/premier-league")
        assert len(said["rows"]) == 20
        for row in said["rows"]:
            assert f'<a href="/teams/{row["team"]["id"]}">{row["team"]["name"]}</a>' in shown
            assert f"<strong>{row['points']}</strong>" in shown

    def test_ratings_have_the_strengths_of_the_api(self, client: Client) -> None:
        shown = page(client, "/ratings?league=bundesliga")
        for one in client.get("/api/v1/leagues/bundesliga/ratings").json()["teams"]:
            assert Said(wording("en")).signed(one["strength"]) in shown

    def test_every_club_of_a_table_has_a_page(self, client: Client) -> None:
        for row in client.get("/api/v1/leagues/la-liga/table").json()["rows"]:
            shown = page(client, f"/teams/{row['team']['id']}")
            assert f"<h1>{row['team']['name']}</h1>" in shown
            assert "<polyline" in shown

    @pytest.mark.parametrize("path", ["/leagues/nowhere", "/teams/nobody", "/ratings?league=nowhere"])
    def test_what_nobody_knows_is_a_problem_on_a_page(self, client: Client, path: str) -> None:
        assert "Unknown" in page(client, path, 404)

    def test_a_club_is_drawn_since_its_first_match(self, client: Client) -> None:
        shown = page(client, "/teams/arsenal")
        assert "<h2>Since 1993</h2>" in shown
        assert shown.count("<polyline") == 2


class TestRecord:
    def test_says_what_the_model_is_and_how_it_did_on_seasons_it_had_not_seen(self, client: Client) -> None:
        card = client.get("/api/v1/model").json()
        shown = page(client, "/record")
        assert "the live record begins" in shown
        assert f"{card['training']['matches']:,} matches" in shown
        assert all(
            f"{level['hit_rate']:.1%}" in shown for level in card["calibration"]["confidence"].values()
        )
        assert all(
            f"{of['model']['rps']:.4f}" in shown for year, of in card["scores"].items() if year.isdigit()
        )


class TestPredict:
    def test_answers_as_the_api_does(self, client: Client) -> None:
        asked = {
            "home_team": "Arsenal",
            "away_team": "Chelsea",
            "league": "E0",
            "kickoff_time": "2025-08-30T15:00:00Z",
        }
        said = client.post(PREDICT, json=asked).json()
        shown = page(client, ASK)
        assert all(f"{said[name]:.1%}" in shown for name in ("home_win_prob", "draw_prob", "away_win_prob"))

    def test_asks_what_was_meant_by_a_name_that_nobody_has(self, client: Client) -> None:
        shown = page(client, ASK.replace("Chelsea", "Chelsee"))
        assert "Unknown club 'Chelsee'" in shown
        assert ASK.partition("?")[2] in shown

    def test_of_a_club_against_itself_says_that_it_cannot(self, client: Client) -> None:
        assert "Arsenal cannot play against itself." in page(client, ASK.replace("Chelsea", "Arsenal"))

    def test_shows_what_was_typed_as_text(self, client: Client) -> None:
        response = client.get(ASK.replace("Chelsea", "%3Cscript%3E"))
        assert "<script>" not in response.text


class TestStatic:
    @pytest.mark.parametrize("name", STATIC)
    def test_files_may_be_kept_for_ever(self, client: Client, name: str) -> None:
        response = client.get(look("en").asset(name))
        assert response.headers["content-type"] == STATIC[name]
        assert "immutable" in response.headers["cache-control"]
        assert response.content == look("en").files[name]

    @pytest.mark.parametrize("path", ["/static/0/site.css", "/static/0/none", "/static/../pages.py"])
    def test_nothing_else_is_there(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 404


class TestWhatIsNotThere:
    def test_is_told_to_a_browser_on_a_page_in_its_language(self, client: Client) -> None:
        headers = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "fr"}
        response = client.get("/nowhere", headers=headers)
        assert (response.status_code, response.headers["content-language"]) == (404, "fr")
        assert "Cette page n’existe pas." in response.text  # noqa: RUF001
        assert client.get("/api/v1/nowhere", headers=headers).json()["type"] == "/problems/not-found"

    def test_is_told_to_others_as_a_problem(self, client: Client) -> None:
        assert client.get("/nowhere").json()["detail"].startswith("There is no such route")


class TestSharing:
    """Previews want whole addresses, which only the settings know: what a request calls itself may be anything."""

    def test_a_match_has_its_picture_where_readers_find_the_pages(self, load_service: LoadService) -> None:
        settings = Settings(public_url="https://example.org")
        with TestClient(create_app(Resources(settings, load_service, open_cache))) as client:
            told = client.get(MATCH, headers={"host": "evil.test"}).text
        assert f'<meta property="og:url" content="https://example.org{MATCH}">' in told
        assert f'<meta property="og:image" content="https://example.org{MATCH}/card.png">' in told
        assert "evil.test" not in told

    def test_without_that_a_title_and_a_description(self, client: Client) -> None:
        told = page(client, MATCH)
        assert f'<meta property="og:title" content="Arsenal {DASH} Chelsea">' in told
        assert f'property="og:description" content="Arsenal {DASH} Chelsea, Premier League: ' in told
        assert "og:image" not in told
        assert "og:url" not in told
