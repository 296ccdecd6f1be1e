"""Evaluations whose process is killed, and that another one brings to their end."""

import asyncio
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.killed_evaluation import AT_ONCE, POLICY
from tests.patience import PATIENCE
from tests.thoroughness import by_hand
from tests.use_cases.playground.evaluations.evaluating import (
    DATASET,
    AnsweringModels,
    cases,
    cells_of,
    contains,
    echo,
    evaluating,
    manage,
    variant,
)
from use_cases.kernel.jobs.model import JobState
from use_cases.kernel.model import LOCAL
from use_cases.playground.model import Plan

pytestmark = pytest.mark.anyio

CELLS = 1000
PLAN = Plan(name="plan", variants=[variant()], assertions=[contains("q")])


async def begun(folder: Path, count: int) -> str:
    """A run that nobody works on yet."""
    async with evaluating(folder, AnsweringModels({"one": echo}), cases(count)) as candor:
        return (await manage(candor).create(LOCAL, PLAN, DATASET)).job_id


def calls(folder: Path) -> list[str]:
    file = folder / "calls.txt"
    return file.read_text().splitlines() if file.exists() else []


def worker(module: str, folder: Path, run_id: str) -> subprocess.Popen[bytes]:
    """A process that works on it."""
    command = [sys.executable, "-m", f"tests.faults.{module}", str(folder), run_id]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def kill_at_calls(module: str, folder: Path, run_id: str, moments: Sequence[int]) -> None:
    """Work on it in one process after the other, each of which is killed when the model was called so often."""
    for count in moments:
        with worker(module, folder, run_id) as process:
            async with asyncio.timeout(PATIENCE):
                while len(calls(folder)) < count and process.poll() is None:  # noqa: ASYNC110  (another process)
                    await asyncio.sleep(0.005)
            process.kill()


async def whole(folder: Path, run_id: str, count: int, kills: int) -> None:
    """Bring it to its end here, and count."""
    models = AnsweringModels({"one": echo})
    async with evaluating(folder, models, (), policy=POLICY) as candor:
        run = await manage(candor).run(LOCAL, run_id)
        assert run.state is JobState.COMPLETED
        found = await manage(candor).summary(LOCAL, run_id)
        cells = await cells_of(candor, run_id)
    [total] = found.totals
    made = Counter([*calls(folder), *(text for _, text in models.asked)])
    assert sorted(made) == sorted(f"q{n}" for n in range(count))
    assert len(cells) == len({cell.case for cell in cells}) == count
    assert (found.done, total.passed, total.failed, total.errors) == (count, count, 0, 0)
    repeated = made.total() - count
    assert repeated <= kills * AT_ONCE
    # A cell that was begun counts as a call, also where it was killed just before.
    assert made.total() <= total.calls == count - total.cached + total.lost_calls
    assert total.lost_calls <= kills * AT_ONCE
    assert (total.lost_cost is None) == (total.lost_calls == 0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", by_hand(range(6), 1))
async def test_kills_at_any_moment_lose_and_repeat_nothing_else(tmp_path: Path, seed: int) -> None:
    run_id = await begun(tmp_path, CELLS)
    moments = sorted(random.Random(seed).sample(range(CELLS), len(by_hand(range(5), 2))))
    await kill_at_calls("killed_evaluation", tmp_path, run_id, moments)
    await whole(tmp_path, run_id, CELLS, kills=len(moments))
