"""SabiScore: honest football probabilities, calibrated and explained."""

from importlib.metadata import version

__version__ = version("sabiscore")
