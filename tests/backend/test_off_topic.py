"""A question that no document speaks of is declined where words alone find, with tables or without.

With vectors docs/how-to/install.md asks it, whose commands a test runs.
"""

from pathlib import Path

import pytest

from backend.composition.container import Container
from backend.settings.settings import Settings
from use_cases.chat.chat_turn import AnswerRecorded
from use_cases.chat.model import Answer, Question
from use_cases.kernel.citations.sources import Outcome
from use_cases.kernel.model import Caller

pytestmark = pytest.mark.anyio

SAMPLES = Path(__file__).parents[2] / "samples"
OTHERS = "name,role,made_by\nIlse Moonen,planner,HR\nBen Stone,head of cheese,HR\n"
"""A table of no concern to a question about the moon, but for pieces of words."""
EXPENSES = "# Expenses\n\nFile expenses by Friday.\n"


async def ask(candor: Container, text: str) -> Answer:
    events = [
        event async for event in candor.chat.ask.stream(Question(text=text), caller=Caller("anna"))
    ]
    return next(event.answer for event in events if isinstance(event, AnswerRecorded))


async def store(candor: Container, folder: Path) -> None:
    async for _ in candor.knowledge.ingest.stream(str(folder)):
        pass


async def test_words_alone_decline_what_no_document_speaks_of(tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "people.csv").write_text(OTHERS)
    (tmp_path / "others" / "expenses.md").write_text(EXPENSES)
    async with Container(Settings(data_dir=tmp_path / "var"), offline=True) as candor:
        candor.knowledge.embedder = None
        for folder in (SAMPLES / "documents", SAMPLES / "tables", tmp_path / "others"):
            await store(candor, folder)
            moon = await ask(candor, "What is the moon made of?")
            assert moon.outcome is Outcome.NOT_FOUND
            assert "No document speaks of “moon”." in moon.text
        # The stem of the stem of "expenses" is in no document.
        expenses = await ask(candor, "Which moon expenses does an astronaut file?")
        assert "No document speaks of “moon” or “astronaut”." in expenses.text
        # Half of the question is not in the words of its document; what is found is uncertain.
        keep = await ask(candor, "For how long are nightly backups preserved?")
        assert keep.outcome is Outcome.TENTATIVE
        rotated = await ask(candor, "How often must passwords be rotated?")
        assert rotated.outcome is Outcome.ANSWERED
