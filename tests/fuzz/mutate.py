"""Spoils documents: the same ones each time for the same `Random`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random


def mutants(seeds: Sequence[bytes], words: Sequence[bytes], longest: int, random: Random) -> Iterator[bytes]:
    """Without end: a seed after one to four changes, at most `longest` bytes of it."""
    while True:
        data = random.choice(seeds)
        for _ in range(random.randint(1, 4)):
            data = _changed(data, random.choice(seeds), random.choice(words), random)
        yield data[:longest]


def _changed(data: bytes, other: bytes, word: bytes, random: Random) -> bytes:  # noqa: PLR0911 - one case a change
    start, end = _piece(data, random)
    match random.randrange(8):
        case 0:  # a bit
            return (
                data[:start]
                + bytes(byte ^ 1 << random.randrange(8) for byte in data[start:][:1])
                + data[start + 1 :]
            )
        case 1:  # a byte
            return data[:start] + bytes([random.randrange(256)]) + data[start + 1 :]
        case 2 | 3:
            return data[:start] + word + data[start:]
        case 4:  # in place of a piece
            return data[:start] + word + data[end:]
        case 5:  # without a piece
            return data[:start] + data[end:]
        case 6:  # a piece over and over
            return data[:start] + data[start:end] * random.randint(2, 40) + data[end:]
    first, last = _piece(other, random)
    return data[:start] + other[first:last] + data[start:]


def _piece(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** random.uniform(0, 9)))
