"""What every test stands on: no real model is ever called, async tests run on asyncio, and no test
fails because the machine is busy."""

import gc
import os
import signal
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import pydantic_ai.models
import pytest
from hypothesis import settings

from services.rules.rule_files import read_rules
from tests.thoroughness import ALL, BY_HAND, CHECK, FAST, SAMPLE, is_thorough, sample
from use_cases.kernel.text.rules import read_rules_with

CASES = 2
"""So many cases of one test are in a sample: the first and the last."""

ONE_OF = 12
"""One test of so many is run where a sample is enough: on another Python."""

LONG_ONE_OF = 4
"""One test of so many that are marked `exhaustive` is in a check, so that it ends within 15 minutes on two cores."""

gc.disable()  # until all tests are collected: what is made until then stays

pydantic_ai.models.ALLOW_MODEL_REQUESTS = False
read_rules_with(read_rules)

settings.register_profile(SAMPLE, deadline=None, max_examples=10)
settings.register_profile(FAST, deadline=None, max_examples=20)
settings.register_profile(CHECK, deadline=None, max_examples=50)
settings.register_profile(ALL, deadline=None, max_examples=50)
# By hand, for one file: `pytest --hypothesis-profile=thorough tests/backend/http/test_schema.py`.
settings.register_profile(BY_HAND, deadline=None, max_examples=3000)
settings.load_profile(FAST)

# Tests that are started in the background (`&`, nohup) ignore these signals, and the programs that
# tests start would inherit that.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for processes, pages and clients, too."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `make test-all` runs: what is marked so, and most cases of a long series.

    What is marked `by_hand` runs with the profile `thorough` alone.
    """
    if settings.get_current_profile_name() == BY_HAND:
        return
    _leave_out(config, items, [one for one in items if one.get_closest_marker("by_hand")])
    if settings.get_current_profile_name() == CHECK:
        _leave_out(config, items, [item for place, item in enumerate(items) if _rests(item, place)])
    if is_thorough():
        return
    cases = len(items) if _names_a_file(config.args) else CASES
    series: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not item.get_closest_marker("exhaustive"):
            series.setdefault(item.nodeid.partition("[")[0], []).append(item)
    every = ONE_OF if settings.get_current_profile_name() == SAMPLE else 1
    kept = {item for one in list(series.values())[::every] for item in sample(one, cases)}
    _leave_out(config, items, [item for item in items if item not in kept])


def _rests(item: pytest.Item, place: int) -> bool:
    """Whether this is long, and another commit's to try."""
    if (mark := item.get_closest_marker("exhaustive")) is None:
        return False
    # With its place, for the cases of some tests share a name.
    name = item.path.name if mark.kwargs.get("together") else f"{item.nodeid}{place}"
    return crc32(f"{_commit()}{name}".encode()) % LONG_ONE_OF != 0


@cache
def _commit() -> str:
    """The commit that is tested; a folder without git is always the same one."""
    asked = ("git", "rev-parse", "HEAD")
    folder = Path(__file__).parent
    found = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def _leave_out(config: pytest.Config, items: list[pytest.Item], these: list[pytest.Item]) -> None:
    unwanted = set(these)
    items[:] = [item for item in items if item not in unwanted]
    config.hook.pytest_deselected(items=these)


def _names_a_file(arguments: Sequence[str]) -> bool:
    """Whether a person asked for a file or a test of it, and so for all of its cases."""
    return any(one.partition("::")[0].endswith(".py") for one in arguments)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Free the garbage collector from a million objects that stay as long as the process."""
    gc.freeze()
    gc.enable()


@pytest.fixture
def anyio_backend() -> str:
    """The one event loop the product runs on."""
    return "asyncio"
