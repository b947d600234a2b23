import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sabiscore.errors import BundleError
from sabiscore.forecaster import SHIPPED, Forecaster
from sabiscore.models import bundle as bundles


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped bundle, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "bundle"))


def republish(
    directory: Path, *, files: dict[str, bytes] | None = None, without: str = "", **changes: object
) -> None:
    """Write the bundle again with other files or manifest fields, and seals that fit them."""
    content = json.loads((directory / bundles.MANIFEST).read_bytes()) | changes
    content["files"].pop(without, None)
    for name, part in (files or {}).items():
        (directory / name).write_bytes(part)
        content["files"][name] = {"size": len(part), "sha256": bundles.seal(part).sha256}
    text = json.dumps(content).encode()
    (directory / bundles.MANIFEST).write_bytes(text)
    (directory / bundles.DIGEST).write_text(bundles.seal(text).sha256)


class TestTheShippedBundle:
    def test_is_at_most_five_megabytes(self) -> None:
        assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 5_000_000

    def test_knows_the_season_2024_25_to_its_end(self, forecaster: Forecaster) -> None:
        assert str(forecaster.manifest.data_through) == "2025-05-25"

    def test_holds_no_pickle(self) -> None:
        assert {path.suffix for path in SHIPPED.iterdir()} == {".json", ".sha256", ".npz", ".cbm"}

    def test_records_what_each_confidence_was_worth(self, forecaster: Forecaster) -> None:
        levels = forecaster.manifest.confidence
        assert set(levels) == {"high", "medium", "low"}
        assert levels["high"].hit_rate > levels["medium"].hit_rate > levels["low"].hit_rate


class TestForecast:
    def test_many_fixtures_are_forecast_as_each_alone(self, forecaster: Forecaster) -> None:
        fixtures = [("E0", "Arsenal", "Chelsea", 20330), ("I1", "Milan", "Inter", 20340)]
        together = forecaster.forecast(fixtures).explained.probabilities
        alone = [forecaster.forecast([fixture]).explained.probabilities for fixture in fixtures]
        assert np.concatenate(alone).tobytes() == together.tobytes()

    def test_explained_probabilities_are_the_predictors(self, forecaster: Forecaster) -> None:
        forecast = forecaster.forecast([("E0", "Arsenal", "Chelsea", 20330)])
        predicted = forecaster.predictor.predict(forecast.rows.matrix)
        assert forecast.explained.probabilities.tobytes() == predicted.tobytes()

    def test_a_past_fixture_is_forecast_from_what_was_known_then(self, forecaster: Forecaster) -> None:
        leicester = [("E0", "Leicester", "Everton", day) for day in (16650, 16927)]
        autumn_2015, spring_2016 = forecaster.forecast(leicester).explained.probabilities[:, 0]
        assert spring_2016 > autumn_2015


class TestLoad:
    def test_refuses_a_model_file_cut_short_though_its_seal_fits(self, copy: Path) -> None:
        republish(copy, files={"member-0.cbm": (copy / "member-0.cbm").read_bytes()[:5000]})
        with pytest.raises(BundleError, match="cannot be read"):
            Forecaster.load(copy)

    @pytest.mark.parametrize("content", [b"", b"PK not a zip", b"\x80\x04pickle"])
    def test_refuses_a_history_that_is_none(self, copy: Path, content: bytes) -> None:
        republish(copy, files={"history.npz": content})
        with pytest.raises(BundleError, match="cannot be read"):
            Forecaster.load(copy)

    def test_refuses_features_of_another_version(self, copy: Path) -> None:
        republish(copy, features_fingerprint="other", sabiscore="9.9")
        with pytest.raises(BundleError, match=r"sabiscore 9\.9 .*train it again"):
            Forecaster.load(copy)

    def test_refuses_a_model_that_does_not_reproduce_its_golden_rows(self, copy: Path) -> None:
        members = [(copy / f"member-{k}.cbm").read_bytes() for k in (0, 1)]
        republish(copy, files={"member-0.cbm": members[1]})
        with pytest.raises(BundleError, match="golden"):
            Forecaster.load(copy)

    def test_refuses_a_manifest_without_a_history(self, copy: Path) -> None:
        republish(copy, files={"other.npz": (copy / "history.npz").read_bytes()}, without="history.npz")
        with pytest.raises(BundleError, match=r"history\.npz"):
            Forecaster.load(copy)
