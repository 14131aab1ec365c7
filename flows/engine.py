"""Which engine a run takes, and how it reaches Prefect. Prefect itself is not imported here: that takes longer than a small run."""

import os
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from pathlib import Path

from pydantic import ValidationError

from flows.processes import started
from schemas.errors import WirehouseError
from schemas.record import Record
from schemas.run import Engine
from tasks.pipeline import Progress, Quiet

HEALTH_WAIT = 2.0  # seconds: an answer from this machine takes milliseconds, on a busy one a little longer
VARIABLE = "PREFECT_API_URL"

PROGRESS: ContextVar[Progress] = ContextVar("PROGRESS", default=Quiet())  # noqa: B039  # it has no state
"""Who is told how a run goes on: a live object, so it cannot be a parameter of a flow."""


def progress_here() -> Progress:
    """Return who is to be told how the run of this context goes on; a run that a schedule started tells nobody.

    A function, because Prefect sends flows with all they name to another process, where a ContextVar cannot go.
    """
    return PROGRESS.get()


class Serving(Record):
    """What a running `wirehouse serve` writes beside its store: where its API is, and which process it is."""

    api: str
    pid: int
    started: int
    """When the process started: another one may have its number by now."""


def serving_path(store: Path) -> Path:
    """Return where a running serve of a store is written down: `news.serve.json` beside `news.duckdb`."""
    return store.with_name(f"{store.stem}.serve.json")


def find_serving(store: Path) -> Serving | None:
    """Return the serve of this store if there is one that runs and answers; what a dead one left behind counts for nothing."""
    try:
        serving = Serving.model_validate_json(serving_path(store).read_bytes())
    except (OSError, ValidationError):
        return None
    return serving if started(serving.pid) == serving.started and is_healthy(serving.api) else None


def is_healthy(api: str) -> bool:
    """Return whether a Prefect API answers at this address, and soon."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{api}/health", timeout=HEALTH_WAIT) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError as error:
        return error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)  # a server that wants the key that Prefect has
    except (OSError, ValueError):  # an address that is none is a ValueError, every other failure an OSError
        return False


def configured_api() -> str | None:
    """Return the Prefect API that the environment or, where it says nothing, the active profile names."""
    if VARIABLE in os.environ:
        return os.environ[VARIABLE] or None
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    try:
        profiles = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return None
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active", ""))
    return profiles.get("profiles", {}).get(active, {}).get(VARIABLE) or None


def default_engine(store: Path) -> Engine:
    """Return `prefect` when a Prefect API is configured or `wirehouse serve` runs for this store, else `direct`.

    An empty PREFECT_API_URL says `direct` by choice.
    """
    if VARIABLE in os.environ:
        return "prefect" if os.environ[VARIABLE] else "direct"
    return "prefect" if configured_api() or find_serving(store) else "direct"


@contextmanager
def prefect_for(store: Path, progress: Progress) -> Iterator[None]:
    """Have flows that are imported and called inside run on the right API, and tell `progress` how they go on.

    Raises WirehouseError when the API does not answer. With no API at all Prefect starts a temporary server itself.
    """
    if configured_api() is None and (serving := find_serving(store)):
        os.environ[VARIABLE] = serving.api
    token = PROGRESS.set(progress)
    try:
        yield
    except RuntimeError as error:
        if "Failed to reach API" in str(error):
            raise WirehouseError(f"The Prefect server does not answer ({error}); start it, or use --engine direct.") from error
        raise
    finally:
        PROGRESS.reset(token)
