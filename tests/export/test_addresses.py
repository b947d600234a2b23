import pytest

from sabiscore.export.addresses import place_of, settled

PAGE = """<!doctype html>
<html lang="en"><head>
<meta name="viewport" content="width=device-width">
<meta name="htmx-config" content='{"allowEval":false}'>
<script src="/static/1f/htmx.min.js" defer></script>
</head><body><nav><a href="/">Fixtures</a> <a href="/predict">Predict</a></nav>
<h2>Odds</h2><section><h2>What if</h2>
<form action="/predict" method="get"><input name="odds"></form>
</section>
<p><a href="/leagues/x#top">X</a>, <a class="c" href="/fixtures/old">old</a>, <a href="https://other.example/">other</a></p>
<footer class="foot">
<div class="wrap">
</div></footer></body></html>"""


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/leagues", "leagues/index.html"),
        ("/leagues/la-liga", "leagues/la-liga/index.html"),
        ("/ratings?league=la-liga", "ratings/la-liga/index.html"),
        ("/fixtures/a-b/card.svg", "fixtures/a-b/card.svg"),
        ("/static/1f/site.css", "static/1f/site.css"),
        ("/api/v1/leagues", "api/v1/leagues.json"),
        ("/api/v1/leagues/la-liga/table", "api/v1/leagues/la-liga/table.json"),
        ("/calendars/all.ics", "calendars/all.ics"),
    ],
)
def test_an_address_has_a_file(address: str, file: str) -> None:
    assert place_of(address) == file


class TestSettled:
    page = settled(PAGE, "teams/x/index.html", {"/", "/leagues/x", "/calendars/all.ics", "/api/v1/fixtures"})

    def test_links_lead_to_files_from_where_the_page_is(self) -> None:
        assert '<nav><a href="../../index.html">Fixtures</a> </nav>' in self.page
        assert '<a href="../../leagues/x/index.html#top">X</a>' in self.page
        assert '<a href="../../calendars/all.ics">' in self.page
        assert '"/' not in self.page

    def test_links_to_what_is_not_exported_are_text_and_those_to_others_stay(self) -> None:
        assert '</a>, old, <a href="https://other.example/">other</a>' in self.page

    @pytest.mark.parametrize("gone", ["form", "htmx", "What if"])
    def test_what_wants_a_service_is_left_out(self, gone: str) -> None:
        assert gone not in self.page.replace("form-action", "")

    def test_has_the_policy_that_the_service_sends(self) -> None:
        assert "default-src 'none'" in self.page
