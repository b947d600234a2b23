"""What a process and its children are to each other."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable


def dying_with_parent() -> Callable[[], object] | None:
    """What a child of ours has to call first to be killed when we end, however that happens; None but on Linux.

    The kernel's "parent" is the thread that starts the child: start it from the main one.
    """
    if sys.platform != "linux":
        return None
    prctl, parent, set_parent_death_signal = ctypes.CDLL(None).prctl, os.getpid(), 1

    def die_with_parent() -> None:
        prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return die_with_parent
