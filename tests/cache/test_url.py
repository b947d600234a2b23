from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.cache.url import Credentials, Place, Tls, read, shown
from sabiscore.errors import SettingsError


def place(kind: Any = "server", **fields: Any) -> Place:  # noqa: ANN401 - as Place has it
    return Place(kind=kind, **fields)


class TestAUrlThatMakesSense:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("valkey://cache", place(hosts=(("cache", 6379),))),
            ("redis://cache:6380", place(hosts=(("cache", 6380),))),
            ("valkey://cache/", place(hosts=(("cache", 6379),))),
            ("valkey://cache/3", place(hosts=(("cache", 6379),), db=3)),
            ("valkey://cache?db=3", place(hosts=(("cache", 6379),), db=3)),
            ("valkey://[::1]:6379/0", place(hosts=(("::1", 6379),))),
            (
                "valkey://:p%40ss@cache",
                place(hosts=(("cache", 6379),), credentials=Credentials("", "p@ss")),
            ),
            (
                "valkey://me:secret@cache",
                place(hosts=(("cache", 6379),), credentials=Credentials("me", "secret")),
            ),
            ("valkey://cache?cluster=false", place(hosts=(("cache", 6379),))),
            ("unix:///run/my%40valkey.sock?db=2", place("socket", path="/run/my@valkey.sock", db=2)),
        ],
    )
    def test_names_a_server(self, url: str, expected: Place) -> None:
        assert read(url) == expected

    @pytest.mark.parametrize("value", ["true", "1"])
    def test_names_nodes_of_a_cluster(self, value: str) -> None:
        assert read(f"valkey://a,b:7000/0?cluster={value}") == place(
            "cluster", hosts=(("a", 6379), ("b", 7000))
        )

    def test_names_sentinels_and_their_service(self) -> None:
        url = "valkey+sentinel://me:secret@a,b:26380/main/2?sentinel_username=us&sentinel_password=s%40"
        assert read(url) == place(
            "sentinel",
            hosts=(("a", 26379), ("b", 26380)),
            service="main",
            db=2,
            credentials=Credentials("me", "secret"),
            sentinel_credentials=Credentials("us", "s@"),
        )

    @pytest.mark.parametrize("scheme", ["valkeys", "rediss"])
    def test_asks_for_tls(self, scheme: str) -> None:
        url = f"{scheme}://cache?ssl_ca_certs=/etc/ca.pem&ssl_certfile=/c&ssl_keyfile=/k"
        assert read(url).tls == Tls("/etc/ca.pem", "/c", "/k")
        assert read(f"{scheme}://cache?cluster=true").tls == Tls()

    def test_asks_for_tls_to_sentinels_too(self) -> None:
        assert read("valkeys+sentinel://a/main").tls == Tls()


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
            ("valkey://a,?cluster=true", "is not the URL of a Valkey"),
            ("unix://", "is not the URL of a Valkey"),
            ("http://cache", "takes one of redis, rediss, unix, valkey, valkey+sentinel, valkeys, "),
            ("valkey://cache/first", "takes a number as its database"),
            ("valkey://cache?db=-1", "takes a number as its database"),
            ("valkey://cache?db=", "takes a number as its database"),
            ("valkey://cache?db=²", "takes a number as its database"),
            ("valkey://cache?socket_timeout=60", "takes no argument but cluster, db"),
            ("valkey://cache?max_connections=0", "takes no argument but cluster, db"),
            ("valkey://cache?password=secret", "takes no argument but cluster, db"),
            ("valkey://cache?sentinel_password=secret", "takes no argument but cluster, db"),
            ("unix:///run/socket?cluster=true", "takes no argument but db"),
            ("valkeys://cache?ssl_check_hostname=no", "takes no argument but cluster, db, ssl_ca_certs,"),
            ("valkey://cache#0", "takes no #"),
            ("valkey://a,b", "takes several hosts only with ?cluster=true"),
            ("valkey://cache?cluster=perhaps", "takes true or false as cluster"),
            ("valkey://cache/1?cluster=true", "has no database but 0"),
            ("valkey+sentinel://a,b", "names no service"),
            ("valkey+sentinel://a,b/main/first", "takes a number as its database"),
            ("valkey+sentinel://a,b/main?cluster=true", "takes no argument but db, sentinel_password,"),
        ],
    )
    def test_is_refused_with_the_reason(self, url: str, objection: str) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_VALKEY_URL") as refused:
            read(url)
        assert objection in str(refused.value)


class TestASecret:
    @pytest.mark.parametrize(
        ("url", "as_shown"),
        [
            ("valkey://cache:6379/1", "valkey://cache:6379/1"),
            ("valkey://me:secret@cache/1", "valkey://***@cache/1"),
            ("valkey://me:se@cret@cache/1", "valkey://***@cache/1"),
            ("valkey://:se/cr?e#t@cache", "***"),
            ("valkey://cache?password=secret", "valkey://cache"),
            ("unix://:secret@/run/valkey.sock", "unix://***@/run/valkey.sock"),
            ("valkey+sentinel://:secret@a,b:1/main", "valkey+sentinel://***@a,b:1/main"),
            ("valkey+sentinel://a/main?sentinel_password=secret", "valkey+sentinel://a/main"),
            ("valkey+sentinel://a/main?sentinel_password=sec@ret", "***"),
            ("valkey://:secret", "***"),
            ("me:secret@cache", "***"),
        ],
    )
    def test_is_not_shown(self, url: str, as_shown: str) -> None:
        assert shown(url) == as_shown

    def test_is_not_in_the_repr(self) -> None:
        found = read("valkey+sentinel://me:s3cr3t@a/main?sentinel_username=us&sentinel_password=s3cr3t")
        assert "s3cr3t" not in repr(found)

    @given(
        scheme=st.sampled_from(["valkey", "valkeys", "valkey+sentinel", "unix", "http", ""]),
        tail=st.text(max_size=10),
        place=st.sampled_from(["cache", "a:99999", "cache/x", "a,b/x", "", "/run/valkey.sock", "cache?a=b"]),
    )
    def test_is_in_no_error_whatever_it_is_made_of(self, scheme: str, tail: str, place: str) -> None:
        url = f"{scheme}://user:s3cr3t{tail}@{place}"
        said = shown(url)
        try:
            read(url)
        except SettingsError as error:
            said += f"{error!r} {error.__cause__!r}"
        assert "s3cr3t" not in said
