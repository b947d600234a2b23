import pytest

from sabiscore.features import components, spec


class TestNames:
    def test_are_of_one_group_each(self) -> None:
        assert len(set(spec.NAMES)) == len(spec.NAMES) == len(spec.NEUTRAL)


class TestFingerprint:
    def test_changes_when_a_column_or_a_component_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = {spec.fingerprint()}
        monkeypatch.setattr(spec, "NAMES", spec.NAMES[::-1])
        found.add(spec.fingerprint())
        monkeypatch.setattr(components, "CLUB", components.CLUB[::-1])
        found.add(spec.fingerprint())
        monkeypatch.setattr(components, "LEAGUE", components.LEAGUE[::-1])
        found.add(spec.fingerprint())
        assert len(found) == 4
