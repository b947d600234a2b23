import logging

import pytest
from valkey import exceptions

from sabiscore.cache import failures
from sabiscore.cache.failures import Complaints, reason


def wrapped(error: Exception) -> Exception:
    """As valkey-py wraps what happens while it connects."""
    outer = exceptions.ConnectionError(error)
    outer.__cause__ = error
    return outer


class TestAReason:
    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (TimeoutError(), "timeout"),
            (exceptions.TimeoutError("connecting"), "timeout"),
            (exceptions.AuthenticationError("WRONGPASS"), "auth"),
            (wrapped(exceptions.AuthenticationError("WRONGPASS")), "auth"),
            (exceptions.ConnectionError("refused"), "connection"),
            (ConnectionResetError(), "connection"),
            (exceptions.BusyLoadingError("LOADING"), "connection"),
            (exceptions.ResponseError("WRONGTYPE Operation against a key"), "corrupt"),
            (exceptions.OutOfMemoryError("OOM"), "refused"),
            (exceptions.ReadOnlyError("READONLY"), "refused"),
            (exceptions.ResponseError("MOVED 1 host:2"), "refused"),
            (exceptions.InvalidResponse("nonsense"), "other"),
            (ValueError(), "other"),
        ],
    )
    def test_is_one_of_a_few_words(self, error: Exception, expected: str) -> None:
        assert reason(error) == expected


class TestComplaints:
    def test_come_once_in_a_while(
        self, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        complaints = Complaints(logging.getLogger("test"), "valkey://cache")
        for _ in range(3):
            complaints.about("get", "timeout")
        monkeypatch.setattr(failures, "QUIET", 0.0)
        never_quiet = Complaints(logging.getLogger("test"), "valkey://cache")
        never_quiet.about("put", "refused")
        never_quiet.about("put", "auth")
        assert [line.getMessage() for line in caplog.records] == [
            "cache at valkey://cache: get failed (timeout); answering without it",
            "cache at valkey://cache: put failed (refused); answering without it",
            "cache at valkey://cache: put failed (auth); answering without it",
        ]
