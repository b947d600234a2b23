import io
from datetime import date

import msgspec
from rich.console import Console

from sabiscore.evaluation.evaluate import Closeness, Comparison, Evaluation
from sabiscore.evaluation.tables import EVALUATION_NOTE, print_evaluation
from sabiscore.scoring.scores import Scores

OURS = Scores(rps=0.1912, log_loss=0.95, brier=0.57, accuracy=0.54, ece=0.012, n=380)
MARKET = msgspec.structs.replace(OURS, rps=0.1899)
BASE = msgspec.structs.replace(OURS, rps=0.2301)
COMPARISON = Comparison(
    model=OURS,
    market=MARKET,
    market_closing=None,
    base_rates=BASE,
    closeness={"model": Closeness(expected_gap=0.00123, divergence=5.678, n=380)},
)
EVALUATION = Evaluation(
    version="abc123",
    data_through=date(2024, 5, 19),
    seen_in_training=0,
    pooled=COMPARISON,
    leagues={"E0": COMPARISON},
)


def printed(evaluation: Evaluation) -> str:
    sink = io.StringIO()
    print_evaluation(evaluation, Console(file=sink, width=160))
    return sink.getvalue()


class TestPrintEvaluation:
    def test_has_a_line_a_forecast_for_each_league_and_all_of_them(self) -> None:
        lines = printed(EVALUATION).splitlines()
        for forecast, rps in (("model", "0.1912"), ("market", "0.1899"), ("base rates", "0.2301")):
            assert sum(f" {forecast} " in line and rps in line for line in lines) == 2
        assert [line for line in lines if " E0 " in line] != []
        assert [line for line in lines if " all " in line] != []

    def test_says_how_close_to_the_closing_line_a_forecast_is(self) -> None:
        (line, _) = [line for line in printed(EVALUATION).splitlines() if " model " in line]
        assert "+0.00123" in line
        assert "5.68" in line

    def test_leaves_out_what_could_not_be_scored(self) -> None:
        assert "market closing" not in printed(EVALUATION)

    def test_says_what_the_figures_are(self) -> None:
        text = " ".join(printed(EVALUATION).split())
        assert "bundle abc123, trained through 2024-05-19" in text
        assert EVALUATION_NOTE in text

    def test_warns_of_matches_the_bundle_had_learnt_from(self) -> None:
        flattered = msgspec.structs.replace(EVALUATION, seen_in_training=190)
        assert "190 of 380 matches are no news" in printed(flattered)
        assert "no news" not in printed(EVALUATION)
