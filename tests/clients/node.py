"""Runs a driver of the real clients under node: once for each client, all its scenarios.

What a driver saw comes back as JSON. Where node or the npm packages are missing, tests are skipped;
the summary of the test run says so (see `conftest.py`). `make clients` installs them.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

import pytest
from _pytest.mark.structures import ParameterSet

from tests.patience import PATIENCE

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Seen: TypeAlias = Mapping[str, "Look"]

FOLDER = Path(__file__).parent
_INSTALLED = FOLDER / "node_modules" / ".installed"


class Look:
    """A value of a report, read without casts: `look["messages"][-1]["parts"]`."""

    def __init__(self, value: Json) -> None:
        self.value = value

    def __getitem__(self, key: str | int) -> "Look":
        if isinstance(key, int):
            assert isinstance(self.value, list), self.value
            return Look(self.value[key])
        assert isinstance(self.value, dict), self.value
        assert key in self.value, f"no {key!r} in {self.value}"
        return Look(self.value[key])

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, (dict, list, str)) and key in self.value

    def __eq__(self, other: object) -> bool:
        return self.value == (other.value if isinstance(other, Look) else other)

    def __len__(self) -> int:
        assert isinstance(self.value, (dict, list, str)), self.value
        return len(self.value)

    def __repr__(self) -> str:
        return json.dumps(self.value, indent=1)

    @property
    def items(self) -> "list[Look]":
        """The members of a list."""
        assert isinstance(self.value, list), self.value
        return [Look(item) for item in self.value]

    @property
    def text(self) -> str:
        """A string."""
        assert isinstance(self.value, str), self.value
        return self.value

    @property
    def number(self) -> float:
        """A number."""
        assert isinstance(self.value, (int, float)), self.value
        return self.value


def between(client: str) -> ParameterSet:
    """A client of neither the oldest nor the newest version, which only `make test-all` runs."""
    return pytest.param(client, marks=pytest.mark.exhaustive)


class Drivers:
    """What each client saw; a driver is run when the first test asks for it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._seen: dict[tuple[str, str], Seen] = {}

    def seen(self, driver: str, client: str, scenario: str) -> Look:
        """What `client` saw in `scenario`; fails where the scenario itself crashed."""
        if (driver, client) not in self._seen:
            self._seen[driver, client] = run(driver, client, self._url)
        look = self._seen[driver, client][scenario]
        if "crashed" in look:
            pytest.fail(f"{client}: {scenario}: {look['crashed'].text}")
        return look


def missing() -> str | None:
    """Why the real clients cannot run here; None when they can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not _INSTALLED.exists():
        return "their npm packages are not installed (make clients)"
    return None


def run(driver: str, client: str, *arguments: str) -> Seen:
    """What `client` saw in each scenario of a driver."""
    ended = subprocess.run(
        ["node", driver, client, *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, f"{client}: {ended.stderr}"
    report = cast("dict[str, Json]", json.loads(ended.stdout.strip().rpartition("\n")[2]))
    return {scenario: Look(value) for scenario, value in report.items()}
