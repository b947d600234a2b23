"""What bookmakers' odds say of probabilities."""

from sabiscore.models.predictor import Floats


def devig(odds: Floats) -> Floats:
    """Probabilities ``[n, 3]`` of decimal odds ``[n, 3]``: the margin taken off in proportion."""
    inverse = 1.0 / odds
    probabilities: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return probabilities


def margin(odds: Floats) -> Floats:
    """The bookmaker's margin ``[n]``: how far the inverse odds sum above 1."""
    total: Floats = (1.0 / odds).sum(axis=1)
    return total - 1.0
