import logging
import re

import msgspec
import pytest

from sabiscore import settings
from sabiscore.errors import SettingsError
from sabiscore.settings import Settings


class TestLoad:
    def test_an_empty_environment_gives_the_defaults(self) -> None:
        assert settings.load({"HOME": "/"}) == Settings()

    def test_reads_each_variable_into_its_field(self) -> None:
        found = settings.load({"SABISCORE_CACHE_TTL": "60", "SABISCORE_CACHE_TIMEOUT": "0.02"})
        assert (found.cache_ttl, found.cache_timeout) == (60, 0.02)

    @pytest.mark.parametrize(
        ("value", "is_on"), [("0", False), ("false", False), ("1", True), ("true", True)]
    )
    def test_reads_a_switch(self, value: str, *, is_on: bool) -> None:
        assert settings.load({"SABISCORE_FRONT": value}).front is is_on

    def test_nothing_may_be_served_stale_and_nothing_kept_in_memory(self) -> None:
        found = settings.load({"SABISCORE_CACHE_STALE": "0", "SABISCORE_CACHE_ENTRIES": "0"})
        assert (found.cache_stale, found.cache_entries) == (0, 0)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("CACHE_TTL", "soon"),
            ("CACHE_TTL", "0"),
            ("CACHE_STALE", "-1"),
            ("CACHE_STALE", "604801"),
            ("CACHE_ENTRIES", "-1"),
            ("CACHE_BYTES", "16M"),
            ("FRONT", "perhaps"),
            ("CACHE_TIMEOUT", "-1"),
            ("CACHE_TIMEOUT", "nan"),
        ],
    )
    def test_refuses_a_bad_value_by_the_name_of_its_variable(self, name: str, value: str) -> None:
        with pytest.raises(SettingsError, match=rf"^SABISCORE_{name}: Expected [^$]*$"):
            settings.load({f"SABISCORE_{name}": value})

    @pytest.mark.parametrize(
        ("name", "value", "takes"),
        [
            ("LOG_LEVEL", "loud", "debug, error, info, warning"),
            ("UPDATE_EVERY", "5", "as 6h, 30m or 1d"),
            ("PUBLIC_URL", "example.org", "as https://example.org"),
            ("MATCHES_URL", "file:///mmz4281", "as https://host/mmz4281"),
            ("FRONTEND_ORIGIN", "https://a.example, b.example", "as https://example.org"),
            ("ALLOWED_HOSTS", "https://example.org", "without scheme and port"),
            ("ALLOWED_HOSTS", "example.org:8000", "without scheme and port"),
            ("ALLOWED_HOSTS", "*", "without scheme and port"),
        ],
    )
    def test_says_what_a_setting_takes_that_has_a_form_of_its_own(
        self, name: str, value: str, takes: str
    ) -> None:
        with pytest.raises(SettingsError, match=rf"^SABISCORE_{name}: .*{re.escape(takes)}\)$"):
            settings.load({f"SABISCORE_{name}": value})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("FRONTEND_ORIGIN", "*"),
            ("FRONTEND_ORIGIN", "https://a.example, https://*.b.example/, capacitor://localhost"),
            ("ALLOWED_HOSTS", "example.org, *.example.org,localhost,[::1],"),
        ],
    )
    def test_takes_lists_as_people_write_them(self, name: str, value: str) -> None:
        assert value in msgspec.structs.astuple(settings.load({f"SABISCORE_{name}": value}))

    def test_warns_of_an_unknown_variable(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            assert settings.load({"SABISCORE_CASH_TTL": "60"}) == Settings()
        assert "SABISCORE_CASH_TTL is not a setting" in caplog.text
