"""Our forecast and what bookmakers' odds say, in one."""

import numpy as np

from sabiscore.arrays import Floats, softmax


def pool(ours: Floats, market: Floats, market_weight: float) -> Floats:
    """Two forecasts ``[n, 3]`` in one: logarithms averaged, the market's with its weight.

    The logarithmic opinion pool (Genest and Zidek, "Combining probability distributions", 1986): a weight of 0 is
    ours, 1 the market's; one above 1 leans against us. Probabilities are above 0.
    """
    return softmax((1.0 - market_weight) * np.log(ours) + market_weight * np.log(market))
