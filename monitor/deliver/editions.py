"""I/O: an edition as files in a folder of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..models import ARCHIVE_FOLDERS, Edition, Message, Published
from .files import DeliveryError, explained, is_name, write

LATEST, PREVIEW = "latest", "preview"
OURS = (LATEST, PREVIEW)


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
    with explained(folder):
        _write_all(folder, published.message)
        if _is_newest(folder):
            write(folder.parent / LATEST / "index.html", published.message.html)
    return _paths(folder)


def edition_files(published: Published, *, latest: bool) -> Iterator[tuple[str, str]]:
    """An edition as `write_site` takes it, with the copy that is the latest page where it is that.

    Raises DeliveryError for a name that is no folder name.
    """
    folder, message = _folder(Path(), published.edition), published.message
    where = _paths(folder)
    yield from (
        (path.as_posix(), text)
        for path, text in ((where.text, message.text), (where.json, message.json), (where.html, message.html))
    )
    if latest:
        yield (folder.parent / LATEST / "index.html").as_posix(), message.html


def newest(editions: Iterable[Edition]) -> Edition:
    """The edition of a digest that its `latest` shows; at least one is given."""
    return max(editions, key=lambda edition: _order(edition.name))


def write_preview(output: Path, edition: Edition, message: Message) -> WrittenPaths:
    """Writes what an edition would be, over the preview before it. Raises DeliveryError."""
    folder = _folder(output, edition).parent / PREVIEW
    with explained(folder):
        _write_all(folder, message)
    return _paths(folder)


def _paths(folder: Path) -> WrittenPaths:
    return WrittenPaths(folder / "index.html", folder / "digest.txt", folder / "digest.json")


def _write_all(folder: Path, message: Message) -> None:
    where = _paths(folder)
    write(where.text, message.text)
    write(where.json, message.json)
    write(where.html, message.html)


def _folder(output: Path, edition: Edition) -> Path:
    if edition.digest in ARCHIVE_FOLDERS:
        raise DeliveryError(
            f"Cannot write edition {edition.name!r} of {edition.digest!r}: the archive has a folder "
            f"{edition.digest!r} of its own. Give the digest another name in config.yaml."
        )
    for name in (edition.digest, edition.name):
        if not is_name(name) or name in OURS:
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
