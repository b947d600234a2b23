import pytest

from sabiscore.features import columns, components


class TestNames:
    def test_are_of_one_group_each(self) -> None:
        assert len(set(columns.NAMES)) == len(columns.NAMES) == len(columns.NEUTRAL)


class TestFingerprint:
    def test_changes_when_a_column_or_a_component_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = {columns.fingerprint()}
        monkeypatch.setattr(columns, "NAMES", columns.NAMES[::-1])
        found.add(columns.fingerprint())
        monkeypatch.setattr(components, "CLUB", components.CLUB[::-1])
        found.add(columns.fingerprint())
        monkeypatch.setattr(components, "LEAGUE", components.LEAGUE[::-1])
        found.add(columns.fingerprint())
        assert len(found) == 4
