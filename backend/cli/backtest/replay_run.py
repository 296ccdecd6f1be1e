"""The run of a backtest: Candor's real parts over a temporary store, with a simulated clock.

Promises: the user's own data is neither read nor written, no network is used, and the temporary
folder is removed at the end. `benchmarks/start_sit.py` runs the same.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.cli.backtest.case_files import Season, write_tables
from backend.composition.container import Container
from backend.settings.settings import Settings
from use_cases.advice.backtest.replay import Replay
from use_cases.advice.backtest.replayed_decisions import Adviser, TurnedClock
from use_cases.advice.errors import CasesInvalid
from use_cases.knowledge.model import IngestReport

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


async def run_replays(
    season: Season,
    advisers: Sequence[Adviser],
    *,
    settings: Settings,
    profile: str,
    train: range,
    test: range,
    on_start: Callable[[Adviser], object],
) -> list[Replay]:
    """Return each adviser's replay, each in a store of its own; `on_start` is called with each
    adviser.

    Raises the errors of `BacktestDecisions.run`.
    """
    with TemporaryDirectory(prefix="candor-backtest-") as name:
        folder = Path(name)
        await _load(season, folder, settings)
        found: list[Replay] = []
        for adviser in advisers:
            on_start(adviser)
            clock = TurnedClock(_BEGIN)
            async with _candor(settings, folder, adviser.value, clock) as candor:
                backtest = candor.advice.backtest
                replay = await backtest.run(
                    season.cases, adviser, profile=profile, train=train, test=test
                )
                found.append(replay)
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
