import pytest

from sabiscore.api.lasting import MAX_AGE
from tests.api.asking import Client

LASTING = ["/api/v1/leagues", "/api/v1/leagues/E0/teams", "/api/v1/model"]


@pytest.mark.parametrize("path", LASTING)
class TestAnAnswerThatLasts:
    def test_says_for_how_long(self, client: Client, path: str) -> None:
        assert client.get(path).headers["cache-control"] == f"public, max-age={MAX_AGE}"

    @pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
    def test_is_not_sent_to_whoever_has_it(self, client: Client, path: str, known: str) -> None:
        etag = client.get(path).headers["etag"]
        response = client.get(path, headers={"if-none-match": known.format(etag)})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert "content-type" not in response.headers

    def test_is_sent_to_whoever_has_another(self, client: Client, path: str) -> None:
        response = client.get(path, headers={"if-none-match": '"other"'})
        assert response.status_code == 200
        assert response.json()

    def test_has_the_same_head_alone(self, client: Client, path: str) -> None:
        get, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "cache-control", "content-length", "content-type"):
            assert head.headers[name] == get.headers[name]


class TestOtherAnswers:
    @pytest.mark.parametrize("path", ["/health/ready", "/metrics", "/api/v1/leagues/None/teams"])
    def test_have_no_etag(self, client: Client, path: str) -> None:
        assert "etag" not in client.get(path).headers

    def test_differ_in_their_etag(self, client: Client) -> None:
        assert len({client.get(path).headers["etag"] for path in LASTING}) == len(LASTING)
