"""Backfill: archives in, a published store out; directly, or as a Prefect flow run with the same result."""

import os
import tomllib
from collections.abc import Sequence
from pathlib import Path

from schemas.errors import WirehouseError
from schemas.run import Engine, RunReport
from schemas.settings import Settings
from tasks.pipeline import Direct, Progress, run
from tasks.read.intake import ArchiveIntake


def backfill(arguments: Sequence[str], settings: Settings, progress: Progress, engine: Engine = "direct") -> RunReport:
    """Return the report of a run that took in the archives at these paths.

    Raises UsageError for a path that names nothing, StoreBusyError, StoreUnreadableError or BalanceError.
    """
    intake = ArchiveIntake(arguments)
    if engine == "direct":
        return run(intake, settings, Direct(), progress)
    return _with_prefect(arguments, settings, progress)


def _with_prefect(arguments: Sequence[str], settings: Settings, progress: Progress) -> RunReport:
    from flows.backfill_flow import PROGRESS
    from flows.backfill_flow import backfill as flow

    token = PROGRESS.set(progress)
    try:
        return flow(list(arguments), settings)
    except RuntimeError as error:
        if "Failed to reach API" in str(error):
            raise WirehouseError(f"The Prefect server does not answer ({error}); start it, or use --engine direct.") from error
        raise
    finally:
        PROGRESS.reset(token)


def default_engine() -> Engine:
    """Return `prefect` when a Prefect API is configured, in the environment or the active profile, else `direct`.

    Found out without importing Prefect, which takes longer than a small backfill.
    """
    if "PREFECT_API_URL" in os.environ:
        return "prefect" if os.environ["PREFECT_API_URL"] else "direct"
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    try:
        profiles = tomllib.loads((home / "profiles.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return "direct"
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active", ""))
    return "prefect" if profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL") else "direct"
