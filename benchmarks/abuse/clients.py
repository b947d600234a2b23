"""What a client without credentials may try."""

from benchmarks.abuse.measure import Attack

ATTACKS: tuple[Attack, ...] = ()
