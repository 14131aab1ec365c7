"""Maintain as a Prefect flow: the care of a store, once a day."""

from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.states import Completed

from flows.maintain import care_rows
from flows.maintain import maintain as take_care
from flows.outcome import concluded
from flows.processes import end_quietly, end_with_starter
from schemas.settings import Settings


@flow(name="maintain", description="Remove what is too old, settle stories, fold the log into the file, publish.", persist_result=False)
def maintain(settings: Settings | None = None) -> State[Any]:
    """Return the state, with its report, of a care of the store.

    Settings come from the environment and wirehouse.toml when none are given.
    """
    end_with_starter()
    end_quietly()
    chosen = settings or Settings()

    def care() -> State[Any]:
        done = take_care(chosen)
        get_run_logger().info(", ".join(f"{name} {value}" for name, value in care_rows(done)))
        return Completed(data=done)

    return concluded(care)
