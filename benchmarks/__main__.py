"""Measure SabiScore beside its rivals, and write RESULTS.md and its chart.

    uv run --group bench python -m benchmarks [--only NAME]... [--seconds 4] [--rounds 3] [--json FILE]

``--only`` takes contenders and workloads, prints tables, and leaves the files as they are.
"""

from benchmarks.command import main

main(prog_name="python -m benchmarks")
