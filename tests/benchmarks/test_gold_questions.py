"""The questions over handbooks: that they can be read, keep their halves apart, and notice a change."""

from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmarks.gold_questions import (
    PROCEDURE,
    QUESTIONS,
    GoldQuestion,
    Half,
    load_questions,
    stale,
)

FILES = sorted(QUESTIONS.glob("*.toml"))

MILL = """
[[document]]
path = "mill.md"
half = "choosing"

[[document.question]]
kind = "procedure"
text = "How do I stop the sails?"
evidence = ["Turn the cap", "Pull\\nthe brake"]
also = [["notes.md", "first the cap, then the brake"]]

[[unanswerable]]
half = "untouched"
text = "What does the mill cost?"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "questions.toml"
    file.write_text(text)
    return file


def test_a_question_has_the_quotes_of_each_document_that_answers_it(tmp_path: Path) -> None:
    assert load_questions(written(tmp_path, MILL)) == [
        GoldQuestion(
            Half.CHOOSING,
            PROCEDURE,
            "How do I stop the sails?",
            {
                "mill.md": ["Turn the cap", "Pull\nthe brake"],
                "notes.md": ["first the cap, then the brake"],
            },
        ),
        GoldQuestion(Half.UNTOUCHED, "unanswerable", "What does the mill cost?", {}),
    ]


def test_a_misspelt_key_and_an_unknown_half_are_errors(tmp_path: Path) -> None:
    for wrong in ('hlaf = "choosing"', 'half = "other"'):
        with pytest.raises(ValidationError):
            load_questions(written(tmp_path, MILL.replace('half = "choosing"', wrong)))


def test_quotes_that_the_documents_no_longer_hold_once_are_named(tmp_path: Path) -> None:
    questions = load_questions(written(tmp_path, MILL))
    (tmp_path / "mill.md").write_text("Turn the cap. Pull\nthe brake. Turn the cap again.")
    assert stale(questions, tmp_path) == [
        "mill.md: occurs 2 times: 'Turn the cap'",
        "notes.md: occurs 0 times: 'first the cap, then the brake'",
    ]
    (tmp_path / "mill.md").write_text("Turn the cap. Pull\nthe brake.")
    (tmp_path / "notes.md").write_text("Stop: first the cap, then the brake.")
    assert stale(questions, tmp_path) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_document_is_in_both_halves_and_none_is_asked_too_often(file: Path) -> None:
    questions = load_questions(file)
    paths = {half: {p for q in questions if q.half is half for p in q.evidence} for half in Half}
    assert not paths[Half.CHOOSING] & paths[Half.UNTOUCHED]
    written_from = {
        half: {next(iter(q.evidence)) for q in questions if q.half is half and q.evidence}
        for half in Half
    }
    assert not written_from[Half.UNSEEN] & (
        written_from[Half.CHOOSING] | written_from[Half.UNTOUCHED]
    )
    asked = Counter(next(iter(q.evidence)) for q in questions if q.evidence)
    assert max(asked.values()) <= 4


def kinds_in(half: Half) -> Counter[str]:
    return Counter(q.kind for file in FILES for q in load_questions(file) if q.half is half)


def test_the_later_questions_are_sixty_and_a_third_of_them_have_no_answer() -> None:
    kinds = kinds_in(Half.UNSEEN)
    assert (kinds["unanswerable"], kinds.total()) == (20, 60)


@pytest.mark.parametrize("half", [Half.CHOOSING, Half.UNTOUCHED])
def test_each_half_has_questions_of_every_kind(half: Half) -> None:
    kinds = kinds_in(half)
    assert kinds["unanswerable"] >= 20
    assert sum(kinds.values()) - kinds["unanswerable"] >= 60
    assert min(kinds[kind] for kind in ("value", "rule", "procedure", "list", "comparison")) >= 2


def test_no_question_is_asked_twice() -> None:
    texts = [question.text for file in FILES for question in load_questions(file)]
    assert len(texts) == len(set(texts))
