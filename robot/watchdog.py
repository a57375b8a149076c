"""Tells systemd that the robot is up and not stuck (sd_notify); does nothing where systemd did not start it."""

from __future__ import annotations

import contextlib
import os
import socket
import time

_EVERY_SECONDS = 2.0


class Watchdog:
    """Call alive often; it speaks every two seconds."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._last = 0.0

    def ready(self) -> None:
        """The robot works."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The beat goes on."""
        if self._address and time.monotonic() - self._last > _EVERY_SECONDS:
            self._last = time.monotonic()
            self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(message.encode(), address)
