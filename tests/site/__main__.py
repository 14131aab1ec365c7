"""The news site for trying things out: `python -m tests.site [--port 8123] [--every SECONDS]`.

It prints its address and serves until Ctrl-C, for an hour at most. A new round comes every so many seconds, or when /__next is asked for.
"""

import argparse
import signal
import threading
from itertools import count

from tests.site.content import feeds
from tests.site.news import NewsSite

AN_HOUR = 3600.0


def serve(site: NewsSite, every: float | None, stop: threading.Event) -> None:
    """Serve until told to stop, for an hour at most."""
    step = min(every or AN_HOUR, AN_HOUR)
    for number in count(1):
        if stop.wait(step) or number * step >= AN_HOUR:
            return
        site.round += 1
        print(f"round {site.round}", flush=True)


def main() -> None:
    """Serve the site as the command line says."""
    options = argparse.ArgumentParser(description="Serve a small news site on loopback.")
    options.add_argument("--port", type=int, default=8123)
    options.add_argument("--every", type=float, help="seconds between two rounds; without it /__next brings the next one")
    given = options.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with NewsSite(port=given.port) as site:
        print(f"{site.url}/", flush=True)
        for feed in feeds(site.url):
            print(f"  {feed.url}", flush=True)
        serve(site, given.every, stop)


if __name__ == "__main__":
    main()
