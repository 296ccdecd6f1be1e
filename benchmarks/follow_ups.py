"""Follow-ups to the offline answerer: do they find the document that is meant, and its sentence?

    python -m benchmarks.follow_ups FOLDER [--cache DIR]

FOLDER is that of `benchmarks.handbooks`, and each handbook is stored as there. Every follow-up of
`follow_ups.toml` is asked in a chat of its own after the question before it. *Document*: the right one
is cited. *Evidence*: the quotes touch it. Intervals are 95 %, by follow-up.
"""

import argparse
import asyncio
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from loguru import logger

from backend.composition.container import Container
from backend.settings.settings import Settings
from benchmarks.gold_questions import QUESTIONS, load_questions
from benchmarks.handbooks import ingest, read_texts, touches
from benchmarks.offline_answers import ask
from use_cases.kernel.statistics.intervals import mean_score

FOLLOW_UPS = Path(__file__).parent / "follow_ups.toml"

FollowUp = Mapping[str, str]


async def ask_follow_ups(
    handbook: Path, given: Sequence[FollowUp], cache: Path
) -> Sequence[tuple[bool, bool]]:
    """Return for each follow-up whether its document is cited and its evidence touched."""
    questions = load_questions(QUESTIONS / f"{handbook.name}.toml")
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(data_dir=Path(temporary))
        await ingest(settings, handbook, cache)
        async with Container(settings, serving=True, offline=True) as candor:
            texts = {name: text async for name, text in read_texts(candor)}
            found: list[tuple[bool, bool]] = []
            for one in given:
                (gold,) = [each for each in questions if each.text.startswith(one["means"])]
                before = await ask(candor, one["before"])
                answer = await ask(candor, one["text"], chat_id=before.chat_id)
                cited = {source.document.name for source in answer.sources}
                found.append((not cited.isdisjoint(gold.evidence), touches(answer, gold, texts)))
            return found


async def main() -> None:
    """Read the arguments, ask, print the figures of both halves."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="the folder of the handbooks")
    parser.add_argument("--cache", type=Path, help="keep the vectors here between runs")
    told = parser.parse_args()
    logger.remove()  # the product's log of every question
    every = cast("list[FollowUp]", tomllib.loads(FOLLOW_UPS.read_text())["follow_up"])
    with tempfile.TemporaryDirectory() as temporary:
        cache = cast("Path | None", told.cache) or Path(temporary)
        for half in ("choosing", "judging"):
            found: list[tuple[bool, bool]] = []
            for name in dict.fromkeys(one["handbook"] for one in every if one["half"] == half):
                given = [one for one in every if (one["handbook"], one["half"]) == (name, half)]
                found += await ask_follow_ups(cast("Path", told.folder) / name, given, cache)
            for column, title in enumerate(("document", "evidence")):
                figure = mean_score([[float(one[column])] for one in found], bounds=(0.0, 1.0))
                low, high = figure.interval or (0.0, 1.0)
                print(f"{half} ({len(found)}), {title}: {figure.value:.2f} [{low:.2f}, {high:.2f}]")


if __name__ == "__main__":
    asyncio.run(main())
