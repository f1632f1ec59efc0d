"""The program as it is called in the container image: which config it takes, and its first start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor import resources
from monitor.cli.container import prepare
from monitor.config import ConfigError, load

RUN = ["--log-format", "json", "run"]


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """An empty /config."""
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What the image sets; the volume is there and empty."""
    (tmp_path / "data").mkdir()
    return {"MONITOR_DATA": str(tmp_path / "data")}


def config_in(folder: Path) -> Path:
    path = folder / "config.yaml"
    path.write_text("sources: []\n", encoding="utf-8")
    return path


def test_the_first_start_with_nothing_writes_a_starter_to_the_volume_and_says_what_to_do_next(
    mounted: Path, environ: dict[str, str]
) -> None:
    path, news = prepare(RUN, environ, mounted)

    assert path == Path(environ["MONITOR_DATA"]) / "config.yaml"
    assert path.read_bytes() == resources.starter_config().read_bytes()
    assert f"wrote a starter, {path}" in news
    assert f"docker cp CONTAINER:{path} config/" in news


def test_the_starter_keeps_all_it_writes_on_the_volume(mounted: Path, environ: dict[str, str]) -> None:
    path, _ = prepare(RUN, environ, mounted)

    loaded = load(path, environ)

    assert {loaded.database.parent, loaded.output.parent} == {Path(environ["MONITOR_DATA"])}
    assert [digest.to for digest in loaded.digests] == [(), ()]


def test_the_second_start_takes_the_starter_as_the_user_left_it_and_has_no_news(
    mounted: Path, environ: dict[str, str]
) -> None:
    path, _ = prepare(RUN, environ, mounted)
    path.write_text("sources: []\n", encoding="utf-8")

    assert prepare(RUN, environ, mounted) == (path, "")
    assert path.read_text(encoding="utf-8") == "sources: []\n"


def test_a_mounted_config_goes_before_the_one_on_the_volume(mounted: Path, environ: dict[str, str]) -> None:
    prepare(RUN, environ, mounted)
    own = config_in(mounted)

    assert prepare(RUN, environ, mounted) == (own, "")
    assert prepare(["health"], environ, mounted) == (own, "")


def test_the_variable_goes_before_both_and_nothing_is_written(mounted: Path, environ: dict[str, str]) -> None:
    config_in(mounted)
    named = {**environ, "MONITOR_CONFIG": "/elsewhere/config.yaml"}

    assert prepare(RUN, named, mounted) == (Path("/elsewhere/config.yaml"), "")
    assert os.listdir(environ["MONITOR_DATA"]) == []  # noqa: PTH208 - names are all that is wanted


@pytest.mark.parametrize(
    "argv",
    [["health"], ["--config", "/own.yaml", "run"], ["check"], ["search", "run"], ["--help"], []],
    ids=" ".join,
)
def test_only_the_service_without_a_config_of_its_own_writes_a_starter(
    argv: list[str], mounted: Path, environ: dict[str, str]
) -> None:
    path, news = prepare(argv, environ, mounted)

    assert (path.exists(), news) == (False, "")


def test_a_volume_that_cannot_be_written_is_refused_with_whom_it_must_belong_to(
    mounted: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match=rf"chown -R {os.getuid()}:{os.getgid()} FOLDER"):
        prepare(RUN, {"MONITOR_DATA": str(tmp_path / "file")}, mounted)
