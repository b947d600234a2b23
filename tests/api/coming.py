"""The fixtures to come that tests of the API are served: two weeks from `TODAY` on, of three leagues."""

from sabiscore.testing import coming_fixtures

__all__ = ["coming_fixtures"]
