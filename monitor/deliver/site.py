"""I/O: the archive's pages and feeds under the output folder, and how far they tell.

How far stands in a file beside the pages and not in the database, because it is about the pages: whoever
deletes the folder, moves it or brings back an older one has its own progress with it, and the next run does
what is lacking. The file is written last, after all pages are safely on the disk; a run that was cut short
leaves the old one, and the next run does the work again, which changes nothing that was done.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .files import DeliveryError, explained, is_name, make_durable, write, write_where_new

PROGRESS = ".archive.json"
"""Hidden, so that a web server that lists folders does not show it."""


MANY = 1_000
"""From here on it is quicker to wait for all that the system has still to write."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the archive under an output folder tells."""

    edition_id: int
    """The last edition that it knows."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was done with some pages."""

    changed: int
    """Pages written; the others had the same bytes already and were not touched."""
    unchanged: int
    bytes: int
    """All of them, changed or not."""


def write_site(output: Path, pages: Iterable[tuple[str, str]]) -> Written:
    """Writes pages, (path under `output`, text), each whole or not at all; at the end they are on the disk.

    A page that has the same bytes already is not touched. Raises DeliveryError for a path with a part that is
    no folder name, and where the disk does not allow it; pages before that one stay written.
    """
    changed: list[Path] = []
    unchanged = size = 0
    with explained(output):
        for name, text in pages:
            path, content = _place(output, name), text.encode("utf-8")
            size += len(content)
            if write_where_new(path, content):
                changed.append(path)
            else:
                unchanged += 1
        _settle(changed)
    return Written(len(changed), unchanged, size)


def _settle(changed: list[Path]) -> None:
    """Makes files and their names survive a power cut: one by one, or at once where they are very many."""
    if len(changed) > MANY:
        os.sync()
        return
    for path in (*changed, *sorted({path.parent for path in changed})):
        make_durable(path)


def _place(output: Path, name: str) -> Path:
    parts = name.split("/")
    if not all(map(is_name, parts)):
        raise DeliveryError(
            f"Cannot write the archive's page {name!r}: a part of it is no folder name. "
            "Use letters, digits and hyphens in the names of digests and topics, at most 100 of them."
        )
    return output.joinpath(*parts)


def archive_progress(output: Path) -> Progress | None:
    """How far the archive in this folder tells; None where there is none, or its note cannot be read."""
    try:
        noted = json.loads((output / PROGRESS).read_bytes())
        return Progress(int(noted["edition_id"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_progress(output: Path, progress: Progress) -> None:
    """Notes how far the archive tells. Raises DeliveryError."""
    noted = {"schema_version": 1, "edition_id": progress.edition_id}
    with explained(output):
        write(output / PROGRESS, json.dumps(noted) + "\n")
