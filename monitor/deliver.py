"""I/O: puts published editions where readers find them: as files under the output folder.

    <output>/<digest>/<edition>/index.html  digest.txt  digest.json
    <output>/<digest>/latest/index.html     a copy of the newest edition's page
    <output>/<digest>/preview/…             what an edition would be; nothing counts on it

A file appears whole or not at all, and writing an edition again writes the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .models import Edition, Message, Published, Refusal

LATEST, PREVIEW = "latest", "preview"
OURS = (LATEST, PREVIEW)
# Names come from the config and from our own counters, never from a feed; this is the lock on that door.
_FOLDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class DeliveryError(Refusal):
    """An edition could not be written. Says which file, why, and what to do; nothing is half-written."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class WrittenPaths:
    """Where an edition now lies."""

    html: Path
    text: Path
    json: Path


def paths(output: Path, edition: Edition) -> WrittenPaths:
    """Where an edition's files are, or will be. Raises DeliveryError for a name that is no folder name."""
    return _paths(_folder(output, edition))


def write_edition(output: Path, published: Published) -> WrittenPaths:
    """Writes an edition's page, text and JSON under `output`, made where it is missing. Raises DeliveryError.

    The page comes last: where it is, the others are. `latest` follows unless a later edition is there.
    """
    folder = _folder(output, published.edition)
    with _explained(folder):
        _write_all(folder, published.message)
        if _is_newest(folder):
            _write(folder.parent / LATEST / "index.html", published.message.html)
    return _paths(folder)


def write_preview(output: Path, edition: Edition, message: Message) -> WrittenPaths:
    """Writes what an edition would be, over the preview before it. Raises DeliveryError."""
    folder = _folder(output, edition).parent / PREVIEW
    with _explained(folder):
        _write_all(folder, message)
    return _paths(folder)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeliveryError(
            f"Cannot write {error.filename or folder}: {error.strerror or error}. "
            "Check that there is space and that this user may write, or set another `output` in config.yaml."
        ) from error


def _paths(folder: Path) -> WrittenPaths:
    return WrittenPaths(folder / "index.html", folder / "digest.txt", folder / "digest.json")


def _write_all(folder: Path, message: Message) -> None:
    where = _paths(folder)
    _write(where.text, message.text)
    _write(where.json, message.json)
    _write(where.html, message.html)


def _folder(output: Path, edition: Edition) -> Path:
    for name in (edition.digest, edition.name):
        if not _FOLDER_NAME.fullmatch(name) or name in OURS:
            raise DeliveryError(
                f"Cannot write edition {edition.name!r} of {edition.digest!r}: {name!r} is no folder name. "
                "Use letters, digits, dots and hyphens in the names of digests."
            )
    return output / edition.digest / edition.name


def _is_newest(folder: Path) -> bool:
    """Whether no later edition lies beside this one: an old one written again must not become the latest."""
    editions = [page.parent.name for page in folder.parent.glob("*/index.html")]
    return all(_order(name) <= _order(folder.name) for name in editions if name not in OURS)


def _order(name: str) -> tuple[int, ...]:
    """2026-01-29-2 comes after 2026-01-29 and before 2026-01-29-10."""
    return tuple(int(number) for number in re.findall(r"\d+", name))


def _write(path: Path, content: str) -> None:
    """Writes a file beside its place, makes it durable, and moves it there in one step (POSIX rename)."""
    draft = path.with_name(f".{path.name}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("wb") as file:
        file.write(content.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """Makes a rename survive a power cut: the name is the folder's content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
