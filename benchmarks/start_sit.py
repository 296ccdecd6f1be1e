"""Real start-or-sit decisions replayed: Brier scores of three advisers before and after tuning.

    python -m benchmarks.start_sit FOLDER

FOLDER has `start_sit_cases.csv` with the columns of `candor backtest start-sit`. Learns from weeks
1 to 9 and tries on weeks 10 to 17, through the real store, SQL and tuning. Peers: always saying
50 % and always saying 80 %. Ends with status 1 when a bound does not hold.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import anyio
from loguru import logger

from backend.cli.backtest.case_files import read_season
from backend.cli.backtest.replay_run import run_replays
from backend.cli.backtest.replay_view import show_replays
from backend.settings.settings import load_settings
from benchmarks.machine import machine
from use_cases.advice.backtest.replay import Figures, Replay
from use_cases.advice.backtest.replayed_decisions import Adviser
from use_cases.advice.tuning.tuning_report import TuningStatus

TRAIN, TEST = range(1, 10), range(10, 18)
COIN = 0.250
"""The Brier score of always saying 50 %."""


def main() -> None:
    """Print the table; say which bound fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with start_sit_cases.csv")
    season = read_season(parser.parse_args().folder / "start_sit_cases.csv")
    logger.remove()
    on_start = perf_counter()

    async def replay_all() -> list[Replay]:
        return await run_replays(
            season,
            list(Adviser),
            settings=load_settings(),
            profile="fantasy-nfl",
            train=TRAIN,
            test=TEST,
            on_start=lambda _: None,
        )

    found = anyio.run(replay_all)
    print(machine())
    show_replays(found)
    print(f"\n{perf_counter() - on_start:.0f} s")
    if failed := list(_failures({replay.adviser: replay for replay in found})):
        sys.exit("\n".join(failed))


def _failures(found: dict[Adviser, Replay]) -> Iterator[str]:
    """The bounds: what experience should make of each adviser."""
    if any(replay.pending for replay in found.values()):
        yield "some cases were not decided"
    for adviser in (Adviser.CONFIDENT, Adviser.CURVE):
        if _brier(found[adviser].after) >= COIN:
            yield f"{adviser.value}: no better than a coin after tuning"
    confident = found[Adviser.CONFIDENT]
    if _brier(confident.before) - _brier(confident.after) < 0.02:
        yield "confident: tuning gained less than 0.02"
    constant = found[Adviser.CONSTANT]
    if any(each.result.status is TuningStatus.TUNING_APPLIED for each in constant.tunings):
        yield "constant: was tuned, although it does not separate right from wrong"
    if _brier(constant.after) >= COIN:
        yield "constant: its base rate is no better than a coin"


def _brier(figures: Figures) -> float:
    value = figures.scores.brier.value
    return 1.0 if value is None else value


if __name__ == "__main__":
    main()
