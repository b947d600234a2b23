"""What the parent of the workers counts, in the block of the service."""

from typing import Literal, TypeAlias, get_args

from sabiscore.errors import Refusal
from sabiscore.telemetry import families
from sabiscore.telemetry.instruments import Series
from sabiscore.telemetry.memory import SERVICE, Memory

Loss: TypeAlias = Literal["died", "hung", "late"]
"""Why a worker had to be replaced: it ended by itself, did not answer, or did not get ready."""

Reload: TypeAlias = Literal["ok", "refused", "failed"]
"""How a reload ended: served by new workers; bundle refused; a new worker failed."""


class Report:
    """The counts of one service; all are there from the start."""

    def __init__(self, memory: Memory, workers: int) -> None:
        """``memory`` is what the workers share, ``workers`` how many there should be."""
        block = memory.block(SERVICE)
        self._losses = {why: Series(families.LOSSES, (why,), block) for why in get_args(Loss)}
        self._reloads = {how: Series(families.RELOADS, (how,), block) for how in get_args(Reload)}
        self._successful = Series(families.RELOADED, (), block)
        self._refused = {kind: Series(families.REFUSED, (kind,), block) for kind in get_args(Refusal)}
        self._restarts = Series(families.RESTARTS, (), block)
        self._successful.set(1)
        Series(families.WANTED, (), block).set(workers)

    def lost(self, reason: Loss) -> None:
        """A worker was."""
        self._losses[reason].add()

    def reloaded(self, result: Reload) -> None:
        """It was tried."""
        self._reloads[result].add()
        self._successful.set(result == "ok")

    def prepared(self) -> None:
        """What was published is served."""
        self._successful.set(1)

    def refused(self, kind: Refusal) -> None:
        """A bundle is not to be served."""
        self._successful.set(0)
        self._refused[kind].add()

    def valkey_restarted(self) -> None:
        """It was."""
        self._restarts.add()
