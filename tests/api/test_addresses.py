import pytest
from hypothesis import given
from hypothesis import strategies as st

from sabiscore.api.addresses import Addresses
from sabiscore.errors import SettingsError

TRUSTED = "10.0.0.0/8, 127.0.0.1, fd00::/8"


class TestWhoAsks:
    @pytest.mark.parametrize(
        ("peer", "forwarded", "asking"),
        [
            ("192.0.2.1", "", "192.0.2.1"),
            ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
            ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
            ("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
            ("10.1.2.3", "203.0.113.9, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("10.1.2.3", "rubbish", "unknown"),
            ("fd00::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ],
    )
    def test_is_the_last_whom_no_trusted_proxy_vouches_for(
        self, peer: str, forwarded: str, asking: str
    ) -> None:
        assert Addresses(TRUSTED).asking(peer, forwarded) == asking

    @given(st.text())
    def test_is_not_what_a_stranger_says(self, forwarded: str) -> None:
        assert Addresses(TRUSTED).asking("192.0.2.1", forwarded) == "192.0.2.1"


class TestTrust:
    def test_is_in_addresses_and_networks_only(self) -> None:
        with pytest.raises(SettingsError, match="SABISCORE_TRUSTED_PROXIES"):
            Addresses("10.0.0.0/8,proxy")
