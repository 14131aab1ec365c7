"""The settings: one frozen record, built once and passed down.

Defaults < `wirehouse.toml` in the working folder < environment (`WIREHOUSE_...`) < options of the command.
"""

import os
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.labelling import MOST_RULES, EntityEngine, Labelling, TopicRule

SearchEngine = Literal["sql", "tantivy"]
"""What finds and ranks articles for `wirehouse search`: the index in the store, or the extra's beside it."""


class Settings(BaseSettings):
    """What a person may decide about a run; every field is `WIREHOUSE_<NAME>` in the environment."""

    model_config = SettingsConfigDict(env_prefix="WIREHOUSE_", toml_file="wirehouse.toml", frozen=True, extra="forbid")

    store: Path = Path("news.duckdb")
    """The published store that everybody reads; the writer's file stands beside it."""
    workers: Annotated[int, Field(ge=1)] = os.cpu_count() or 1
    """Processes that clean and label."""
    publish_every: Annotated[float, Field(gt=0)] = 10.0
    """Minutes between two publications during a long run."""
    lock_wait: Annotated[float, Field(ge=0)] = 30.0
    """Seconds a second writer waits before it gives up."""
    dedupe_window: Literal["90", "all"] = "90"
    """Days on both sides of its publication within which copies of an article are looked for; `all`: in the whole store."""
    sql_timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds after which a query is stopped."""
    retention_days: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Days after which `maintain` removes an article; None keeps all."""
    backup_dir: Path | None = None
    """Folder into which `maintain` puts a verified copy of the store; None: none is made."""
    backups_kept: Annotated[int, Field(ge=1)] = 7
    """Backups that stay in that folder, the newest ones."""
    metrics_file: Path | None = None
    """OpenMetrics text file that every run and every care writes at its end; None: none."""
    store_memory: Annotated[int, Field(ge=8)] | None = None
    """Megabytes that the database may fill while it is written; None: by the number of rows (tasks/store/connection.py)."""
    assumed_zone: str = "UTC"
    """IANA zone of dates that are printed without one."""
    document_timeout: Annotated[float, Field(gt=0)] = 30.0
    """Seconds one document may take to be cleaned and labelled."""
    document_memory: Annotated[int, Field(ge=256)] = 1024
    """Megabytes one worker process may use."""
    allow_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """Networks that the address guard lets through although they are not public."""
    host_delay: Annotated[float, Field(ge=0)] = 1.0
    """Seconds between two requests to one host."""
    fetch_timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds that one fetch may take on the network."""
    min_poll_minutes: Annotated[float, Field(ge=0)] = 10.0
    """Minutes that lie at least between two polls of a feed; 0: every run polls every feed."""
    user_agent: str | None = None
    """How requests introduce themselves, such as `my-news/1.0 (+https://example.org/bot)`; public sites are not asked without
    an address or mail where you can be reached."""
    topics: Annotated[tuple[TopicRule, ...], Field(max_length=MOST_RULES)] = ()
    """Topics of one's own; in wirehouse.toml each is a table `[[topics]]`."""
    topic_model: Path | None = None
    """File of a model of topics that `wirehouse label train-topics` made; None: none is asked."""
    entity_engine: EntityEngine = "own"
    """What finds names beside the table of names: our own model, or an extra."""
    entity_model: str | None = None
    """The extra's model: a folder, or for spaCy an installed package; None: spaCy's smallest for all languages."""

    search_engine: SearchEngine = "sql"
    """What answers `wirehouse search`; with the extra tantivy an index beside the store is kept in line with it."""

    @field_validator("store")
    @classmethod
    def _file(cls, store: Path) -> Path:
        if not store.name:  # '.' and '/', beside which nothing can stand
            raise ValueError(f"'{store}' is a folder; a store is a file, such as news.duckdb")
        return store

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            return value
        return [ip_network(part.strip(), strict=False) if isinstance(part, str) else part for part in parts]

    @field_validator("user_agent")
    @classmethod
    def _sendable(cls, agent: str | None) -> str | None:
        if agent is not None and not (agent.isascii() and agent.isprintable() and agent.strip()):
            raise ValueError("a User-Agent is one line of printable ASCII")
        return agent

    @property
    def reachable(self) -> bool:
        """Whether the User-Agent says where its owner can be reached: an address or a mail."""
        return re.search(r"https?://\S|\S@\S", self.user_agent or "") is not None

    @field_validator("assumed_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError as error:  # a KeyError, which pydantic lets pass
            raise ValueError(f"there is no time zone '{name}'") from error
        return name

    @property
    def labelling(self) -> Labelling:
        """What decides about labels."""
        return Labelling(rules=self.topics, topic_model=self.topic_model, entity_engine=self.entity_engine, entity_model=self.entity_model)

    @property
    def writer_store(self) -> Path:
        """The file that belongs to the one writing process."""
        return writer_path(self.store)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values are looked for, the strongest first."""
        del dotenv_settings, file_secret_settings  # two places to look are enough
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def writer_path(store: Path) -> Path:
    """Return where the writer's file of a store stands: `news.writer.duckdb` beside `news.duckdb`."""
    return store.with_name(f"{store.stem}.writer{store.suffix}")
