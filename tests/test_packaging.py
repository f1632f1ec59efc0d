"""Dockerfile, compose.yaml and the pinned packages agree with pyproject.toml and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
PROJECT_FILE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
PINS = [PROJECT / "requirements.txt", PROJECT / "requirements-build.txt"]
PINNED = re.compile("--require-hashes --no-deps --only-binary :all:|--no-deps --no-(index|build-isolation)")
SERVICES = sorted(COMPOSE["services"])


def normal(requirement: str) -> str:
    """The name in a requirement, as the packaging standards compare names."""
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def pinned(path: Path) -> dict[str, str]:
    """Name → version of each package in a requirements file."""
    found = re.findall(r"^([\w.-]+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in found}


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pinned_package_has_hashes_and_none_names_an_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pinned(path)) > 3
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert not re.search("^-", text, re.MULTILINE)


def test_the_pins_hold_every_package_that_the_project_asks_for() -> None:
    extras = PROJECT_FILE["project"]["optional-dependencies"]
    wanted = [*PROJECT_FILE["project"]["dependencies"], *extras["channels"], *extras["datasette"]]

    assert sorted({normal(one) for one in wanted} - {*pinned(PINS[0])}) == [], "run `make pins`"
    assert {normal(one) for one in PROJECT_FILE["build-system"]["requires"]} <= {*pinned(PINS[1])}


def test_the_image_installs_nothing_that_is_not_pinned() -> None:
    code = DOCKERFILE.replace("\\\n", "")
    installs = re.findall(r"pip(?: --python \S+)?\s+(?:install|wheel) [^&\n]*", code)

    assert len(installs) == 4
    assert [line for line in installs if not PINNED.search(line)] == []


def test_the_image_names_no_registry_and_no_package_index() -> None:
    code = "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#"))

    assert re.findall(r"^ARG PYTHON_IMAGE=(.*)$", code, re.MULTILINE) == ["python:3.11-slim-bookworm"]
    assert "://" not in code
    assert not re.search(r"PIP_\w+=http", code)


def test_the_version_of_the_image_is_that_of_the_program() -> None:
    assert f"ARG VERSION={PROJECT_FILE['project']['version']}\n" in DOCKERFILE


def test_compose_passes_the_schema_of_compose_files() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = COMPOSE["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit", "cpus", "tmpfs"} <= {*service}
    assert service["restart"] == "unless-stopped"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_service_alone_starts_unless_a_profile_is_asked_for() -> None:
    assert [name for name in SERVICES if "profiles" not in COMPOSE["services"][name]] == ["monitor"]


def test_only_the_volume_is_written_to_and_the_config_is_read_only() -> None:
    volumes = COMPOSE["services"]["monitor"]["volumes"]

    assert [volume for volume in volumes if not volume.endswith(":ro")] == ["data:/data"]


def test_the_health_check_of_compose_is_that_of_the_image() -> None:
    health = COMPOSE["services"]["monitor"]["healthcheck"]
    options = {name: str(health[name.replace("-", "_")]) for name in ("interval", "timeout", "retries")}

    for name, value in options.items():
        assert f"--{name}={value}" in DOCKERFILE
    assert f"--start-period={health['start_period']}" in DOCKERFILE
    assert 'CMD ["monitor", "health"]' in DOCKERFILE
    assert health["test"] == ["CMD", "monitor", "health"]
