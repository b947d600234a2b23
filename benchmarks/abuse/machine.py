"""What may happen to the processes and files of the service on its own machine."""

from benchmarks.abuse.measure import Attack

ATTACKS: tuple[Attack, ...] = ()
