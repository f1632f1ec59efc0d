"""I/O: hands mails to a mail server by SMTP (RFC 5321), one transaction a recipient.

The one question of this room is what became of a mail: taken, surely not taken, or not to be known. So each
step has a deadline of its own, which a server that sends a byte now and then cannot outlast; being stopped is
noticed at once; and the moment in which the last byte of a mail was handed to the kernel divides "surely not"
from "not to be known". Encrypted connections are verified always; there is no switch for that.

`session` talks to the server, `login` names the user, `talk` is commands and replies, `wire` is bytes under a
deadline, `replies` are the server's words made fit to be shown, `patience` is that deadline.
"""

from __future__ import annotations

from .patience import Unreachable, never
from .session import DEFAULTS, Session, Timeouts, session

__all__ = ["DEFAULTS", "Session", "Timeouts", "Unreachable", "never", "session"]
