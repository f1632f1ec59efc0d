"""I/O: the one error that fetching raises."""

from __future__ import annotations


class FetchError(Exception):
    """A source gave no document. The message is a sentence for the analyst: what, where, what to do."""

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None, gone: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, where there was an answer at all."""
        self.retry_after = retry_after
        """Seconds the server asks us to wait (RFC 9110, 10.2.3)."""
        self.gone = gone
        """Whether the publisher says that the feed is removed for good (RFC 9110, 15.5.11)."""


def quoted(text: str, limit: int = 100) -> str:
    """A stranger's words made fit for a message: printable, at most `limit` characters, in quotes."""
    shown = "".join(char if char.isprintable() else "�" for char in text[: limit + 1])
    return f"“{shown[:limit]}…”" if len(shown) > limit else f"“{shown}”"
