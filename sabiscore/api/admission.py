"""How much work is admitted: as much as is answered nearly as soon as when there is little to do.

Additive increase, multiplicative decrease (Chiu and Jain 1989, https://doi.org/10.1016/0169-7552(89)90019-6), by how
much longer an answer takes than with a worker at ease (TCP Vegas: Brakmo and Peterson 1995,
https://doi.org/10.1109/49.464716), and by as much as it is late (https://github.com/Netflix/concurrency-limits).
"""

from math import ceil

from sabiscore.clock import CLOCK, Clock

FIXED = 8
"""Fixtures that cost as much as what a request costs whatever it asks for."""

AT_EASE = 1 / 8
"""The share of the limit up to which a worker is at ease."""

TIMES_SLOWER = 3.0
"""Than at ease an answer may be before less is admitted."""

SOONEST = 0.0005
"""Seconds a fixture that an answer may always take."""

MOST_CUT = 0.5
"""What is left of the limit where an answer was twice as late as it may be, or later."""

FREE = 200.0
"""Look-ups a second in any case."""

WORTH = 5.0
"""Look-ups that an answer is worth."""

MOST_CREDIT = 512.0
"""Look-ups at once."""

SMOOTHED = 1 / 16
LONGEST_RETRY = 30
FEW = 16.0
"""Answers a second that a worker manages in any case."""


class Limit:
    """How many fixtures may be in work, learnt from how long those before took."""

    __slots__ = ("_at_ease", "_cut_again", "_least", "_most", "value")

    def __init__(self, first: float, least: float, most: float) -> None:
        """``first`` until something is learnt, then between ``least`` and ``most``."""
        self.value = first
        self._least = least
        self._most = most
        self._at_ease: float | None = None
        self._cut_again = 0.0

    def learn(self, cost: int, found: int, seconds: float, now: float) -> None:
        """A request for ``cost`` fixtures that ``found`` others in work took so long."""
        pace = seconds / (cost + FIXED)
        usual = self._at_ease
        if found <= AT_EASE * self.value:
            usual = self._at_ease = pace if usual is None else usual + SMOOTHED * (pace - usual)
        allowed = max(SOONEST, TIMES_SLOWER * (usual or 0.0))
        if pace > allowed:
            if now >= self._cut_again:  # once for all that were in work together
                self.value = max(self._least, max(MOST_CUT, allowed / pace) * self.value)
                self._cut_again = now + seconds
        elif found + cost >= self.value / 2:
            self.value = min(self._most, self.value + cost / self.value)


class LookUps:
    """Whether one more request is looked up while there is no room for it, as its answer may be at hand.

    To read a request and look for its answer costs several times what it costs to refuse it unread, and about a fifth
    of what a new answer costs. So all are looked up where that finds an answer more often, else so many a second as
    hardly matter. A credit says so: each look-up takes of it, what is found and every second give.
    """

    __slots__ = ("_clock", "_credit", "_since")

    def __init__(self, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._credit = MOST_CREDIT
        self._since = clock.seconds()

    def allowed(self) -> bool:
        """Whether one more is."""
        now = self._clock.seconds()
        self._give(FREE * (now - self._since))
        self._since = now
        if self._credit < 1.0:
            return False
        self._credit -= 1.0
        return True

    def found(self) -> None:
        """One was at hand."""
        self._give(WORTH)

    def _give(self, credit: float) -> None:
        self._credit = min(MOST_CREDIT, self._credit + credit)


class Rate:
    """How much is answered, and how much refused, a second."""

    __slots__ = ("_answered", "_clock", "_refused", "_since")

    def __init__(self, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._since = clock.seconds()
        self._answered = self._refused = 0.0

    def answered(self, cost: int) -> None:
        """So much was."""
        self._answered += cost

    def refused(self, cost: int) -> int:
        """So much was; the seconds after which all who are refused would find room, were they to come evenly."""
        now = self._clock.seconds()
        if (elapsed := now - self._since) > 1.0:
            kept = 0.0 if elapsed > LONGEST_RETRY else 0.5
            self._since, self._answered, self._refused = now, kept * self._answered, kept * self._refused
        self._refused += cost
        return max(1, min(LONGEST_RETRY, ceil(self._refused / max(FEW, self._answered))))
