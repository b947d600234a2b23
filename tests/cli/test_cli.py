import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from sabiscore import __version__
from sabiscore.cli import main
from sabiscore.domain import InPlayPrediction, Odds, Prediction
from sabiscore.models.bundles import SHIPPED
from tests.advice.agreement import assert_all_agrees, assert_in_play_agrees

FIXTURE = ("predict", "Arsenal", "Chelsea", "--league", "EPL", "--kickoff", "2025-08-30T16:30:00Z")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """A site that holds the files of a directory; yields its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(directory))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def premier_league(match_files: Path, into: Path, *, since: int) -> Path:
    """The Premier League's files from the season that begins in ``since``."""
    for year in range(since, 2025):
        season = f"{year % 100:02}{(year + 1) % 100:02}"
        (into / season).mkdir(parents=True)
        (into / season / "E0.csv").write_bytes((match_files / season / "E0.csv").read_bytes())
    return into


class TestMain:
    def test_says_its_version(self) -> None:
        assert __version__ in run("--version").output

    @pytest.mark.parametrize("command", sorted(main.commands))
    def test_every_command_explains_itself_and_its_options(self, command: str) -> None:
        shown = run(command, "--help")
        assert shown.exit_code == 0
        for parameter in main.commands[command].params:
            assert all(option in shown.output for option in parameter.opts if option.startswith("--"))


class TestPredict:
    def test_prints_the_answer(self) -> None:
        odds = Odds(2.1, 3.4, 3.6)
        shown = run(*FIXTURE, "--odds", odds.home, odds.draw, odds.away)
        answer = msgspec.json.decode(shown.stdout, type=Prediction)
        assert answer.fixture.away_team == "Chelsea"
        assert_all_agrees(answer, odds)

    @pytest.mark.parametrize(
        ("clubs", "league"),
        [(("Spurs", "Man Utd"), "E0"), (("inter", "AC MILAN"), "I1"), (("Bayern", "BVB"), "D1")],
    )
    def test_finds_the_league_by_the_clubs(self, clubs: tuple[str, str], league: str) -> None:
        answer = msgspec.json.decode(run("predict", *clubs).stdout, type=Prediction)
        assert answer.fixture.league == league

    def test_gives_reasons_in_the_language_that_is_asked_for(self) -> None:
        answer = msgspec.json.decode(run(*FIXTURE, "--lang", "it").stdout, type=Prediction)
        assert answer.reasoning[0].startswith("Vince Arsenal: ")

    def test_prints_an_answer_without_odds_too(self) -> None:
        answer = msgspec.json.decode(run(*FIXTURE).stdout, type=Prediction)
        assert_all_agrees(answer)
        assert answer.score_grid is None

    def test_prints_the_answer_about_a_match_that_is_being_played(self) -> None:
        answer = msgspec.json.decode(run(*FIXTURE, "--in-play", 45, 0, 1).stdout, type=InPlayPrediction)
        assert (answer.in_play.minute, answer.in_play.score.away) == (45, 1)
        assert_in_play_agrees(answer)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ((*FIXTURE, "--in-play", "45", "0", "11"), "--in-play"),
            (("predict", "Arsnal", *FIXTURE[2:]), "Did you mean Arsenal?"),
            (("predict", "Arsnal", "Chelsea"), "Unknown club 'Arsnal'. Did you mean Arsenal?"),
            (("predict", "Arsenal", "Derby"), "say in which league, Premier League or Championship"),
            (("predict", "Arsenal", "Real Madrid"), "do not play in one country"),
            ((*FIXTURE[:-1], "2025-08-30T16:30:00"), "RFC 3339 with an offset, as"),
            ((*FIXTURE[:-1], "tomorrow"), "--kickoff"),
            ((*FIXTURE, "--odds", "1", "2", "3"), "The odds on a home win are 1:"),
            ((*FIXTURE, "--odds", "nan", "2", "3"), "The odds on a home win are nan"),
            ((*FIXTURE, "--odds", "2", "inf", "3"), "The odds on a draw are inf"),
            ((*FIXTURE, "--odds", "2", "4", "4"), "a margin of 0%"),
            ((*FIXTURE, "--odds", "1.5", "2", "3"), "a margin of 50%"),
            ((*FIXTURE, "--odds", "2", "4"), "--odds"),
            ((*FIXTURE, "--bundle", "nowhere"), "manifest.json"),
        ],
    )
    def test_says_in_a_line_what_is_wrong(self, arguments: tuple[str, ...], says: str) -> None:
        refused = run(*arguments)
        assert refused.exit_code != 0
        assert says in refused.stderr
        assert "Traceback" not in refused.stderr


class TestBundle:
    def test_prints_the_card_of_the_shipped_one(self) -> None:
        assert json.loads(run("bundle").stdout)["data_through"] >= "2025-05-25"

    def test_refuses_a_spoilt_one(self, tmp_path: Path) -> None:
        for path in SHIPPED.iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        (tmp_path / "trees-0.cbm").write_bytes(b"")
        refused = run("bundle", tmp_path)
        assert refused.exit_code == 1
        assert "trees-0.cbm: has 0 bytes" in refused.stderr


