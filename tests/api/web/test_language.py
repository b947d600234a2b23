import re
from collections import Counter
from html import unescape

import pytest

from sabiscore.api.problems import ProblemError
from sabiscore.api.web.language import AUTONYMS, choice, keeping, preferred
from sabiscore.domain import Language
from sabiscore.languages.wording import LANGUAGES, NUMERALS, wording
from tests.api.asking import Client
from tests.docs.catalogues import OTHERS, found

MATCH = "/fixtures/premier-league-2025-26-arsenal-chelsea"
PAGES = (
    "/",
    "/?from=2024-01-01",
    f"{MATCH}?odds_home=1.8&odds_draw=3.7&odds_away=4.6",
    "/fixtures/premier-league-2024-25-arsenal-chelsea",
    "/predict",
    "/leagues",
    "/leagues/premier-league",
    "/ratings",
    "/teams/arsenal",
    "/record",
    "/about",
    MATCH.replace("fixtures", "embed"),
    f"{MATCH}/card.svg",
)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
SENTENCES = [
    each.id for each in found() if isinstance(each.id, str) and " " in each.id and "{" not in each.id
]


def asked(client: Client, path: str, language: Language) -> str:
    """A page in the language that a browser wants."""
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert response.headers["content-language"] == language
    return response.text


