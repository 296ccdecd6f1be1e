"""The clock of the running event loop, moved on: a test reaches a deadline without waiting for it."""

import asyncio

import pytest


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """From now on it is so many seconds later for this loop; what was due meanwhile happens next."""
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + seconds)
