"""I/O: a response's body, read and decompressed in small pieces, never past a limit.

httpx decompresses each network chunk whole, so that 3 kB can become a gigabyte before anyone may count. So
only gzip is asked for, the raw bytes are read, and zlib is told how much it may give.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

from monitor.fetch.errors import FetchError, quoted

PIECE = 64 * 1024
"""Bytes that one step of decompression may give."""

_MEMBERS = 1000  # far more than any server sends; each costs time, and an empty one gives no bytes to count
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # by the header: servers call zlib "deflate" (RFC 9110, 8.4.1.2)
_GZIP_MAGIC = b"\x1f"
_INFLATED = {"gzip", "x-gzip", "deflate"}


def read_body(response: httpx.Response, limit: int) -> bytes:
    """The decompressed body of an answer that is being streamed, of at most `limit` bytes.

    Raises FetchError where the body is larger, is compressed in another way or more than once, or is damaged;
    httpcore's errors where the connection fails.
    """
    compressed = _is_compressed(response)
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(response, limit)
    raw = _counted(response, limit)
    body = bytearray()
    for piece in _inflated(response, raw) if compressed else raw:
        body += piece
        if len(body) > limit:
            raise _too_large(response, limit)
    return bytes(body)


def _is_compressed(response: httpx.Response) -> bool:
    value = response.headers.get("content-encoding", "")
    codings = [
        coding for part in value.split(",") if (coding := part.strip().lower()) not in {"", "identity"}
    ]
    if len(codings) > 1 or not _INFLATED.issuperset(codings):
        raise _unreadable(response, f"compressed as {quoted(value)}, while only plain gzip was asked for")
    return bool(codings)


def _counted(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """The raw chunks. What is larger than the limit while compressed is refused as well."""
    for chunk in response.iter_raw():
        if response.num_bytes_downloaded > limit:
            raise _too_large(response, limit)
        yield chunk


def _inflated(response: httpx.Response, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The decompressed pieces; a gzip body may have several members (RFC 1952, 2.2)."""
    inflater = None
    members = 0
    for chunk in chunks:
        data = chunk
        while data:
            if inflater is None or inflater.eof:
                if members and not data.startswith(_GZIP_MAGIC):
                    return  # padding, or a stray newline behind the end: browsers overlook it too
                inflater = zlib.decompressobj(_GZIP_OR_ZLIB)
                members += 1
            if members > _MEMBERS:
                raise _unreadable(response, f"compressed in more than {_MEMBERS} members")
            yield from _pieces(response, inflater, data)
            data = inflater.unused_data
    if inflater is not None and not inflater.eof:
        raise _unreadable(response, "cut short: its compressed data has no end")


def _pieces(response: httpx.Response, inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What `data` gives, at most PIECE bytes at a time."""
    while True:
        try:
            piece = inflater.decompress(data, PIECE)
        except zlib.error as error:
            raise _unreadable(response, f"damaged: it cannot be decompressed ({error})") from error
        yield piece
        data = inflater.unconsumed_tail
        if inflater.eof or not (data or len(piece) == PIECE):
            return


def _too_large(response: httpx.Response, limit: int) -> FetchError:
    return FetchError(
        f"the body is larger than {limit:,} bytes; if that is right, raise max_bytes for this source",
        status=response.status_code,
    )


def _unreadable(response: httpx.Response, why: str) -> FetchError:
    return FetchError(f"the body is {why}; the feed is asked again later", status=response.status_code)
