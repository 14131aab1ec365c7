"""Workers that are stopped while most of them start; run as a program, because the fork server is started once a process."""

from schemas.settings import Settings
from tasks.workers import Workers
from tests.tasks.hostile import do


def main() -> None:
    """Start and stop."""
    for _ in range(5):
        with Workers(Settings(workers=6), ["tests.tasks.hostile"]) as workers:
            workers.map(do, ["ready"])


if __name__ == "__main__":
    main()
