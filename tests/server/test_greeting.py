from datetime import timedelta

import pytest
from msgspec.structs import replace

from sabiscore.models.bundles import SHIPPED, Bundle, read
from sabiscore.server.greeting import greeting
from sabiscore.settings import Settings


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return read(SHIPPED)


class TestGreeting:
    def test_says_bundle_age_and_cache(self, bundle: Bundle) -> None:
        day = bundle.manifest.data_through
        told = greeting(bundle, Settings(), day + timedelta(days=12), embedded=True)
        assert told == [
            f"bundle   {bundle.version}, the shipped one",
            f"matches  through {day.day} {day:%B %Y}, 12 days ago",
            "cache    a Valkey of its own",
        ]

    def test_names_another_bundle_and_another_cache_without_its_password(self, bundle: Bundle) -> None:
        settings = Settings(valkey_url="valkey://:secret@cache.example:6379")
        elsewhere = replace(bundle, source="/srv/bundle.tar")
        told = greeting(elsewhere, settings, bundle.manifest.data_through, embedded=False)
        assert told[0].endswith("/srv/bundle.tar")
        assert told[1].endswith(", today")
        assert "cache.example" in told[2]
        assert "secret" not in told[2]

    def test_says_where_there_is_no_cache(self, bundle: Bundle) -> None:
        told = greeting(bundle, Settings(), bundle.manifest.data_through + timedelta(days=1), embedded=False)
        assert told[1].endswith(", yesterday")
        assert told[2] == "cache    in memory only"
