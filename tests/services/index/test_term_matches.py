"""Scores that are added up in memory against those that FTS5 gives for a whole question."""

import random
from pathlib import Path

import pytest

from services.index import term_scores
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from tests.fakes.documents import a_document
from use_cases.knowledge.model import IndexIdentity

pytestmark = pytest.mark.anyio

QUESTIONS = (
    "Which pumps rotate at night?",
    "pump pumps pumping",
    "When was FIN-01 reviewed, and by whom?",
    "kubeProxyDown",
    "冷房の温度",
    "of the and",
    "nowhere said",
    "-- !",
)


def _text(drawn: random.Random) -> str:
    words = (
        "pump",
        "pumps",
        "rotate",
        "night",
        "FIN-01",
        "FIN",
        "kubeProxyDown",
        "冷房",
        "the",
        "of",
    )
    return "\n".join(" ".join(drawn.choices(words, k=drawn.randint(1, 12))) for _ in range(5))


@pytest.mark.parametrize("most", [term_scores.MOST, 20])
async def test_the_best_passages_are_those_of_fts5(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.index.term_scores.MOST", most)
    database = KnowledgeDatabase(tmp_path / "knowledge.sqlite")
    library = SqliteLibrary(database)
    await library.prepare(IndexIdentity("", 0, "test"))
    exact, held = (SqliteLanes(database, in_memory=flag) for flag in (False, True))
    drawn = random.Random(4)
    for number in range(12):
        await library.save(a_document(f"{number}.md", _text(drawn), title="Night pumps"))
        if number % 4:
            continue
        for question in QUESTIONS * 2:
            for limit in (3, 100):
                wanted = await exact.matching(question, limit=limit)
                found = await held.matching(question, limit=limit)
                assert [one.passage_id for one in found] == [one.passage_id for one in wanted]
                assert [one.score for one in found] == pytest.approx(
                    [one.score for one in wanted], rel=1e-6
                )
            words = question.split()
            assert await held.document_frequencies(words) == await exact.document_frequencies(words)
    await database.close()
