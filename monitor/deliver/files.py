"""I/O: how a file is written: whole or not at all, under a name that leads nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..models import Refusal

# Names come from the config and from our own counters, never from a feed; this is the lock on that door.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class DeliveryError(Refusal):
    """A page could not be written. Says which file, why, and what to do; nothing is half-written."""

    exit_code = 1


def is_name(name: str) -> bool:
    """Whether a file or folder may be called that: no way up, nothing hidden, nothing endless."""
    return _NAME.fullmatch(name) is not None


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turns what the disk says into DeliveryError."""
    try:
        yield
    except OSError as error:
        raise DeliveryError(
            f"Cannot write {error.filename or folder}: {error.strerror or error}. "
            "Check that there is space and that this user may write, or set another `output` in config.yaml."
        ) from error


def write(path: Path, content: str) -> None:
    """Writes a file beside its place, makes it durable, and moves it there in one step (POSIX rename)."""
    draft = path.with_name(f".{path.name}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("wb") as file:
        file.write(content.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    make_durable(path.parent)


def write_where_new(path: Path, content: bytes) -> bool:
    """Writes a file unless these very bytes stand there; whether it did. The caller makes it durable."""
    if _holds(path, content):
        return False
    draft = path.with_name(f".{path.name}.draft")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(content)
    draft.replace(path)
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except (FileNotFoundError, NotADirectoryError):
        return False


def make_durable(path: Path) -> None:
    """Makes a file's bytes, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
