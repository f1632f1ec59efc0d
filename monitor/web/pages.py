"""I/O: what is answered: files of the archive, whether all is well, and the numbers for Prometheus."""

from __future__ import annotations

import asyncio
import os
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

import anyio.to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

from ..models import Status

TYPES = {
    ".html": "text/html",
    ".txt": "text/plain",
    ".json": "application/json",
    ".atom": "application/atom+xml",
}
"""What the archive consists of. Nothing else in its folder is served: it might be the database."""
JSON_FEED = "application/feed+json"
METRICS = "text/plain; version=0.0.4; charset=utf-8"
REMEMBERED = 1.0
"""Seconds for which an answer that takes work is given again: many may ask, and it is made once."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # as deliver writes them: nothing hidden, no way up

T = TypeVar("T")


def application(output: Path, status: Callable[[], Status], metrics: Callable[[], str]) -> Starlette:
    """Everything that is served; GET and HEAD only, 405 for what is not."""
    well, numbers = _Remembered(status), _Remembered(metrics)
    archive = Archive(output)

    async def healthz(request: Request) -> Response:
        return _health(await well.get(), request)

    async def figures(_request: Request) -> Response:
        return Response(await numbers.get(), headers={"Content-Type": METRICS, "Cache-Control": "no-store"})

    async def page(request: Request) -> Response:
        return await archive.answer(request.scope)

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/metrics", figures), Route("/{path:path}", page)]
    )


def _health(status: Status, request: Request) -> Response:
    code = 200 if status.is_well else 503
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if "application/json" in request.headers.get("accept", ""):
        content = {
            "schema_version": 1,
            "ok": status.is_well,
            "last_poll": status.last_poll.isoformat().replace("+00:00", "Z") if status.last_poll else None,
            "problems": status.problems,
            "remarks": status.remarks,
        }
        return JSONResponse(content, code, headers)
    lines = (*(status.problems or ("ok",)), *status.remarks)
    return PlainTextResponse("".join(f"{line}\n" for line in lines), code, headers)


class _Remembered(Generic[T]):
    """An answer that is made in a thread of its own, once for all who ask within REMEMBERED seconds."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: tuple[float, T] | None = None
        self._making = asyncio.Lock()

    async def get(self) -> T:
        async with self._making:
            if self._made is None or time.monotonic() - self._made[0] >= REMEMBERED:
                # Abandoned where the server is stopped: it does not wait for a locked database.
                answer = await anyio.to_thread.run_sync(self._make, abandon_on_cancel=True)
                self._made = time.monotonic(), answer
            return self._made[1]


class Archive(StaticFiles):
    """The files under the output folder, whether it is there already or not."""

    def __init__(self, output: Path) -> None:
        super().__init__(directory=output, html=True, check_dir=False)
        self._output = output

    async def answer(self, scope: Scope) -> Response:
        """The file that a request asks for. Raises HTTPException, 404, for what is not to be seen."""
        path = self.get_path(scope)
        response = await self.get_response(path, scope)
        if isinstance(response, RedirectResponse):
            # Relative: behind a proxy only the browser knows the whole address.
            return RedirectResponse(f"{PurePosixPath(path).name}/")
        return response

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """(path on the disk, what is there) of a path under the folder, a symbolic link followed within it.

        What is hidden, leads out, cannot be read or is of no known type is not there.
        """
        nothing = "", None
        if path == "404.html" or (path != "." and not all(map(_NAME.fullmatch, PurePosixPath(path).parts))):
            return nothing
        try:
            found, about = super().lookup_path(path)
        except OSError:
            return nothing
        if about is None or not _is_shown(self._output, found):
            return nothing
        return (found, about) if stat.S_ISDIR(about.st_mode) or Path(found).suffix in TYPES else nothing

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file with its own type. A browser keeps it, and asks each time whether it has changed."""
        path = Path(full_path)
        is_feed = path.suffix == ".json" and path.parent.name == "feeds"
        response = FileResponse(
            full_path,
            status_code,
            {"Cache-Control": "no-cache"},
            JSON_FEED if is_feed else TYPES[path.suffix],
            stat_result=stat_result,
        )
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


def _is_shown(output: Path, found: str) -> bool:
    """Whether what a path leads to may be seen under that name too."""
    return all(map(_NAME.fullmatch, Path(found).relative_to(output.resolve()).parts))
