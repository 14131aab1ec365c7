"""The base of every record."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable value with exactly the fields it declares."""

    model_config = ConfigDict(frozen=True, extra="forbid")
