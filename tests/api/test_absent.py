"""Programs of their own, in which nothing was imported before."""

import subprocess
import sys

BLOCK = """
import sys
from sabiscore.api.absent import absent
try:
    with absent("wave"):
        import colorsys, wave
except ModuleNotFoundError as error:
    print(error.name, "colorsys" in sys.modules)
import wave
with absent("wave"):
    import wave
print(wave.__name__)
"""

APPLICATION = """
import sys
from sabiscore.server import worker
worker.create()
print({"pydantic", "attr"} & set(sys.modules) or "none")
"""


def test_what_is_absent_comes_back_and_what_is_there_stays() -> None:
    assert said_by(BLOCK) == ["wave", "True", "wave"]


def test_an_application_imports_no_classes_of_others() -> None:
    assert said_by(APPLICATION) == ["none"]


def said_by(program: str) -> list[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - these programs
