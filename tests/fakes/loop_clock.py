"""The clock of the running event loop, stopped or moved on: a test reaches a deadline without waiting
for it, and none that it does not want."""

import asyncio

import pytest


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """From now on it is so many seconds later for this loop; what was due meanwhile happens next."""
    loop = asyncio.get_running_loop()
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + seconds)


def stop_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no time passes for this loop, but what `pass_time` lets pass."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    monkeypatch.setattr(loop, "time", lambda: now)