class TestEvaluate:
    def test_prints_json_with_the_four_forecasts(self, match_files: Path) -> None:
        shown = run(
            "evaluate", "--data", match_files, "--from", "2025-03-01", "--until", "2025-04-01", "--json"
        )
        evaluation = json.loads(shown.stdout)
        assert set(evaluation["leagues"]) >= {"E0", "SP1", "I1", "D1", "F1"}
        for scores in (evaluation["pooled"], *evaluation["leagues"].values()):
            forecasts = {"model", "market", "market_closing", "base_rates"}
            assert set(scores) == {*forecasts, "closeness"}
            for name in forecasts:
                assert set(scores[name]) == {"rps", "log_loss", "brier", "accuracy", "ece", "n"}
                assert set(scores["closeness"][name]) == {"expected_gap", "divergence", "n"}

    def test_prints_a_table_that_warns_of_matches_seen_in_training(
        self, match_files: Path, tmp_path: Path
    ) -> None:
        data = premier_league(match_files, tmp_path, since=2023)
        shown = run("evaluate", "--data", data, "--from", "2025-03-01")
        assert "market closing" in shown.stdout
        assert "no news to this bundle" in shown.stdout

    def test_writes_every_prediction_to_a_file(self, match_files: Path, tmp_path: Path) -> None:
        data, file = premier_league(match_files, tmp_path / "data", since=2023), tmp_path / "rows.csv"
        dates = ("--from", "2025-03-01", "--until", "2025-03-15")
        shown = run("evaluate", "--data", data, *dates, "--json", "--predictions", file)
        assert len(file.read_text().splitlines()) == json.loads(shown.stdout)["pooled"]["model"]["n"] + 1

    def test_refuses_predictions_in_another_format(self, match_files: Path, tmp_path: Path) -> None:
        refused = run("evaluate", "--data", match_files, "--predictions", tmp_path / "rows.xlsx")
        assert refused.exit_code == 1
        assert "rows.xlsx: give a file that ends in .csv or .parquet" in refused.stderr

    def test_takes_other_sources_and_says_what_was_left_out(self, match_files: Path, tmp_path: Path) -> None:
        data = premier_league(match_files, tmp_path / "data", since=2023)
        xg = tmp_path / "xg.csv"
        xg.write_text(
            "Date,Div,HomeTeam,AwayTeam,HxG,AxG\n"
            "16/08/2024,E0,Man United,Fulham,2.4,0.4\n16/08/2024,E0,Man United,Chelsea,1,1\n"
        )
        shown = run("evaluate", "--data", data, "--from", "2025-03-01", "--xg", xg, "--json")
        assert shown.exit_code == 0, shown.stderr
        assert "760 matches; 0 sets of impossible odds left out" in shown.stderr
        assert f"1 rows of {xg} left out" in shown.stderr

    def test_refuses_another_source_that_is_none(self, match_files: Path, tmp_path: Path) -> None:
        refused = run("evaluate", "--data", match_files, "--closing", tmp_path / "no.csv")
        assert refused.exit_code == 1
        assert "no.csv: cannot be read" in refused.stderr

    def test_without_match_files_says_how_to_get_them(self, tmp_path: Path) -> None:
        refused = run("evaluate", "--data", tmp_path)
        assert refused.exit_code == 1
        assert "sabiscore pull" in refused.stderr


class TestTrain:
    def test_with_too_little_data_says_so(self, tmp_path: Path, match_files: Path) -> None:
        refused = run("train", "--data", match_files, "--out", tmp_path / "b", "--until", "2008-07-01")
        assert refused.exit_code == 1
        assert "training needs" in refused.stderr
        assert not (tmp_path / "b").exists()

    def test_with_tuning_searches_first_then_makes_a_bundle_that_predicts(
        self, tmp_path: Path, match_files: Path
    ) -> None:
        out, data = tmp_path / "b", premier_league(match_files, tmp_path / "data", since=2015)
        trained = run("train", "--data", data, "--out", out, "--tune", "--trials", 1)
        assert trained.exit_code == 0, trained.stderr
        tuning, made = trained.stdout.splitlines()
        assert tuning.startswith("tuning: squared error to the closing line 0.")
        assert tuning.endswith("not adopted")
        assert (tmp_path / "b.tuning").is_file()
        answer = msgspec.json.decode(run(*FIXTURE, "--bundle", out).stdout, type=Prediction)
        assert made.startswith(f"{out}: bundle {answer.model.version}")
        assert_all_agrees(answer)


class TestPull:
    def test_brings_files_and_then_leaves_them_unchanged(self, tmp_path: Path, match_files: Path) -> None:
        with served(match_files) as url:
            first = run("pull", "--into", tmp_path, "--league", "EPL", "--from", "2324", "--base-url", url)
            again = run("pull", "--into", tmp_path, "--league", "EPL", "--from", "2324", "--base-url", url)
        assert "2 saved" in first.stdout
        assert "2 unchanged" in again.stdout
        assert (tmp_path / "2425" / "E0.csv").read_bytes() == (match_files / "2425" / "E0.csv").read_bytes()

    def test_names_each_file_it_refuses(self, tmp_path: Path, match_files: Path) -> None:
        site = premier_league(match_files, tmp_path / "site", since=2023)
        (site / "2425" / "E0.csv").write_text("<html>Sorry</html>")
        with served(site) as url:
            shown = run(
                "pull", "--into", tmp_path / "in", "--league", "E0", "--from", "2324", "--base-url", url
            )
        assert shown.exit_code == 1
        assert "refused 2425/E0.csv" in shown.stderr
        assert "1 refused, 1 saved" in shown.stdout