def told(page: str) -> str:
    """What a reader sees of a page, but for the names of languages."""
    text = re.sub(r"<(script|style|title|option|nav|footer)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return unescape(text)


def numbers(page: str, language: Language) -> Counter[str]:
    """Those of a page, as English writes them."""
    numerals = NUMERALS[language]
    text = re.sub(rf"(?<=\d){re.escape(numerals.thousands)}(?=\d{{3}}\b)", "", told(page))
    return Counter(NUMBER.findall(re.sub(rf"(?<=\d){re.escape(numerals.decimal)}(?=\d)", ".", text)))


class TestPages:
    @pytest.mark.parametrize("language", OTHERS)
    @pytest.mark.parametrize("path", PAGES)
    def test_have_the_numbers_of_the_english_ones_and_none_of_their_sentences(
        self, client: Client, path: str, language: Language
    ) -> None:
        english, page = (asked(client, path, each) for each in ("en", language))
        assert numbers(page, language) == numbers(english, "en")
        words = wording(language)
        left = [each for each in SENTENCES if each in told(page) and words.translated(each) != each]
        assert left == []

    def test_say_in_which_language_they_are_and_where_the_others_are(self, client: Client) -> None:
        for path, language in zip(PAGES[:5], LANGUAGES, strict=True):
            page = asked(client, path, language)
            assert f'<html lang="{language}">' in page
            for code, name in AUTONYMS.items():
                assert f'hreflang="{code}"' in page
                assert f">{name}</a>" in page

    def test_in_a_language_that_the_address_chose_lead_to_others_in_it(self, client: Client) -> None:
        page = client.get("/predict?lang=de").text
        assert 'href="/leagues?lang=de"' in page
        assert '<input type="hidden" name="lang" value="de">' in page
        assert "/static/" in page
        assert "site.css?lang" not in page
        assert 'href="/leagues"' in client.get("/predict", headers={"accept-language": "de"}).text

    def test_vary_by_what_the_browser_wants_only_where_the_address_does_not_say(self, client: Client) -> None:
        assert "accept-language" in client.get("/about").headers["vary"]
        chosen = client.get("/about?lang=it", headers={"accept-language": "de"})
        assert "accept-language" not in chosen.headers["vary"]
        assert chosen.headers["content-language"] == "it"

    def test_of_what_is_not_there_are_in_that_language_too(self, client: Client) -> None:
        response = client.get("/fixtures/none?lang=es")
        assert response.status_code == 404
        assert response.headers["content-language"] == "es"
        assert "No existe este partido." in response.text

    def test_say_what_is_wrong_with_a_fixture_too(self, client: Client) -> None:
        typed = "/predict?league=premier-league&home_team=Arsenal&lang=de&away_team="
        assert "Unbekannter Klub: Chelsee" in client.get(f"{typed}Chelsee").text
        assert "Arsenal kann nicht gegen sich selbst spielen." in client.get(f"{typed}Arsenal").text
        margin = client.get(f"{MATCH}?odds_home=1.2&odds_draw=2.5&odds_away=3.5&lang=de").text
        assert "eine Marge von 51,9\xa0%" in margin
        none = client.get(f"{MATCH}?odds_home=0.5&odds_draw=3.7&odds_away=2.5&lang=de").text
        assert "Die Quote auf Heimsieg ist 0,5: Dezimalquoten" in none
        far = client.get(
            "/predict?league=premier-league&home_team=Arsenal&away_team=Chelsea&day=1990-01-01&lang=fr"
        )
        assert "Le match du 1er janv. 1990" in far.text

    def test_of_a_name_that_nobody_has_lead_to_those_that_may_be_meant(self, client: Client) -> None:
        page = client.get("/teams/arsenall?lang=it").text
        assert "Squadra sconosciuta: arsenall" in page
        assert '<a href="/teams/arsenal?lang=it">Arsenal</a>' in page
        assert '<a href="/leagues/bundesliga">Bundesliga</a>' in client.get("/leagues/bundeslig").text

    @pytest.mark.parametrize("language", OTHERS)
    def test_that_are_refused_are_so_in_no_english(self, client: Client, language: Language) -> None:
        for path in (
            "/?day=1",
            "/?from=a&from=b",
            "/predict?x=%ff",
            "/?from=monday",
            "/about?lang=xx",
            "/teams/none",
        ):
            english, other = (
                client.get(path, headers={"accept-language": each}) for each in ("en", language)
            )
            assert english.status_code == other.status_code >= 400
            told_in_each = [re.findall(r'role="alert"><p>(.*?)</p>', each.text) for each in (english, other)]
            assert all(told_in_each)
            assert told_in_each[0] != told_in_each[1], path

    @pytest.mark.parametrize("query", ["lang=xx", "lang=de&lang=fr", "lang="])
    def test_in_a_language_that_there_is_not_are_refused(self, client: Client, query: str) -> None:
        response = client.get(f"/about?{query}", headers={"accept-language": "de"})
        assert response.status_code == 400
        assert '<html lang="de">' in response.text


class TestChoice:
    @pytest.mark.parametrize(
        ("accepted", "language"),
        [
            ("", "en"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("pt-BR, es;q=0.5, en;q=0.4", "es"),
            ("en;q=0.2, FR-ch ; q=0.7", "fr"),
            ("it;q=0, en", "en"),
            ("nl, *;q=0.5", "en"),
            ("de;q=much", "en"),
            (",;,q=;", "en"),
        ],
    )
    def test_is_what_a_browser_wants_most_of_what_there_is(self, accepted: str, language: Language) -> None:
        assert preferred(accepted) == language

    def test_is_the_address_before_the_browser(self) -> None:
        found = choice("league=serie-a&lang=it&from=2025-01-01", "de")
        assert (found.language, found.chosen, found.query) == ("it", True, "league=serie-a&from=2025-01-01")

    def test_is_one(self) -> None:
        with pytest.raises(ProblemError, match="one lang"):
            choice("lang=it&lang=it", "")


class TestKeeping:
    def test_leaves_other_sites_files_and_chosen_languages_alone(self) -> None:
        page = (
            '<link href="/static/1/site.css"><a href="https://example.org/">x</a><a href="/?lang=en">y</a>'
            '<a href="/api/v1/model">z</a>'
        )
        assert keeping(page, "de") == page

    def test_keeps_queries_and_fragments(self) -> None:
        assert keeping('<a class="x" href="/predict?a=b#c">', "fr") == (
            '<a class="x" href="/predict?a=b&amp;lang=fr#c">'
        )
