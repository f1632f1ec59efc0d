"""Shell: a service's config and templates: read again when edited, kept where the edit cannot be used.

What is the matter with them is told to everybody, on pages too: without what stands between quotation marks,
which may be an address or a password in the wrong place. `monitor check` tells all of it.
"""

from __future__ import annotations

import hashlib
import logging
import re
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .. import archive, render, resources, schedule
from ..config import Config, ConfigError
from ..models import Trouble

log = logging.getLogger("monitor")

FIXED = {"database": "database", "web.listen": "web_listen", "output": "output"}
"""Keys of the config that count only at the start, and their names in Config."""
SUFFIXES = (".html", ".txt")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*@[^']*'")
_ABOUT_KEYS = re.compile(r'unknown key "[^"]*"$|"\w+" is (missing here|empty)$')
SETTLES = 2.0
"""Seconds that a file must have lain untouched, unless somebody has said that it was changed: an editor may
be in the middle of writing it."""


class LiveConfig:
    """The last config that could be used, and what is the matter with the file since."""

    def __init__(self, config: Config, load: Callable[[], Config], *, is_current: bool = True) -> None:
        """`load` reads the file anew and raises ConfigError; `is_current`: the file is as it was read."""
        self.config = config
        self.trouble: Trouble | None = None
        self.templates = LiveTemplates(config.file.parent / "templates", resources.templates())
        self.is_unsettled = False
        """Whether the file has changed and is left alone for SETTLES."""
        self._load = load
        self._noticed = threading.Event()
        self._seen = _fingerprint(config.file) if is_current else ""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """All that is the matter, with the config and with templates."""
        return tuple(filter(None, (self.trouble, self.templates.trouble)))

    @property
    def trouble_told(self) -> str:
        """The troubles on one line; "" where there is none."""
        return " ".join(f"{trouble.where}: {trouble.text}" for trouble in self.troubles)

    def differs(self) -> bool:
        """Whether the files are others than when they were last looked at. For any thread."""
        return _fingerprint(self.config.file) != self._seen or self.templates.differs()

    def notice(self) -> None:
        """Somebody has seen the file change. May be called in any thread."""
        self._noticed.set()

    def refresh(self) -> bool:
        """Reads the file again where its bytes have changed. Whether there is another config now."""
        was_noticed = self._noticed.is_set()
        self._noticed.clear()
        self.is_unsettled = False
        now = _fingerprint(self.config.file)
        if now == self._seen:
            return False
        if not was_noticed and _is_being_written(self.config.file):
            self.is_unsettled = True
            return False
        self._seen = now
        try:
            found = self._load()
        except ConfigError as error:
            self._refuse(error)
            return False
        if _sources_on(self.config) and not _sources_on(found):
            self._keep(self.config.file.name, "It has no source that is switched on.")
            return False
        self._use(found)
        return True

    def _use(self, found: Config) -> None:
        config = self.config
        later = [key for key, name in FIXED.items() if getattr(found, name) != getattr(config, name)]
        for key in later:
            log.warning("config=changed %s=ignored reason=needs_a_restart", key)
        self.config = replace(
            found, database=config.database, web_listen=config.web_listen, output=config.output
        )
        self.trouble = None
        if later:
            text = f"An edit of {' and '.join(later)} is used when the service is started again."
            self.trouble = Trouble("config", config.file.name, text)
        log.info(
            "config=changed used=yes rules=%s sources=%d", found.rulebook.version, len(_sources_on(found))
        )

    def _refuse(self, error: ConfigError) -> None:
        first, *others = error.problems
        more = f" And {len(others)} more." if others else ""
        where = (
            f"{Path(first.file).name}:{first.line}:{first.column}" if first.line else self.config.file.name
        )
        message = fit_for_all(first.message)
        self._keep(where, f"{message[:1].upper()}{message[1:]}.{more}")

    def _keep(self, where: str, text: str) -> None:
        self.trouble = Trouble("config", where, f"{text} The last good one is used.")
        log.error('config=changed used=no where=%s problem="%s"', where, text)


class LiveTemplates:
    """The user's templates as they last passed the check, and what is the matter with the files since."""

    def __init__(self, folder: Path, built_in: Path) -> None:
        self.trouble: Trouble | None = None
        self.environment = render.environment([built_in])
        """What editions are made with: the built-in templates alone where the user's never passed."""
        self._folder, self._built_in = folder, built_in
        self._seen: tuple[object, ...] = ()
        self._passed = False

    def differs(self) -> bool:
        """Whether the files are others than when they were last looked at."""
        return self._stamps() != self._seen

    def refresh(self) -> None:
        """Reads and checks the files again where they have changed."""
        stamps = self._stamps()
        if stamps == self._seen:
            return
        is_first, self._seen = not self._seen, stamps
        try:
            own = self._read()
        except _NoText as error:
            self._keep(self._told(error.file), error.why)
            return
        found = render.environment([self._built_in], own=own, own_folder=self._folder)
        problems = (*render.check_templates(found), *archive.check_templates(found)) if own else ()
        if problems:
            line = f":{problems[0].line}" if problems[0].line else ""
            self._keep(
                f"{self._told(Path(problems[0].file))}{line}", fit_for_all(problems[0].message.rstrip("."))
            )
            return
        self.environment, self.trouble, self._passed = found, None, True
        if own or not is_first:
            log.info("templates=changed used=yes own=%d", len(own))

    def _keep(self, where: str, problem: str) -> None:
        used = "The last good ones are used" if self._passed else "The built-in ones are used"
        self.trouble = Trouble("template", where, f"{problem[:1].upper()}{problem[1:]}. {used}.")
        log.error('templates=changed used=no where=%s problem="%s"', where, problem)

    def _told(self, file: Path) -> str:
        """The file without the folders above, which are nobody's business."""
        above = self._folder if file.is_relative_to(self._folder) else self._built_in
        return f"templates/{file.relative_to(above).as_posix()}" if file.is_relative_to(above) else file.name

    def _files(self) -> list[Path]:
        return [path for name in render.FOLDERS for path in sorted((self._folder / name).rglob("*"))]

    def _stamps(self) -> tuple[object, ...]:
        """Of each file its name, size and times: another one for other bytes."""
        found: list[object] = ["looked"]
        for path in self._files():
            try:
                about = path.stat()
            except OSError:
                continue
            if not stat.S_ISDIR(about.st_mode):
                found.append((str(path), about.st_size, about.st_mtime_ns, about.st_ino))
        return tuple(found)

    def _read(self) -> dict[str, str]:
        """Name → text of each file. Raises _NoText."""
        return {
            path.relative_to(self._folder).as_posix(): _text(path)
            for path in self._files()
            if path.suffix in SUFFIXES and path.is_file()
        }


class _NoText(Exception):  # noqa: N818 - of a file
    """A file that cannot be read as text."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"{file}: {why}")
        self.file, self.why = file, why


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _NoText(file, "it is not UTF-8 text") from None
    except OSError as error:
        raise _NoText(file, f"it cannot be read: {error.strerror}") from None


def fit_for_all(message: str) -> str:
    """A message without what stands in quotation marks, but for names of keys."""
    if "@" not in message and _ABOUT_KEYS.match(message):
        return message
    return _QUOTED.sub('"…"', message)


def _fingerprint(file: Path) -> str:
    """Of a file's bytes; "" for one that is not there or cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _is_being_written(file: Path) -> bool:
    try:
        age = schedule.utc_now().timestamp() - file.stat().st_mtime
    except OSError:
        return False
    return abs(age) < SETTLES


def _sources_on(config: Config) -> tuple[str, ...]:
    return tuple(source.id for source in config.sources if source.enabled)
