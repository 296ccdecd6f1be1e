"""Real start-or-sit decisions replayed: Brier scores of three advisers before and after tuning.

    python -m benchmarks.start_sit FOLDER

FOLDER has `start_sit_cases.csv` with the columns of `benchmarks.start_sit_cases.COLUMNS`. Learns
from weeks 1 to 9 and tries on weeks 10 to 17, through the real store, SQL and tuning, in a temporary
folder and without a network. Peers: always saying 50 % and always saying 80 %. Ends with status 1
when a bound does not hold.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import anyio
from loguru import logger

from backend.cli.terminal import terminal
from backend.composition.container import Container
from backend.settings.settings import Settings, load_settings
from benchmarks.decision_replay import Adviser, Figures, Replay, ReplayDecisions, TurnedClock
from benchmarks.machine import machine
from benchmarks.start_sit_cases import Season, read_season, write_tables
from use_cases.advice.errors import CasesInvalid
from use_cases.advice.tuning.tuning_report import TuningStatus
from use_cases.kernel.statistics.figures import Statistic
from use_cases.knowledge.model import IngestReport

TRAIN, TEST = range(1, 10), range(10, 18)
COIN = 0.250
"""The Brier score of always saying 50 %."""

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_SCORES = ("ADVISER", "CONFIDENCE", "BRIER", "95% INTERVAL", "CAL. ERROR", "BY CHANCE")
_BANDS = ("STATED", "N", "RIGHT", "SHOWN BEFORE", "SHOWN AFTER")


def main() -> None:
    """Print the table; say which bound fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with start_sit_cases.csv")
    season = read_season(parser.parse_args().folder / "start_sit_cases.csv")
    logger.remove()
    begun = perf_counter()
    found = anyio.run(run_replays, season, list(Adviser), load_settings(), TRAIN, TEST)
    print(machine())
    _show(found)
    print(f"\n{perf_counter() - begun:.0f} s")
    if failed := list(_failures({replay.adviser: replay for replay in found})):
        sys.exit("\n".join(failed))


async def run_replays(
    season: Season, advisers: Sequence[Adviser], settings: Settings, train: range, test: range
) -> list[Replay]:
    """Return each adviser's replay, each in a store of its own."""
    with TemporaryDirectory(prefix="candor-replay-") as name:
        folder = Path(name)
        await _load(season, folder, settings)
        found: list[Replay] = []
        for adviser in advisers:
            clock = TurnedClock(_BEGIN)
            async with _candor(settings, folder, adviser.value, clock) as candor:
                replay = ReplayDecisions(candor, clock)
                found.append(
                    await replay.run(
                        season.cases, adviser, profile="fantasy-nfl", train=train, test=test
                    )
                )
        return found


async def _load(season: Season, folder: Path, settings: Settings) -> None:
    """Load the tables by an ordinary ingestion."""
    tables = folder / "tables"
    tables.mkdir()
    write_tables(season, tables)
    async with _candor(settings, folder, "loading", TurnedClock(_BEGIN)) as candor:
        async for step in candor.knowledge.ingest.stream(str(tables)):
            if isinstance(step, IngestReport) and step.failures:
                raise CasesInvalid(f"The cases make no tables: {step.failures[0].reason}")


def _candor(settings: Settings, folder: Path, store: str, clock: TurnedClock) -> Container:
    """Return a Candor with shared tables and a store of its own. Tables need no embeddings."""
    own = {
        "data_dir": folder / store,
        "knowledge_db": folder / "knowledge.sqlite",
        "database_url": None,
        "postgres_host": None,
    }
    candor = Container(settings.model_copy(update=own), offline=True)
    candor.clock = clock
    candor.knowledge.embedder = None
    return candor


def _show(replays: Sequence[Replay]) -> None:
    """Print the scores of the test weeks, then each adviser's tunings and its bands before and
    after.
    """
    first = replays[0]
    print(
        f"{first.cases:,} cases, {first.void:,} void (a tie, or one did not play); "
        f"learned from {first.trained.scores.n:,}, tried on {first.after.scores.n:,}\n"
    )
    rows: list[tuple[str, ...]] = []
    for replay in replays:
        rows.append(_row(replay.adviser.value, replay.before))
        rows.append(_row(f"{replay.adviser.value}, tuned", replay.after))
    for constant, score in first.constants.items():
        rows.append((f"always {constant:.0%}", "", f"{score:.4f}", "", "", ""))
    print(terminal.columns(_SCORES, rows))
    for replay in replays:
        print(f"\n{replay.adviser.value}: {_tunings(replay)}")
        print(terminal.columns(_BANDS, _bands(replay)))


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    brier, errors = figures.scores.brier, figures.calibration.errors
    between = "" if brier.interval is None else "{:.4f} to {:.4f}".format(*brier.interval)
    return (
        name,
        _share(figures.scores.mean_probability),
        _value(brier.value),
        between,
        _value(errors.ece),
        _value(errors.ece_expected),
    )


def _bands(replay: Replay) -> list[tuple[str, ...]]:
    """Return the share right at each stated confidence, and the shown confidence before and after."""
    return [
        (
            band.label,
            f"{band.n:,}",
            f"{band.rate:.1%}",
            f"{band.mean:.1%}",
            "" if after is None else f"{after:.1%}",
        )
        for band, after in zip(replay.before_bands, replay.mean_after, strict=True)
        if band.rate is not None and band.mean is not None
    ]


def _tunings(replay: Replay) -> str:
    applied = [each.before_period for each in replay.tunings if _was_applied(each.result.status)]
    tried = f"tuned {len(applied)} times of {len(replay.tunings)} tries"
    if applied:
        return f"{tried}, before week {', '.join(map(str, applied))}"
    last = replay.tunings[-1].result if replay.tunings else None
    reasons = " ".join(dict.fromkeys(each.detail for each in last.reasons)) if last else ""
    rate = _share(replay.trained.scores.rate)
    return f"{tried}. {reasons} Base rate of the training cases: {rate}."


def _failures(found: dict[Adviser, Replay]) -> Iterator[str]:
    """Yield the bounds that fail: what experience should make of each adviser."""
    if any(replay.pending for replay in found.values()):
        yield "some cases were not decided"
    for adviser in (Adviser.CONFIDENT, Adviser.CURVE):
        if _brier(found[adviser].after) >= COIN:
            yield f"{adviser.value}: no better than a coin after tuning"
    confident = found[Adviser.CONFIDENT]
    if _brier(confident.before) - _brier(confident.after) < 0.02:
        yield "confident: tuning gained less than 0.02"
    constant = found[Adviser.CONSTANT]
    if any(_was_applied(each.result.status) for each in constant.tunings):
        yield "constant: was tuned, although it does not separate right from wrong"
    if _brier(constant.after) >= COIN:
        yield "constant: its base rate is no better than a coin"


def _was_applied(status: TuningStatus) -> bool:
    return status is TuningStatus.TUNING_APPLIED


def _brier(figures: Figures) -> float:
    value = figures.scores.brier.value
    return 1.0 if value is None else value


def _share(figure: Statistic) -> str:
    return "" if figure.value is None else f"{figure.value:.1%}"


def _value(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    main()
