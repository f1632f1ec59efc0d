"""The seeds of the fuzzer and some thousand spoilt ones; `make fuzz` goes on for as long as it is let."""

from __future__ import annotations

import time
import zlib
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from .fuzz.mutate import mutants
from .fuzz.targets import TARGETS, Target

SEEDS = [(target, path) for target in TARGETS.values() for path in target.seeds()]
BATCHES = 5
"""Parts of the spoilt inputs of one entry, so that a failure is near its beginning."""


def check(target: Target, data: bytes, what: str) -> None:
    before = time.process_time()
    try:
        target.check(data)
    except Exception as error:
        error.add_note(f"{what}: {data!r}")
        raise
    spent = time.process_time() - before
    assert spent <= target.seconds, f"{spent:.1f} s of processor time for {what}: {data!r}"


@pytest.mark.parametrize(
    ("target", "path"), SEEDS, ids=[f"{target.name}-{path.parent.name}-{path.name}" for target, path in SEEDS]
)
def test_a_seed_keeps_every_promise(target: Target, path: Path) -> None:
    check(target, path.read_bytes(), path.name)


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_spoilt_seeds_keep_every_promise(target: Target, batch: int) -> None:
    seeds = [path.read_bytes() for path in target.stock()]
    words = [word.encode() for word in target.words]
    spoilt = mutants(seeds, words, target.longest, Random(zlib.crc32(f"{target.name} {batch}".encode())))
    for number, data in enumerate(islice(spoilt, target.quick // BATCHES)):
        check(target, data, f"input {number} of batch {batch}")


def test_every_entry_has_seeds_of_its_own() -> None:
    folder = Path(__file__).parent / "fuzz" / "seeds"

    assert {path.name for path in folder.iterdir()} == set(TARGETS)
    assert all(any(folder.joinpath(name).iterdir()) for name in TARGETS)
