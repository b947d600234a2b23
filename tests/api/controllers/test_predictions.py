from decimal import Decimal
from itertools import permutations
from typing import Any

import msgspec
import pytest

from sabiscore.api import problems
from sabiscore.api.schemas import Problem
from sabiscore.batching import MAX_BATCH_SIZE
from sabiscore.domain import InPlay, InPlayPrediction, Odds, Prediction, SideCounts
from tests.advice.agreement import assert_all_agrees, assert_in_play_agrees, probabilities
from tests.api.asking import (
    AT_HALF_TIME,
    BATCH,
    BODY,
    FIXTURE,
    IN_PLAY,
    JSON,
    PREDICT,
    Client,
    refused,
)

ODDS = {"home": 1.8, "draw": 3.7, "away": 4.6}


class Item(msgspec.Struct, forbid_unknown_fields=True):
    prediction: Prediction | None = None
    problem: Problem | None = None


class Items(msgspec.Struct, forbid_unknown_fields=True):
    predictions: list[Item]


def ask(client: Client, *fixtures: object, query: str = "") -> list[Item]:
    response = client.post(BATCH + query, json={"fixtures": fixtures})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return msgspec.json.decode(response.content, type=Items).predictions


def predict(client: Client, fixture: dict[str, Any], query: str = "") -> Prediction:
    response = client.post(PREDICT + query, json=fixture)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return msgspec.json.decode(response.content, type=Prediction)


def predict_in_play(client: Client, state: dict[str, Any], query: str = "") -> InPlayPrediction:
    response = client.post(IN_PLAY + query, json=FIXTURE | state)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return msgspec.json.decode(response.content, type=InPlayPrediction)


def model_calls(client: Client) -> int:
    lines = client.get("/metrics").text.splitlines()
    [counted] = [line for line in lines if line.startswith("model_latency_seconds_count")]
    return int(float(counted.rpartition(" ")[2]))


class TestOnePrediction:
    def test_has_three_probabilities_whose_sum_is_exactly_one(self, client: Client) -> None:
        response = client.post(PREDICT, json=FIXTURE)
        answer = msgspec.json.decode(response.content, type=dict[str, Any])
        names = ("home_win_prob", "draw_prob", "away_win_prob")
        assert list(answer)[:6] == [*names, "recommended_bet", "confidence", "reasoning"]
        assert sum(Decimal(str(answer[name])) for name in names) == 1

    def test_names_the_fixture_as_it_was_understood(self, client: Client) -> None:
        asked = {
            "home_team": "the gunners",
            "away_team": "CFC",
            "league": "epl",
            "kickoff_time": "2025-08-30T18:30:00+02:00",
        }
        assert predict(client, asked) == predict(client, FIXTURE)
        assert client.post(PREDICT, json=asked).json()["fixture"] == {
            "home_team": "Arsenal",
            "away_team": "Chelsea",
            "league": "E0",
            "league_name": "Premier League",
            "kickoff_time": "2025-08-30T16:30:00Z",
        }

    def test_takes_odds_or_none(self, client: Client) -> None:
        assert predict(client, FIXTURE | {"odds": ODDS}).value is not None
        assert predict(client, FIXTURE | {"odds": None}) == predict(client, FIXTURE)

    def test_agrees_with_itself_however_much_of_it_is_asked_for(self, client: Client) -> None:
        for query in ("", "?detail=summary", "?detail=full"):
            assert_all_agrees(predict(client, FIXTURE, query))
            assert_all_agrees(predict(client, FIXTURE | {"odds": ODDS}, query), Odds(**ODDS))

    def test_has_its_score_grid_in_full_only(self, client: Client) -> None:
        plain, summary, full = (
            predict(client, FIXTURE, query) for query in ("", "?detail=summary", "?detail=%66ull")
        )
        assert plain == summary
        assert full.score_grid is not None
        assert full.bets is not None
        assert msgspec.structs.replace(full, score_grid=None, bets=None) == summary
        assert predict(client, FIXTURE) == summary

    def test_is_the_same_for_odds_written_in_another_way(self, client: Client) -> None:
        texts = [b'{"home":2,"draw":3.40,"away":4e0}', b'{"away":4,"home":2.0,"draw":3.4}']
        one, other = (
            client.post(PREDICT, content=BODY[:-1] + b',"odds":' + text + b"}", headers=JSON)
            for text in texts
        )
        assert one.content == other.content

    def test_may_come_in_pieces(self, client: Client) -> None:
        whole = client.post(PREDICT, content=BODY, headers=JSON)
        pieces = client.post(PREDICT, content=iter([BODY[:9], b"", BODY[9:]]), headers=JSON)
        assert pieces.content == whole.content


