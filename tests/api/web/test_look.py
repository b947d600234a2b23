from datetime import UTC, date, datetime
from pathlib import Path
from types import CodeType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from sabiscore.api.web import look
from sabiscore.api.web.look import Compiled, Look, Said
from sabiscore.languages.wording import LANGUAGES, wording

ENGLISH = Said(wording("en"))
KICKOFF = datetime(2025, 8, 3, 16, 5, tzinfo=UTC)


def compiled_by(known: Compiled) -> CodeType | None:
    """A template as it is kept, compiled if it was not."""
    bucket = known.get_bucket(look.look("en").templates, "row.html", None, "source")
    if bucket.code is None:
        bucket.code = compile("1 + 1", "row.html", "eval")
        known.set_bucket(bucket)
    return bucket.code


class TestNumbers:
    @pytest.mark.parametrize(
        ("chance", "said"),
        [
            (None, look.DASH),
            (0.0, "0%"),
            (0.004, "<1%"),
            (0.006, "1%"),
            (0.43, "43%"),
            (0.996, ">99%"),
            (1.0, "100%"),
        ],
    )
    def test_a_chance_that_is_nearly_nothing_or_nearly_sure_is_not_rounded_to_it(
        self, chance: float | None, said: str
    ) -> None:
        assert ENGLISH.share(chance) == said

    def test_a_loss_has_a_minus_and_no_hyphen(self) -> None:
        assert (ENGLISH.signed(-0.13), ENGLISH.signed(0.5)) == (f"{look.MINUS}0.13", "+0.50")
        assert (ENGLISH.gain(-0.0123), ENGLISH.gain(0.05)) == (f"{look.MINUS}1.23%", "+5.00%")

    def test_what_is_rounded_to_nothing_has_no_sign(self) -> None:
        assert {ENGLISH.signed(each) for each in (-0.004, 0.0, 0.004)} == {"0.00"}
        assert {ENGLISH.gain(each) for each in (-0.00004, 0.0, 0.00004)} == {"0.00%"}

    @given(st.integers(0, 1000))
    def test_a_probability_has_all_its_three_decimals(self, thousandths: int) -> None:
        assert wording("en").share(thousandths / 1000) == f"{thousandths // 10}.{thousandths % 10}%"


class TestDays:
    def test_are_written_out_without_a_leading_zero(self) -> None:
        assert wording("en").short_day(date(2025, 8, 3)) == "3 Aug 2025"
        assert ENGLISH.long_day(date(2025, 8, 3)) == "Sunday 3 August 2025"

    def test_an_instant_says_that_it_is_in_utc(self) -> None:
        assert ENGLISH.moment(KICKOFF) == "Sun 3 Aug 2025, 16:05 UTC"
        assert look.instant(KICKOFF) == "2025-08-03T16:05:00Z"


class TestTemplates:
    def test_compiled_once_speak_every_language(self, tmp_path: Path) -> None:
        known = Compiled(tmp_path)
        first = compiled_by(known)
        assert all(
            known.get_bucket(look.look(each).templates, "row.html", None, "source").code is first
            for each in LANGUAGES
        )

    def test_are_read_again_where_python_may_write(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.dont_write_bytecode", False)
        made = compiled_by(Compiled(tmp_path))
        assert compiled_by(Compiled(tmp_path)) == made
        assert len([*tmp_path.iterdir()]) == 1

    def test_are_compiled_at_each_start_where_it_may_not(self, tmp_path: Path) -> None:
        assert compiled_by(Compiled(tmp_path / "none"))
        assert not (tmp_path / "none").exists()

    def test_are_all_read_beforehand(self) -> None:
        look.read_all()
        for language in LANGUAGES:
            templates = look.look(language).templates
            assert templates.cache is not None
            assert len(templates.cache) == len(templates.list_templates())


class TestFiles:
    def test_every_file_has_an_address_that_changes_with_it(self) -> None:
        pages = Look("en")
        before = pages.asset("site.css")
        pages.files = dict(pages.files) | {"site.css": b"body {}"}
        assert before.startswith("/static/")
        assert pages.asset("site.css") != before

    def test_a_template_that_lacks_something_says_what(self) -> None:
        with pytest.raises(UndefinedError, match="is undefined"):
            Look("en").render("about.html")

    def test_names_of_clubs_cannot_be_markup(self) -> None:
        said = Look("en").render(
            "problem.html", title="<b>", detail="<script>", status=404, name="x", closest=[]
        )
        assert "<script>" not in said
        assert "&lt;script&gt;" in said
