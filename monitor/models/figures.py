"""Core: the numbers that the service is watched by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .deliveries import DeliveryStatus


@dataclass(frozen=True, slots=True)
class Running:
    """What only the service's own process knows."""

    started: datetime
    last_run: datetime | None = None
    """When the last run ended, well or not; a run is one look at all that is due."""
    last_success: datetime | None = None
    """When the last one ended in which nothing failed as a whole."""
    seconds: float | None = None
    """How long the last one took."""
    config_loaded: datetime | None = None
    """When the config that is used was read."""
    config_trouble: str = ""
    """Why the config or a template as it is now could not be used, in a sentence; "" where it is used."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many items of a source came for the first time, with the same first topic."""

    source_id: str
    is_relevant: bool
    topic: str
    """"" for what is irrelevant, and for what is relevant and has no topic."""
    items: int


@dataclass(frozen=True, slots=True)
class LastEdition:
    """The latest edition of a digest."""

    digest: str
    created: datetime
    stories: int
    html_bytes: int
    """Of the HTML part of its mail: some programs cut off what is longer than 102 KB."""


@dataclass(frozen=True, slots=True)
class Posts:
    """How many deliveries of a digest stand at a status."""

    digest: str
    status: DeliveryStatus
    deliveries: int


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the database had come when it was counted. Ids are never used twice."""

    item: int
    """The highest id of an item; 0 without any."""
    delivery: int
    """The highest id of a delivery up to which none is still to be tried."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database can count at once, whatever its size."""

    mark: Mark
    arrived: tuple[Arrived, ...]
    """The items since an earlier mark."""
    posts: tuple[Posts, ...]
    """The deliveries since that mark."""
    editions: tuple[LastEdition, ...]
    waiting_since: datetime | None
    """When the oldest delivery was queued that is still to be tried; None where none is."""
    bytes: int
    """The database, without what is still in its write-ahead log."""
