from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valkey.asyncio import SSLConnection, UnixDomainSocketConnection

from sabiscore.cache.url import connection_options, shown
from sabiscore.errors import SettingsError


class TestAUrlThatMakesSense:
    @pytest.mark.parametrize(
        ("url", "options"),
        [
            ("valkey://cache", {"host": "cache"}),
            ("redis://cache:6380", {"host": "cache", "port": 6380}),
            ("valkey://cache/", {"host": "cache"}),
            ("valkey://cache/3", {"host": "cache", "db": 3}),
            ("valkey://cache?db=3", {"host": "cache", "db": 3}),
            ("valkey://[::1]:6379/0", {"host": "::1", "port": 6379, "db": 0}),
            ("valkey://:p%40ss@cache", {"host": "cache", "password": "p@ss"}),
            ("valkey://me:secret@cache", {"host": "cache", "username": "me", "password": "secret"}),
            (
                "unix:///run/valkey.sock?db=2",
                {"path": "/run/valkey.sock", "db": 2, "connection_class": UnixDomainSocketConnection},
            ),
        ],
    )
    def test_gives_the_options_of_a_connection(self, url: str, options: dict[str, Any]) -> None:
        assert connection_options(url) == options

    @pytest.mark.parametrize("scheme", ["valkeys", "rediss"])
    def test_over_tls_checks_the_certificate_and_the_host_name(self, scheme: str) -> None:
        options = connection_options(f"{scheme}://cache?ssl_ca_certs=/etc/ca.pem")
        assert options == {
            "host": "cache",
            "connection_class": SSLConnection,
            "ssl_check_hostname": True,
            "ssl_cert_reqs": "required",
            "ssl_ca_certs": "/etc/ca.pem",
        }


class TestAUrlThatMakesNone:
    @pytest.mark.parametrize(
        ("url", "objection"),
        [
            ("cache:6379", "is not the URL of a Valkey"),
            ("valkey://", "is not the URL of a Valkey"),
            ("valkey:///0", "is not the URL of a Valkey"),
            ("valkey://cache:0", "is not the URL of a Valkey"),
            ("valkey://cache:65536", "is not the URL of a Valkey"),
            ("valkey://cache:port", "is not the URL of a Valkey"),
            ("valkey://[::1", "is not the URL of a Valkey"),
            ("unix://", "is not the URL of a Valkey"),
            ("http://cache", "takes one of redis, rediss, unix, valkey, valkeys before ://"),
            ("valkey://cache/first", "takes a number as its database"),
            ("valkey://cache?db=-1", "takes a number as its database"),
            ("valkey://cache?db=", "takes a number as its database"),
            ("valkey://cache?socket_timeout=60", "takes no argument but db"),
            ("valkey://cache?max_connections=0", "takes no argument but db"),
            ("valkey://cache?password=secret", "takes no argument but db"),
            ("valkeys://cache?ssl_check_hostname=no", "takes no argument but db, ssl_ca_certs,"),
            ("valkey://cache#0", "takes no #"),
        ],
    )
    def test_is_refused_with_the_reason(self, url: str, objection: str) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_VALKEY_URL") as refused:
            connection_options(url)
        assert objection in str(refused.value)


class TestASecret:
    @pytest.mark.parametrize(
        ("url", "as_shown"),
        [
            ("valkey://cache:6379/1", "valkey://cache:6379/1"),
            ("valkey://me:secret@cache/1", "valkey://***@cache/1"),
            ("valkey://:se/cr?e#t@cache", "valkey://***@cache"),
            ("valkey://cache?password=secret", "valkey://cache"),
            ("unix://:secret@/run/valkey.sock", "unix://***@/run/valkey.sock"),
            ("valkey://:secret", "***"),
            ("me:secret@cache", "***"),
        ],
    )
    def test_is_not_shown(self, url: str, as_shown: str) -> None:
        assert shown(url) == as_shown

    @given(
        scheme=st.sampled_from(["valkey", "valkeys", "unix", "http", ""]),
        tail=st.text(max_size=10),
        place=st.sampled_from(["cache", "cache:99999", "cache/x", "", "/run/valkey.sock", "cache?a=b"]),
    )
    def test_is_in_no_error_whatever_it_is_made_of(self, scheme: str, tail: str, place: str) -> None:
        url = f"{scheme}://user:s3cr3t{tail}@{place}"
        said = shown(url)
        try:
            connection_options(url)
        except SettingsError as error:
            said += f"{error!r} {error.__cause__!r}"
        assert "s3cr3t" not in said
