"""Every number the ratings and averages are made with, in one place."""

from msgspec import Struct


class PiParameters(Struct, frozen=True):
    """Pi-ratings (Constantinou and Fenton, 2013), in goals of difference against an average club."""

    learning_rate: float = 0.052
    catch_up: float = 0.954
    """How much of a lesson learnt at home counts away, and the reverse."""
    scale: float = 1.52
    regression: float = 0.959
    promoted: float = -0.078


class EloParameters(Struct, frozen=True):
    """Elo with goal margin, in units of 400 points: one unit is odds of ten to one."""

    k: float = 10.7 / 400
    margin: float = 1.12
    home_advantage: float = 84 / 400
    regression: float = 0.921
    promoted: float = -46 / 400


class AverageParameters(Struct, frozen=True):
    """Exponentially weighted averages of a club's matches, relative to its league's mean.

    ``promoted_for`` and ``promoted_against`` are what clubs did in their first season up, before 2022/23.
    """

    rate: float = 0.05
    form_rate: float = 0.18
    regression: float = 0.8
    promoted_for: float = -0.18
    promoted_against: float = 0.18
    promoted_form: float = -0.30


class Parameters(Struct, frozen=True):
    """All of them. The values were tuned on seasons up to 2022/23; a bundle carries its own copy."""

    pi: PiParameters = PiParameters()
    elo: EloParameters = EloParameters()
    average: AverageParameters = AverageParameters()
    league_rate: float = 0.003
    """Weight of one match in its league's running means."""
