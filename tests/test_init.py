"""What those who use SabiScore as a library may rely on."""

import subprocess
import sys
from importlib.resources import files

import pytest

import sabiscore

PUBLIC = [
    "Answer",
    "BundleError",
    "Club",
    "Fixture",
    "InPlay",
    "InPlayPrediction",
    "InvalidFixtureError",
    "League",
    "Odds",
    "Prediction",
    "PredictionService",
    "SabiScoreError",
    "SideCounts",
]


class TestThePublicSurface:
    def test_is_this_and_no_more(self) -> None:
        assert sabiscore.__all__ == PUBLIC

    @pytest.mark.parametrize("name", PUBLIC)
    def test_can_be_imported_by_name(self, name: str) -> None:
        assert getattr(sabiscore, name).__name__ == name

    def test_has_types(self) -> None:
        assert files(sabiscore).joinpath("py.typed").is_file()

    def test_has_no_other_names(self) -> None:
        with pytest.raises(AttributeError, match="no attribute 'Forecast'"):
            _ = sabiscore.Forecast


class TestImport:
    @pytest.mark.parametrize("what", ["sabiscore", "sabiscore.cli"])
    def test_does_not_wait_for_the_model(self, what: str) -> None:
        program = f"import {what}, sys; print({{'catboost', 'numpy', 'litestar'}} & sys.modules.keys())"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
        assert done.stdout.strip() == "set()"
