"""I/O: frames: a length of four bytes (big-endian), then so many bytes."""

from __future__ import annotations

import struct
from typing import IO

MIB = 1024 * 1024
MAX_ANSWER = 64 * MIB
LENGTH = struct.Struct(">I")


def framed(part: bytes) -> tuple[bytes, bytes]:
    """A frame in two pieces, so that nothing large is copied."""
    return LENGTH.pack(len(part)), part


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next frame; None at the end of the pipe."""
    length = pipe.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    size = int(LENGTH.unpack(length)[0])
    frame = pipe.read(size)
    return frame if len(frame) == size else None


def missing_of(length: bytearray, answer: bytearray) -> int:
    """How many bytes still lack of an answer's length, then of itself."""
    if len(length) < LENGTH.size:
        return LENGTH.size - len(length)
    whole = int(LENGTH.unpack(length)[0])
    if whole > MAX_ANSWER:
        raise ValueError(f"longer than {MAX_ANSWER // MIB} MiB")
    return whole - len(answer)
