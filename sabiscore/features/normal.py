"""The integral of the normal distribution, bit by bit what Cephes has, and SciPy with it.

Cephes (Moshier 1989, https://www.netlib.org/cephes/), ndtr.c. SciPy's own would bring its linear algebra into every
process and every image: 54 MB for this one function.
"""

from collections.abc import Sequence
from math import exp

import numpy as np
from numpy.typing import NDArray

from sabiscore.arrays import Floats

_SQRT_HALF = 0.70710678118654752440
_FARTHEST = 7.09782712893383996843e2
"""The square beyond which nothing is left."""

_FAR = 8.0

_T = (
    *(9.60497373987051638749e0, 9.00260197203842689217e1, 2.23200534594684319226e3),
    *(7.00332514112805075473e3, 5.55923013010394962768e4),
)
_U = (
    *(1.0, 3.35617141647503099647e1, 5.21357949780152679795e2, 4.59432382970980127987e3),
    *(2.26290000613890934246e4, 4.92673942608635921086e4),
)
_P = (
    *(2.46196981473530512524e-10, 5.64189564831068821977e-1, 7.46321056442269912687e0),
    *(4.86371970985681366614e1, 1.96520832956077098242e2, 5.26445194995477358631e2),
    *(9.34528527171957607540e2, 1.02755188689515710272e3, 5.57535335369399327526e2),
)
_Q = (
    *(1.0, 1.32281951154744992508e1, 8.67072140885989742329e1, 3.54937778887819891062e2),
    *(9.75708501743205489753e2, 1.82390916687909736289e3, 2.24633760818710981792e3),
    *(1.65666309194161350182e3, 5.57535340817727675546e2),
)
_R = (
    *(5.64189583547755073984e-1, 1.27536670759978104416e0, 5.01905042251180477414e0),
    *(6.16021097993053585195e0, 7.40974269950448939160e0, 2.97886665372100240670e0),
)
_S = (
    *(1.0, 2.26052863220117276590e0, 9.39603524938001434673e0, 1.20489539808096656605e1),
    *(1.70814450747565897222e1, 9.60896809063285878198e0, 3.36907645100081516050e0),
)


_MANY = 10_000
"""Values of which some are the same, surely."""


def ndtr(values: Floats) -> Floats:
    """The probability of less than each of ``values``, an array of any shape."""
    if values.size > _MANY:
        some, which = np.unique(values, return_inverse=True)
        found: Floats = _each(some)[which].reshape(values.shape)
        return found
    return _each(values)


def _each(values: Floats) -> Floats:
    x = values * _SQRT_HALF
    z = np.abs(x)
    near, small, far = z < _SQRT_HALF, z < 1.0, z >= _FAR
    result: Floats = np.where(x > 0.0, 1.0, 0.0)
    result[near] = 0.5 + 0.5 * _erf(x[near])
    middle = small & ~near
    _put(result, x, middle, 1.0 - _erf(z[middle]))
    tail = ~small & ~far
    _put(result, x, tail, _tail(z[tail], _P, _Q))
    end = far & (z * z <= _FARTHEST)
    _put(result, x, end, _tail(z[end], _R, _S))
    return result


def _put(result: Floats, x: Floats, where: NDArray[np.bool_], both: Floats) -> None:
    """What is beyond ``x`` on both sides, as what is less than it."""
    half = 0.5 * both
    result[where] = np.where(x[where] > 0.0, 1.0 - half, half)


def _erf(x: Floats) -> Floats:
    square = x * x
    return x * _polynomial(square, _T) / _polynomial(square, _U)


def _tail(z: Floats, above: Sequence[float], below: Sequence[float]) -> Floats:
    # NumPy's own exponential depends on the processor in its last bit.
    falling = np.fromiter(map(exp, (-z * z).tolist()), np.float64, len(z))
    return falling * _polynomial(z, above) / _polynomial(z, below)


def _polynomial(x: Floats, coefficients: Sequence[float]) -> Floats:
    result = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        result *= x
        result += each
    return result