class TestInPlay:
    def test_agrees_with_itself_however_much_of_it_is_asked_for(self, client: Client) -> None:
        summary, full = (predict_in_play(client, AT_HALF_TIME, query) for query in ("", "?detail=full"))
        assert_in_play_agrees(summary)
        assert_in_play_agrees(full)
        assert msgspec.structs.replace(full, score_grid=None, bets=None) == summary

    def test_says_how_the_match_stands_and_what_the_answer_is_worth(self, client: Client) -> None:
        found = predict_in_play(client, AT_HALF_TIME)
        assert found.in_play == InPlay(45, SideCounts(1, 0), SideCounts(0, 0))
        assert found.measured
        later = predict_in_play(client, AT_HALF_TIME | {"minute": 60, "red_cards": {"home": 1}})
        assert later.in_play.red_cards == SideCounts(1, 0)
        assert not later.measured
        assert "red cards" in later.statement

    @pytest.mark.parametrize("odds", [{}, {"odds": ODDS}])
    def test_at_kick_off_is_the_prediction_of_the_fixture(self, client: Client, odds: dict[str, Any]) -> None:
        found = predict_in_play(client, odds | {"minute": 0, "score": {"home": 0, "away": 0}})
        assert probabilities(found) == probabilities(predict(client, FIXTURE | odds))

    def test_at_the_end_is_the_score(self, client: Client) -> None:
        found = predict_in_play(client, {"minute": 93, "score": {"home": 2, "away": 2}})
        assert probabilities(found) == [0.0, 1.0, 0.0]

    def test_is_cached_by_how_the_match_stands(self, fresh: Client) -> None:
        said = [
            fresh.post(IN_PLAY, json=AT_HALF_TIME | {"minute": minute}).headers["cache-status"]
            for minute in (45, 46, 45)
        ]
        assert [status.startswith("SabiScore; hit") for status in said] == [False, False, True]
        assert "fwd=miss" in fresh.post(PREDICT, json=FIXTURE).headers["cache-status"]

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            ({"minute": -1}, "$.minute"),
            ({"minute": 121}, "$.minute"),
            ({"minute": 45.5}, "$.minute"),
            ({"minute": None}, "$.minute"),
            ({"score": {"home": 11, "away": 0}}, "$.score.home"),
            ({"score": {"home": 1}}, "$.score.away"),
            ({"red_cards": {"home": 0, "away": 5}}, "$.red_cards.away"),
            ({"score": {"home": 1, "away": 0, "draw": 0}}, "$.score.draw"),
            ({"half": 2}, "$.half"),
        ],
    )
    def test_is_refused_for_a_state_that_cannot_be(
        self, client: Client, wrong: dict[str, Any], path: str
    ) -> None:
        problem = refused(client.post(IN_PLAY, json=AT_HALF_TIME | wrong), problems.INVALID_REQUEST)
        assert [error.path for error in problem.errors] == [path]

    def test_needs_minute_and_score(self, client: Client) -> None:
        refused(client.post(IN_PLAY, json=FIXTURE), problems.INVALID_REQUEST)

    def test_has_the_problems_of_a_fixture(self, client: Client) -> None:
        refused(client.post(IN_PLAY, json=AT_HALF_TIME | {"home_team": "Arsenol"}), problems.UNKNOWN_CLUB)

    def test_is_counted_by_its_route(self, fresh: Client) -> None:
        predict_in_play(fresh, AT_HALF_TIME)
        counted = [
            line
            for line in fresh.get("/metrics").text.splitlines()
            if line.startswith("prediction_requests_total") and 'route="in_play"' in line
        ]
        assert [line.rpartition(" ")[2] for line in counted] == ["1.0"]


