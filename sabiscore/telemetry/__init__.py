"""Instruments, and /metrics of all workers."""
