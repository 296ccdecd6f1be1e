"""Names of files that are no documents."""

from pathlib import Path

import pytest

from services.documents.decoding import KINDS, refuse_non_document
from use_cases.knowledge.errors import SourceBinary

PAGE = Path(__file__).parents[3] / "docs/explanation/ingestion.md"


@pytest.mark.parametrize(
    ("name", "reason", "hint"),
    [
        (
            "eval/questions.JSONL",
            "It is data, not a document: its name ends in .jsonl.",
            "If it is prose, give it the ending .txt or .md.",
        ),
        (
            "Makefile",
            "It is code, not a document: its name says so.",
            "If it is prose, give it the ending .txt or .md.",
        ),
        (
            "plan.png",
            "It is an image, not a document: its name ends in .png.",
            "Convert it to Markdown, text, HTML, PDF, DOCX, CSV, TSV or XLSX.",
        ),
    ],
)
def test_the_refusal_says_what_the_file_is_and_what_to_do(
    name: str, reason: str, hint: str
) -> None:
    with pytest.raises(SourceBinary) as raised:
        refuse_non_document(name)
    assert (raised.value.detail, raised.value.hint) == (reason, hint)


@pytest.mark.parametrize(
    "name", ["README", "LICENSE", "a.md", "a.tex", "a.pdf", "a.csv", "a.json/b.txt", "json", ""]
)
def test_other_names_are_left_to_the_content(name: str) -> None:
    refuse_non_document(name)


def test_the_list_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    signs = [sign for signs in KINDS.values() for sign in signs.split()]
    assert len(signs) == len(set(signs))
    assert [sign for sign in signs if f"`{sign}`" not in page] == []
