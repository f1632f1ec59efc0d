"""`make image-test`: the image as it ships, from the Dockerfile, run under the limits of compose.yaml."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import PROJECT
from .loopback import Loopback
from .podman import USER, Podman, lacking
from .program import DIGESTS, RULES, rss

TAG = "localhost/uk-china-monitor:test"
SHARED_LIMITS = (
    *("--cap-drop=all", "--security-opt=no-new-privileges"),
    *("--memory=1g", "--pids-limit=200"),
)
READ_ONLY = ("--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp")
MOST_MEGABYTES = 250
"""What the image may have beyond its base."""
PROJECT_FILE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def podman() -> Iterator[Podman]:
    """The engine, with the image built."""
    needed = "image" in os.environ.get("MONITOR_TESTS_NEED", "")
    if not (needed or os.environ.get("MONITOR_TESTS_IMAGE")):
        pytest.skip("the image was not built: `make image-test` does that")
    if why := lacking():
        if needed:
            pytest.fail(f"the image must be tried here: {why}")
        pytest.skip(f"the image was not built: {why}")
    with Podman() as engine:
        engine.build(PROJECT, TAG)
        yield engine


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty volume."""
    return owned(tmp_path / "data")


def owned(folder: Path) -> Path:
    """A folder that is the container's user's alone."""
    folder.mkdir(mode=0o750)
    os.chown(folder, USER, USER)
    return folder


def test_the_image_says_what_it_is_and_how_it_is_watched(podman: Podman) -> None:
    image = podman.image(TAG)
    config = image["Config"]

    assert config["User"] == f"{USER}:{USER}"
    assert image["Healthcheck"]["Test"] == ["CMD", "monitor", "health"]
    assert config["StopSignal"] == "SIGTERM"
    assert [*config["Volumes"]] == ["/data"]
    # /tmp is small there: a large database is made smaller where there is room.
    assert "SQLITE_TMPDIR=/data" in config["Env"]
    assert config["Labels"]["org.opencontainers.image.version"] == PROJECT_FILE["version"]


def test_the_image_is_small(podman: Podman, capsys: pytest.CaptureFixture[str]) -> None:
    whole, base = (podman.image(tag)["Size"] / 1e6 for tag in (TAG, "python:3.11-slim-bookworm"))
    stand_in = " (a stand-in made of Debian packages)" if podman.is_stand_in() else ""

    with capsys.disabled():
        print(  # noqa: T201 - the figure is what one wants to see
            f"\nimage: {whole:.0f} MB, {whole - base:.0f} MB more than its base{stand_in}"
        )
    assert 10 < whole - base < MOST_MEGABYTES


def test_the_image_has_no_installer_and_no_trace_of_the_build(podman: Podman) -> None:
    left = podman(
        *("run", "--rm", "--network=none", "--entrypoint=sh", TAG, "-c"),
        "ls /opt/venv/bin | grep ^pip; ls /src /wheels /opt/build; find / -xdev -name .git; true",
    )

    assert left.stdout == ""


def test_a_first_start_with_nothing_writes_a_starter_and_says_what_to_do_next(
    podman: Podman, data: Path
) -> None:
    limits = ("--network=none", *READ_ONLY, *SHARED_LIMITS, "--volume", f"{data}:/data")
    with podman.running(TAG, *limits) as container:
        container.wait_for("service=started")
        who = container.exec("id", "-u").stdout.strip()
        written = container.exec("sh", "-c", "touch /opt/venv/x /config/x /x", ok=(1,)).stderr
        checked = container.exec("monitor", "check")
        unread = container.exec("monitor", "health", ok=(1,)).stdout
        code, seconds = container.stop()
        first = container.logs()
        podman("start", container.name)
        container.wait_for("service=started", times=2)
        code_again, _ = container.stop()
        again = container.logs()

    assert "wrote a starter, /data/config.yaml" in first
    assert "docker cp CONTAINER:/data/config.yaml config/" in first
    assert (data / "config.yaml").read_bytes() == (PROJECT / "config.yaml").read_bytes()
    assert (data / "monitor.db").stat().st_uid == USER
    assert who == str(USER)
    assert written.count("Read-only file system") == 3
    assert "sources" in checked.stdout
    assert unread != ""
    assert (code, code_again) == (0, 0)
    assert seconds < 10
    assert again.count("wrote a starter") == 1
    assert again.count("service=started") == 2


def test_the_service_polls_and_makes_its_digest_on_the_volume_and_writes_nowhere_else(
    podman: Podman, data: Path, tmp_path: Path
) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(("Starmer meets Xi in Beijing", "The UK and China talk about tariffs.")))
        config = tmp_path / "config"
        config.mkdir()
        (config / "config.yaml").write_text(loopback_config(site), encoding="utf-8")
        mounts = ("--volume", f"{data}:/data", "--volume", f"{config}:/config:ro")
        # Not read-only, so that a file written in the wrong place is seen and not refused.
        with podman.running(TAG, "--network=host", *SHARED_LIMITS, *mounts) as container:
            container.wait_for("source=gazette .*status=ok")
            podman("healthcheck", "run", container.name)
            container.exec("monitor", "digest")
            container.exec("touch", "/tmp/seen")
            code, seconds = container.stop()
            changed = podman("diff", container.name).stdout.splitlines()

    # Made at the start where a morning's edition was due, else by hand.
    (page,) = (data / "site" / "daily").glob("2*/index.html")
    assert "Starmer meets Xi in Beijing" in page.read_text(encoding="utf-8")
    assert (page.stat().st_uid, page.stat().st_gid) == (USER, USER)
    assert site.count("/feed") == 1
    assert (code, seconds < 10) == (0, True)
    assert not (data / "config.yaml").exists()
    assert [line for line in changed if line.split()[1] not in ENGINES_OWN] == ["C /tmp", "A /tmp/seen"]


ENGINES_OWN = {
    *("/config", "/data", "/run", "/run/.containerenv", "/run/secrets"),
    *("/etc", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab"),
}
"""Mount points, and the files that podman puts into every container."""


def loopback_config(site: Loopback) -> str:
    """One source, on this machine; database and pages as in the shipped config."""
    return (
        "database: ${MONITOR_DATA:-data}/monitor.db\noutput: ${MONITOR_DATA:-data}/site\n"
        f'network: {{allow_private: ["{site.host}"]}}\n'
        f"sources:\n  - {{id: gazette, url: '{site.url('/feed')}', kind: uk-media}}\n{RULES}{DIGESTS}"
    )


def test_a_volume_that_is_not_the_containers_own_is_refused_with_what_to_do(
    podman: Podman, tmp_path: Path
) -> None:
    (tmp_path / "roots").mkdir(mode=0o755)
    limits = ("--network=none", *READ_ONLY, *SHARED_LIMITS, "--volume", f"{tmp_path / 'roots'}:/data")
    started = time.monotonic()

    refused = podman("run", "--rm", *limits, TAG, ok=(2,))

    assert "/data/config.yaml" in refused.stderr
    assert f"chown -R {USER}:{USER} FOLDER" in refused.stderr
    assert time.monotonic() - started < 10
