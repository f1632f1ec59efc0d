"""Core: the Jinja2 environment, and what is said when a template of the user's is broken."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from jinja2.bccache import Bucket

from ..models import Refusal
from .bounds import BoundedEnvironment
from .wrap import wrap

T = TypeVar("T")

SUBJECT, TEXT, PAGE = "digest/subject.txt", "digest/body.txt", "digest/page.html"
MAIL_PAGE, MAIL_TEXT = "mail/mail.html", "mail/mail.txt"
FOLDERS = ("digest/", "mail/", "page/")
"""Where templates lie: of editions, of their mails, of the archive."""

# What a template can raise besides Jinja's own errors: {{ 1 + "a" }}, {{ 1 / 0 }}, {{ x[9] }}, a file that is
# not UTF-8, a macro that calls itself without end.
TEMPLATE_ERRORS = (
    jinja2.TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
    MemoryError,
)


MOST_COMPILED = 500
"""Templates kept compiled. There are some thirty; of each edit of a user's file one is left behind."""


class _Compiled(jinja2.BytecodeCache):
    """What templates compile to, known to every environment of a process: all of them take a second."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fills the bucket, where there is something for this file with this text."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps what is in the bucket."""
        if len(self._codes) >= MOST_COMPILED:
            self._codes.clear()
        if bucket.code:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class TemplateProblem(Refusal):
    """A template that cannot be read or rendered: file, line (0 where not known) and what is wrong."""

    def __init__(self, message: str, file: str, line: int = 0) -> None:
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")
        self.message = message
        self.file = file
        self.line = line


class _Read(jinja2.BaseLoader):
    """Templates as they were read from a folder."""

    def __init__(self, texts: Mapping[str, str], folder: Path) -> None:
        self._texts, self.folder = texts, folder

    def get_source(
        self,
        environment: jinja2.Environment,  # noqa: ARG002 - the interface of loaders
        template: str,
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        """Text and file of a template. Raises TemplateNotFound."""
        if template not in self._texts:
            raise jinja2.TemplateNotFound(template)
        return self._texts[template], str(self.folder / template), lambda: True

    def list_templates(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._texts)


def environment(
    folders: Sequence[Path], *, own: Mapping[str, str] | None = None, own_folder: Path = Path("templates")
) -> jinja2.Environment:
    """Template folders, the user's first and the built-in last → the environment that reads from them.

    `own` are templates of the user's, by name, that were read from `own_folder` and go before the folders.

    A file of the user's stands in for the built-in one of the same name. Names are relative to the folders:
    "digest/page.html". HTML is autoescaped, text is not. An unknown name is an error, not an empty string.
    Where there are folders of the user's, a template that does too much is stopped: see `bounds`.
    """
    env = BoundedEnvironment(
        limited=len(folders) > 1 or bool(own),
        loader=jinja2.ChoiceLoader([_Read(own or {}, own_folder), jinja2.FileSystemLoader(folders)]),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        bytecode_cache=_COMPILED,
    )
    env.add_filter("wrap", wrap)
    return env


def has_users_templates(env: jinja2.Environment) -> bool:
    """Whether it reads from folders of the user's: what fails then can be tried without them."""
    return isinstance(env, BoundedEnvironment) and env.limited


def rendered(env: jinja2.Environment, name: str, context: dict[str, Any]) -> str:
    """One template with its context → text. Raises TemplateProblem."""
    if isinstance(env, BoundedEnvironment):
        env.begin(context)
    return guarded(env, name, lambda: env.get_template(name).render(context))


def guarded(env: jinja2.Environment, name: str, work: Callable[[], T]) -> T:
    """The result of `work` on the template `name`; its errors as TemplateProblem with the place."""
    try:
        return work()
    except TEMPLATE_ERRORS as error:
        raise _problem(error, env, name) from error


def _problem(error: Exception, env: jinja2.Environment, name: str) -> TemplateProblem:
    if isinstance(error, jinja2.TemplateSyntaxError):
        return TemplateProblem(
            error.message or "syntax error", error.filename or error.name or name, error.lineno
        )
    if isinstance(error, UnicodeDecodeError):
        return TemplateProblem("is not UTF-8 text", name)
    file, line = _place(error, env) or (name, 0)
    if isinstance(error, jinja2.TemplateNotFound):
        return TemplateProblem(f"there is no template {error.name}", file, line)
    return TemplateProblem(str(error) or type(error).__name__, file, line)


def _place(error: Exception, env: jinja2.Environment) -> tuple[str, int] | None:
    """File and line of the innermost frame in a template: Jinja2 writes them into the traceback."""
    folders = _folders(env.loader)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if any(Path(frame.filename).is_relative_to(folder) for folder in folders):
            return frame.filename, frame.lineno or 0
    return None


def _folders(loader: jinja2.BaseLoader | None) -> list[str | Path]:
    """Where the templates of a loader lie."""
    match loader:
        case jinja2.ChoiceLoader():
            return [folder for one in loader.loaders for folder in _folders(one)]
        case jinja2.FileSystemLoader():
            return [*map(str, loader.searchpath)]
        case _Read():
            return [loader.folder]
        case _:
            return []
