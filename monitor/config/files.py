"""Border: which file is the config, its bytes, its text, and the paths that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..models import Problem
from .error import ConfigError

MAX_SIZE = 2_000_000
"""Bytes of the file. A config with a thousand sources and five thousand terms has a tenth of it."""

DATABASE = "data/monitor.db"
"""The database of a config that names none."""


def find(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The config to use: `explicit` (--config), else $MONITOR_CONFIG, else config.yaml in `cwd`.

    Raises ConfigError where there is nothing at that path.
    """
    named = explicit or environ.get("MONITOR_CONFIG")
    path = cwd / (named or "config.yaml")
    if _is_there(path):
        return path
    if not named:
        hint = "run `monitor init` to write one, or name one with --config FILE or $MONITOR_CONFIG"
        raise ConfigError((Problem("there is no config.yaml in this folder", str(path), hint=hint),))
    origin = "--config" if explicit else "$MONITOR_CONFIG"
    hint = (
        f"check the path after {origin}" if explicit else f"check the path in {origin}, or put a config there"
    )
    raise ConfigError((Problem(f"there is no such file; {origin} names it", str(path), hint=hint),))


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:  # there, but not for us: `load` says why
        return True
    return True


def file_bytes(path: Path) -> bytes:
    """What the file holds. Raises ConfigError where it cannot be read, or is too large to be a config."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except FileNotFoundError:
        raise _unreadable(path, "there is no such file", "run `monitor init` to write one") from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a folder", f"name the file: {path / 'config.yaml'}") from None
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or "not a path"
        raise _unreadable(path, f"the file cannot be read: {reason}", "check its permissions") from None
    if len(data) > MAX_SIZE:
        raise _unreadable(path, f"the file is larger than {MAX_SIZE:,} bytes", "is this the config?")
    return data


def _unreadable(path: Path, message: str, hint: str) -> ConfigError:
    return ConfigError((Problem(message, str(path), hint=hint),))


def file_text(data: bytes, path: Path) -> str:
    """UTF-8 text without the byte order mark that some editors put first."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        from .tree import locate  # noqa: PLC0415 - the parser of YAML, for this mistake alone

        before = data[: error.start].decode("utf-8-sig", errors="replace")
        place = locate(before, len(before))
        utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        message = "the file is UTF-16" if utf16 else f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        hint = "save the file as UTF-8"
        raise ConfigError((Problem(message, str(path), place.line, place.column, hint),)) from None


def absolute(written: str, file: Path, environ: Mapping[str, str]) -> Path:
    """An absolute path: ~/ is the home of the environment, a relative one counts from the config's folder."""
    home = environ.get("HOME")
    if written.startswith("~/") and home:
        return Path(home) / written[2:]
    return file.absolute().parent / written