class TestABatch:
    def test_has_each_prediction_as_if_asked_alone_in_order(self, client: Client) -> None:
        fixtures = [
            FIXTURE,
            FIXTURE | {"home_team": "Chelsea", "away_team": "Arsenal"},
            FIXTURE | {"home_team": "Real Madrid", "away_team": "Barcelona", "league": "La Liga"},
        ]
        items = ask(client, *fixtures)
        assert [item.prediction for item in items] == [predict(client, fixture) for fixture in fixtures]

    def test_has_each_as_full_as_it_is_asked_for(self, client: Client) -> None:
        fixtures = [FIXTURE, FIXTURE | {"odds": ODDS}]
        for query in ("?detail=full", "", "?detail=summary"):
            items = ask(client, *fixtures, query=query)
            assert [item.prediction for item in items] == [
                predict(client, fixture, query) for fixture in fixtures
            ]

    def test_is_one_call_of_the_model_for_as_many_as_go_together(self, fresh: Client) -> None:
        clubs = [team["name"] for team in fresh.get("/api/v1/leagues/E0/teams").json()["teams"]]
        pairs = [{"home_team": home, "away_team": away} for home, away in permutations(clubs, 2)]
        items = ask(fresh, *[FIXTURE | pair for pair in pairs[:256]])
        assert len(items) == 256
        assert all(item.prediction for item in items)
        assert model_calls(fresh) == 256 / MAX_BATCH_SIZE

    @pytest.mark.parametrize(
        ("bad", "kind"),
        [
            (FIXTURE | {"home_team": "Arsenol"}, problems.UNKNOWN_CLUB),
            (FIXTURE | {"league": "Premier Legue"}, problems.UNKNOWN_LEAGUE),
            (FIXTURE | {"away_team": "Arsenal"}, problems.SAME_CLUB),
            (FIXTURE | {"kickoff_time": "1990-08-30T16:30:00Z"}, problems.KICKOFF_OUT_OF_RANGE),
            (FIXTURE | {"odds": {"home": 0.5, "draw": 3.4, "away": 3.6}}, problems.INVALID_ODDS),
            (FIXTURE | {"kickoff_time": "2025-08-30T16:30:00"}, problems.INVALID_REQUEST),
            (FIXTURE | {"home_team": 5}, problems.INVALID_REQUEST),
            (FIXTURE | {"referee": "Webb"}, problems.INVALID_REQUEST),
            ({}, problems.INVALID_REQUEST),
            (None, problems.INVALID_REQUEST),
            ([[[]]], problems.INVALID_REQUEST),
        ],
    )
    def test_has_the_others_when_one_cannot_be_predicted(
        self, client: Client, bad: object, kind: problems.Kind
    ) -> None:
        before, between, after = ask(client, FIXTURE, bad, FIXTURE)
        assert before == after == Item(prediction=predict(client, FIXTURE))
        assert between.prediction is None
        assert between.problem is not None
        assert between.problem.type == kind.type
        assert between.problem.status == kind.status
        assert between.problem.instance == f"{BATCH}#/fixtures/1"

    def test_has_the_others_when_the_text_of_one_is_not_utf8(self, client: Client) -> None:
        content = b'{"fixtures":[' + BODY.replace(b"Arsenal", b"Ars\xffnal") + b"," + BODY + b"]}"
        response = client.post(BATCH, content=content, headers=JSON)
        bad, good = msgspec.json.decode(response.content, type=Items).predictions
        assert bad.problem is not None
        assert bad.problem.type == problems.MALFORMED_BODY.type
        assert good.prediction == predict(client, FIXTURE)

    def test_may_be_all_problems(self, client: Client) -> None:
        items = ask(client, None, FIXTURE | {"home_team": "Arsenol"})
        assert [item.prediction for item in items] == [None, None]
        assert items[1].problem is not None
        assert items[1].problem.closest[0] == "Arsenal"
