"""Work that a worker process may meet, picked by a word."""

import os
import signal
from pathlib import Path

from tasks.costs import Watch


def do(word: str, watch: Watch) -> str:
    with watch.stage("work"):
        match word:
            case "hang":
                signal.pause()
            case "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case "eat":
                return str(len(bytearray(1 << 36)))
            case "raise":
                raise ValueError("a bad document")
            case "parent":
                return Path(f"/proc/{os.getpid()}/cmdline").read_text("utf-8")
    return word.upper()
