"""Builds the Dockerfile and runs the image with podman: as root, without a daemon, without an image registry.

Where no registry has the base image, a stand-in of the same name is made of Debian's packages. It proves what
the Dockerfile does, but not the files of the real base. Storage is kept in the user's cache for a day, so
that a second build takes seconds. As a script it gets the base image and ends.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

BASE = "python:3.11-slim-bookworm"
STAND_IN = "org.example.stand-in"
"""The label of a base image that was made here."""
TOOLS = ("podman", "runc", "mmdebstrap")
USER = 10001
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
BUILD_SECONDS = 600
RUN_SECONDS = 60

STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{cache}/storage"
runroot = "{cache}/run"
"""
# runc, because crun refuses a mixed layout of control groups; limits, because without CAP_SYS_RESOURCE
# podman's own are refused; no systemd is asked for anything.
CONTAINERS = """\
[containers]
cgroups = "enabled"
log_driver = "k8s-file"
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
# What a slim base is, as near as Debian's packages come.
MMDEBSTRAP = """\
mmdebstrap --quiet --format=tar --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv
--dpkgopt=path-exclude=/usr/share/man/* --dpkgopt=path-exclude=/usr/share/locale/*
--dpkgopt=path-exclude=/usr/share/doc/*
"""
HOOKS = (
    'rm -f "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED',
    'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*',
)


def lacking() -> str:
    """Why nothing can be built here, or ""."""
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        return f"{' and '.join(missing)} not installed (apt-get install {' '.join(TOOLS)})"
    return "" if os.geteuid() == 0 else "only root can build and run images here"


class Podman:
    """The engine, with storage and settings of its own. A context manager."""

    def __init__(self) -> None:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self._cache = home / "uk-china-monitor-image"
        self._settings = Path(tempfile.mkdtemp(prefix="podman-"))

    def __enter__(self) -> Self:
        self._cache.mkdir(parents=True, exist_ok=True)
        (self._settings / "storage.conf").write_text(STORAGE.format(cache=self._cache), encoding="utf-8")
        (self._settings / "containers.conf").write_text(CONTAINERS, encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self("image", "prune", "--force", "--filter", "until=24h")
        overlay = self._cache / "storage" / "overlay"
        if overlay.is_mount():
            subprocess.run(["umount", overlay], check=True)
        shutil.rmtree(self._settings)

    def __call__(
        self, *args: str | Path, ok: tuple[int, ...] = (0,), seconds: float = RUN_SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """`podman ARGS`. Fails the test where the exit code is none of `ok`; () takes any."""
        done = subprocess.run(
            ["podman", *map(str, args)],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert not ok or done.returncode in ok, (
            f"podman {' '.join(map(str, args))}\n{done.stdout}{done.stderr}"
        )
        return done

    def build(self, folder: Path, tag: str) -> None:
        """Builds the Dockerfile in `folder`, its base first where there is none."""
        self.get_base()
        trusted = ()
        if self.is_stand_in() and AUTHORITIES.exists():
            # A closed network's own authorities, for pip; they do not stay in the image.
            trusted = ("--volume", f"{AUTHORITIES}:{AUTHORITIES}:ro")
        self(
            *("build", "--format", "docker", "--pull=never", "--isolation", "chroot", "--network", "host"),
            *(*trusted, "--tag", tag, folder),
            seconds=BUILD_SECONDS,
        )

    def is_stand_in(self) -> bool:
        """Whether the base image was made here."""
        return STAND_IN in (self.image(BASE)["Labels"] or {})

    def image(self, tag: str) -> Any:
        """What `podman image inspect` says."""
        return json.loads(self("image", "inspect", tag).stdout)[0]

    def get_base(self) -> None:
        """Fetches the base image, or makes a stand-in for it, where there is none."""
        if not self("image", "exists", BASE, ok=(0, 1)).returncode:
            return
        if self("pull", "--quiet", BASE, ok=(), seconds=BUILD_SECONDS).returncode == 0:
            return
        hooks = [f"--customize-hook={hook}" for hook in HOOKS]
        into = (
            "import",
            "--quiet",
            "--change",
            f"LABEL {STAND_IN}=debian",
            "--change",
            'CMD ["python3"]',
            "-",
            BASE,
        )
        with subprocess.Popen([*MMDEBSTRAP.split(), *hooks, "bookworm", "-"], stdout=subprocess.PIPE) as made:
            subprocess.run(
                ["podman", *into], env=self.environment(), stdin=made.stdout, stdout=subprocess.DEVNULL,
                timeout=BUILD_SECONDS, check=True,
            )  # fmt: skip
        assert made.returncode == 0, "mmdebstrap failed; what it said is on standard error"

    def environment(self) -> dict[str, str]:
        """What podman is run with."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **kept,
            "CONTAINERS_STORAGE_CONF": str(self._settings / "storage.conf"),
            "CONTAINERS_CONF": str(self._settings / "containers.conf"),
        }

    @contextmanager
    def running(self, image: str, *options: str, command: tuple[str, ...] = ()) -> Iterator[Running]:
        """A container of `image`, removed at the end whatever becomes of it."""
        name = self("run", "--detach", *options, image, *command).stdout.strip()
        try:
            yield Running(self, name)
        finally:
            self("rm", "--force", "--volumes", "--time", "0", name)


class Running:
    """A container."""

    def __init__(self, podman: Podman, name: str) -> None:
        self.podman = podman
        self.name = name

    def exec(self, *command: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """A command in it, as its user."""
        return self.podman("exec", self.name, *command, ok=ok)

    def logs(self) -> str:
        """All it has said, on both streams."""
        done = self.podman("logs", self.name)
        return done.stdout + done.stderr

    def wait_for(self, pattern: str, times: int = 1) -> None:
        """Reads its log until so many lines match; fails the test after a minute, or when it ends before."""
        with subprocess.Popen(
            ["podman", "logs", "--follow", self.name],
            env=self.podman.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as following:
            late = threading.Timer(RUN_SECONDS, following.kill)
            late.start()
            try:
                assert following.stdout
                matching = (line for line in following.stdout if re.search(pattern, line))
                found = len([*islice(matching, times)]) == times
            finally:
                late.cancel()
                following.kill()
        assert found, f"no line like {pattern}:\n{self.logs()}"

    def stop(self) -> tuple[int, float]:
        """SIGTERM, and SIGKILL after ten seconds: its exit code, and the seconds that it took."""
        begun = time.monotonic()
        self.podman("stop", "--time", "10", self.name)
        seconds = time.monotonic() - begun
        # `podman stop` is content either way; only the exit code tells whether it had to kill.
        state = json.loads(self.podman("inspect", self.name).stdout)[0]["State"]
        return state["ExitCode"], seconds


if __name__ == "__main__":
    with Podman() as engine:
        engine.get_base()
