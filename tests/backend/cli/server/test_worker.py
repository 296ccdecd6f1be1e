"""`candor worker`; what workers do together is in `tests/faults/test_scaled_out.py`."""

import sys

import pytest

from backend.errors import ExitCode
from tests.backend.cli.conftest import Candor


def test_it_says_which_package_is_missing(candor: Candor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere/candor")
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    monkeypatch.delitem(sys.modules, "services.work.server_queue", raising=False)
    result = candor("worker")
    assert result.exit_code == ExitCode.UNAVAILABLE
    assert "PostgreSQL needs procrastinate, which is not installed." in result.stderr
