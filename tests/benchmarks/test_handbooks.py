"""The benchmark over handbooks, on a small one made up here: real ingestion, search and answers."""

import sys
from pathlib import Path

import pytest

from benchmarks import handbooks
from benchmarks.gold_questions import Half, load_questions, stale
from benchmarks.handbooks import Asked, ask_handbook, tabulate
from benchmarks.ranking_scores import rank_rescored, score_ranking

pytestmark = pytest.mark.anyio

DOCUMENTS = {
    "sails.md": """# Stopping the sails

1. Turn the cap out of the wind.
2. Pull the brake rope slowly.
3. Chain the sails to the ground.

The sails may turn at most 24 times a minute.
""",
    "flour.md": """# Selling flour

Flour is sold in sacks of 25 kg. Rye costs two crowns more than wheat.
""",
    "visits.md": """# Visitors

Visitors may climb up to the stone floor, never to the cap. The mill is open to them on Sundays.
""",
}

QUESTIONS = """
[[document]]
path = "sails.md"
half = "choosing"

[[document.question]]
kind = "procedure"
text = "How do I stop the sails?"
evidence = [
    "Turn the cap out of the wind.",
    "Pull the brake rope slowly.",
    "Chain the sails to the ground.",
]

[[document]]
path = "visits.md"
half = "choosing"

[[document.question]]
kind = "rule"
text = "How far may visitors climb in the mill?"
evidence = ["Visitors may climb up to the stone floor, never to the cap."]

[[unanswerable]]
half = "choosing"
text = "Which telephone number does the harbour master of Rotterdam have?"
"""


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    folder = tmp_path / "mill"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    (tmp_path / "mill.toml").write_text(QUESTIONS)
    return folder


async def asked_of(mill: Path) -> list[Asked]:
    questions = load_questions(mill.with_suffix(".toml"))
    assert stale(questions, mill) == []
    return list(await ask_handbook(mill, questions, mill.parent / "cache"))


@pytest.mark.exhaustive
async def test_the_real_search_and_answers_are_scored(mill: Path) -> None:
    steps, visit, nothing = await asked_of(mill)
    assert all(score_ranking(one.found, one.places).document_first for one in (steps, visit))
    assert (steps.cited, steps.steps, steps.abstained) == (True, True, False)
    assert steps.quoted == 1.0
    assert (visit.cited, visit.quoted) == (True, 1.0)
    assert [visit.is_given(tokens) for tokens in (10, 1_500)] == [False, True]
    assert nothing.abstained
    assert (mill.parent / "cache" / "vectors.sqlite").exists()
    for one in (steps, visit):  # what variants are compared with is what the search does
        ranked = [one.candidates.passages[n] for n in rank_rescored(one.candidates)]
        assert ranked == list(one.found)
    rows = dict(row.strip("| ").split(" | ", 1) for row in tabulate({"mill": [steps, nothing]})[2:])
    assert rows["answerable + unanswerable"] == "1 + 1 | 1 + 1"
    assert rows["right document first"].startswith("1.00 [0.2")
    assert rows["AUC of the stated probability"] == "1.00 | 1.00"
    assert rows["unanswerable ones abstained on (recall)"].startswith("1.00 [")


async def test_the_untouched_half_keeps_its_questions_to_itself(
    mill: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(mill.parent), "--half", Half.UNTOUCHED, "--misses"]
    monkeypatch.setattr(sys, "argv", ["handbooks", *given])
    with pytest.raises(SystemExit, match="2"):
        await handbooks.main()
    assert "not to be looked at" in capsys.readouterr().err


async def test_a_changed_handbook_is_refused_with_its_quotes(
    mill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mill / "sails.md").write_text("# Stopping the sails\n\nAsk the miller.\n")
    monkeypatch.setattr(handbooks, "QUESTIONS", mill.parent)
    monkeypatch.setattr(sys, "argv", ["handbooks", str(mill.parent)])
    with pytest.raises(SystemExit, match="occurs 0 times: 'Turn the cap"):
        await handbooks.main()


async def test_a_folder_without_a_known_handbook_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["handbooks", str(tmp_path)])
    with pytest.raises(SystemExit, match="none of the handbooks"):
        await handbooks.main()
