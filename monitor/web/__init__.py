"""I/O: the small web server beside the service: the archive's pages, /healthz and /metrics. For reading only.

server.py listens and bounds what a client may take, guard.py checks the host and adds headers, pages.py
answers. The only user of starlette and uvicorn.
"""

from __future__ import annotations

from .server import LIMITS, Limits, Server, WebError, serving

__all__ = ["LIMITS", "Limits", "Server", "WebError", "serving"]
