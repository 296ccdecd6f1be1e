"""Tuning that is killed, that competes, or that finds no room: the old version or the new, whole."""

import random
import signal
from pathlib import Path
from typing import cast

import pytest

from services.store.responses import SqlCalibrations
from services.store.store import Store
from tests.faults.parts import PROCESSES, fill
from tests.faults.tuning import (
    assert_whole,
    integrity,
    note_on,
    tune_for_ever,
    tune_in_turns,
    tuned,
    version,
)
from tests.patience import PATIENCE
from tests.thoroughness import is_thorough
from use_cases.kernel.errors import StorageFull

pytestmark = pytest.mark.anyio

ROUNDS = 30


@pytest.mark.exhaustive
async def test_a_tuning_killed_at_any_moment_leaves_the_old_version_or_the_new(
    tmp_path: Path,
) -> None:
    file = tmp_path / "candor.sqlite"
    drawn = random.Random(20_260_314)
    reached = 0
    kills = 40 if is_thorough() else 12
    for kill in range(kills):
        # The first few while the tables are made, the others while versions are.
        told = _killed(file, 0 if kill < 5 else drawn.randrange(8), drawn.random() * 0.05)
        if not file.exists():
            continue
        assert integrity(file) == ["ok"]
        found = await tuned(file)
        assert_whole(found)
        last = max(told, reached)
        reached = len(found.versions)
        # What was told is durable; the version after it may be there, untold.
        assert reached in (last, last + 1)
    assert reached > kills


async def test_of_two_processes_that_tune_at_once_exactly_one_wins_each_time(
    tmp_path: Path,
) -> None:
    file, met = tmp_path / "candor.sqlite", PROCESSES.Barrier(2)
    pipes = {author: PROCESSES.Pipe(duplex=False) for author in ("anna", "boris")}
    processes = [
        PROCESSES.Process(target=tune_in_turns, args=(file, author, ROUNDS, met, sending))
        for author, (_, sending) in pipes.items()
    ]
    for process in processes:
        process.start()
    parents: list[str | None] = []
    won: list[str] = []
    for _ in range(ROUNDS):
        told = [
            _result(receiving.poll(PATIENCE), receiving.recv()) for receiving, _ in pipes.values()
        ]
        assert told[0][0] == told[1][0], "both replaced the same version"
        parents.append(told[0][0])
        won += [made for _, made in told if made is not None]
    for process in processes:
        process.join(PATIENCE)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(won) == ROUNDS
    assert parents == [None, *won[:-1]]
    found = await tuned(file)
    assert_whole(found)
    assert [made.version_id for made in reversed(found.versions)] == won
    assert integrity(file) == ["ok"]


async def test_on_a_full_disk_the_old_version_stays_in_force(small_disk: Path) -> None:
    file = small_disk / "candor.sqlite"
    store = Store(file)
    calibrations = SqlCalibrations(store)
    first = version(1, None)
    second = version(2, first.version_id)
    await calibrations.put_in_force(first, note_on(first))
    fill(small_disk)
    with pytest.raises(StorageFull):
        await calibrations.put_in_force(second, note_on(second))
    await store.close()
    (small_disk / "filling").unlink()
    found = await tuned(file)
    assert (len(found.versions), integrity(file)) == (1, ["ok"])
    assert_whole(found)
    await calibrations.put_in_force(second, note_on(second))
    await store.close()
    assert_whole(await tuned(file))


def _killed(file: Path, versions: int, seconds: float) -> int:
    """Tune in a process and kill it (SIGKILL) so many versions and seconds later; the last one told."""
    receiving, sending = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=tune_for_ever, args=(file, sending))
    process.start()
    sending.close()
    told = 0
    for _ in range(versions):
        assert receiving.poll(PATIENCE), "no version was put in force"
        told = int(receiving.recv_bytes())
    process.join(timeout=seconds)
    assert process.exitcode is None, "it must not end by itself"
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    try:
        while receiving.poll():
            told = int(receiving.recv_bytes())
    except EOFError:
        pass
    receiving.close()
    return told


def _result(arrived: bool, told: object) -> tuple[str | None, str | None]:
    assert arrived
    return cast("tuple[str | None, str | None]", told)
