"""What the image's build takes out of shared objects, nobody misses."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import catboost

ROOT = Path(__file__).parents[2]
LEAN = ROOT / "deploy" / "image" / "lean.py"
VERIFY = """
from sabiscore.service import PredictionService
PredictionService.load()
import catboost
print(catboost.__file__)
"""


def make_lean(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LEAN), str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def test_catboost_without_kernels_for_gpus_repeats_what_the_bundle_recorded(tmp_path: Path) -> None:
    copy = tmp_path / "catboost"
    shutil.copytree(Path(catboost.__file__).parent, copy, ignore=shutil.ignore_patterns("tests", "widget"))
    [shared] = copy.glob("_catboost*.so")
    before = shared.stat().st_size
    assert make_lean(shared).returncode == 0
    assert shared.stat().st_size < before / 4
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", VERIFY], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(copy / "__init__.py")


def test_what_is_no_shared_object_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "text.so"
    file.write_bytes(struct.pack("64s", b"not one"))
    assert "no ELF64 object" in make_lean(file).stderr
    assert file.read_bytes().startswith(b"not one")
