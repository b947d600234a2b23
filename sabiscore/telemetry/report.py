"""What the parent of the workers counts: text in the run directory, shown by the /metrics of each worker."""

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeAlias, get_args

Loss: TypeAlias = Literal["died", "hung", "late"]
"""Why a worker had to be replaced: it ended by itself, did not answer, or did not get ready."""

Reload: TypeAlias = Literal["ok", "refused", "failed"]
"""How a reload ended: served by new workers; bundle refused; a new worker failed."""

NAME = "service.prom"
"""The file in the run directory."""

WANTED = "workers_wanted"


class Report:
    """The counts of one service, written at once and at each change.

    - ``workers_wanted``: how many workers there should be.
    - ``worker_losses_total{reason}``: workers that had to be replaced, see `Loss`.
    - ``reloads_total{result}``: see `Reload`.
    - ``last_reload_successful``: 0 while the old bundle is served because a newer one was not to be.
    - ``valkey_restarts_total``: starts of the embedded Valkey after its first.
    """

    def __init__(self, directory: Path, workers: int) -> None:
        self._workers = workers
        self._path = directory / NAME
        self._losses: Counter[Loss] = Counter(dict.fromkeys(get_args(Loss), 0))
        self._reloads: Counter[Reload] = Counter(dict.fromkeys(get_args(Reload), 0))
        self._successful = True
        self._restarts = 0
        self._write()

    def lost(self, reason: Loss) -> None:
        """A worker was."""
        self._losses[reason] += 1
        self._write()

    def reloaded(self, result: Reload) -> None:
        """It was tried."""
        self._reloads[result] += 1
        self._successful = result == "ok"
        self._write()

    def valkey_restarted(self) -> None:
        """It was."""
        self._restarts += 1
        self._write()

    def keep(self) -> None:
        """Write it, and make the directory, if they are gone."""
        if not self._path.exists():
            self._write()

    def text(self) -> str:
        """Prometheus text 0.0.4."""
        return "".join(
            (
                _family(WANTED, "gauge", "Workers that there should be, with serve", {"": self._workers}),
                _family(
                    "worker_losses_total",
                    "counter",
                    "Workers that had to be replaced: died, hung (did not react for SABISCORE_WORKER_TIMEOUT) "
                    "or late (not ready in 2 minutes)",
                    {f'{{reason="{reason}"}}': n for reason, n in self._losses.items()},
                ),
                _family(
                    "reloads_total",
                    "counter",
                    "Reloads of the bundle: ok, refused (the bundle) or failed (a new worker)",
                    {f'{{result="{result}"}}': n for result, n in self._reloads.items()},
                ),
                _family(
                    "last_reload_successful",
                    "gauge",
                    "0 while another bundle is served than the one last asked for",
                    {"": int(self._successful)},
                ),
                _family(
                    "valkey_restarts_total",
                    "counter",
                    "Restarts of the embedded Valkey",
                    {"": self._restarts},
                ),
            )
        )

    def _write(self) -> None:
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):  # a full disk is no reason not to serve
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            fresh.write_text(self.text())
            fresh.replace(self._path)


def _family(name: str, kind: str, description: str, values: Mapping[str, int]) -> str:
    samples = "".join(f"{name}{labels} {n}\n" for labels, n in values.items())
    return f"# HELP {name} {description}\n# TYPE {name} {kind}\n{samples}"
