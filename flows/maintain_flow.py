"""Maintain as a Prefect flow: the care of a store, once a day."""

from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact
from prefect.logging import get_run_logger
from prefect.states import Completed

from flows.maintain import care_rows
from flows.maintain import maintain as take_care
from flows.outcome import concluded
from flows.processes import end_quietly, end_with_starter
from flows.report import markdown_table
from schemas.settings import Settings


@flow(
    name="maintain",
    flow_run_name="care of the store",
    description="Remove what is too old, settle stories, look after feeds, give space back, back up, publish.",
    persist_result=False,
)
def maintain(settings: Settings | None = None) -> State[Any]:
    """Return the state, with its report, of a care of the store.

    Settings come from the environment and wirehouse.toml when none are given.
    """
    end_with_starter()
    end_quietly()
    chosen = settings or Settings()

    def care() -> State[Any]:
        done = take_care(chosen)
        rows = care_rows(done)
        for name, told, seconds in rows:
            get_run_logger().info(f"{name}: {', '.join(filter(None, (told, seconds and f'{seconds} s')))}")
        create_markdown_artifact(
            markdown_table(("step", "done", "seconds"), rows), key="wirehouse-care", description=f"Care of {done.store}"
        )
        return Completed(data=done)

    return concluded(care)
