import subprocess
import sys

PROGRAM = """
import sys
from sabiscore.models import lean
lean.import_catboost()
from sabiscore.forecaster import Forecaster
Forecaster.load()
print({"pandas", "scipy", "IPython"} & set(sys.modules) or "none")
import catboost.widget
print(catboost.widget.MetricVisualizer.__name__)
"""


def test_a_bundle_answers_as_ever_without_what_catboost_imports_for_others() -> None:
    """Its golden predictions are looked at where it is loaded; afterwards nothing is hidden."""
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - this program
    assert done.stdout.split() == ["none", "MetricVisualizer"]
