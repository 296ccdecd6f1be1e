"""What is written in several ways is found however it was written: tuned cases, and a held-out part."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.index.conversation_terms import variant_terms
from services.index.sqlite.file_conversations import SqliteConversationIndex
from tests.services.index.test_conversation_index import Side
from tests.use_cases.conversations.search.conversations_made_up import head_of, said
from use_cases.conversations.search.model import TextConditions

pytestmark = pytest.mark.anyio

PAIRS = [
    ("Ship it \N{ROCKET} today", "\N{ROCKET}"),
    ("Well done \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", "\N{THUMBS UP SIGN}"),
    ("Der Plan \N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}.", "\N{HEAVY BLACK HEART}"),
    ("\uff8a\uff9d\uff76\uff78\uff76\uff85 here", "\u30cf\u30f3\u30ab\u30af"),
    ("\u30cf\u30f3\u30ab\u30af\u30ab\u30ca here", "\uff8a\uff9d\uff76\uff78"),
    ("Write me an e-mail.", "email"),
    ("Write me an email.", "e-mail"),
    ("Die Datenschutz-Grundverordnung gilt.", "Datenschutzgrundverordnung"),
    ("Die Datenschutzgrundverordnung gilt.", "datenschutz-grundverordnung"),
    *[
        (f"It costs {written} in all.", asked)
        for written in ("1,000.50", "1.000,50", "1000.50", "1000,50", "1 000,50", "1'000.50")
        for asked in ("1,000.50", "1.000,50", "1000.50", "1000,5")
    ],
    ("A budget of 12,500 a year", "12500"),
    ("A budget of 12500 a year", "12.500"),
]
HELD_OUT = [
    ("Party \N{PARTY POPPER}\N{PARTY POPPER}!", "\N{PARTY POPPER}"),
    ("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} writes", "\N{PERSONAL COMPUTER}"),
    ("We moved to \U0001f1e8\U0001f1ed.", "\U0001f1e8\U0001f1ed"),
    ("\u2705 done", "\u2705"),
    ("\uff83\uff9e\uff70\uff80\uff8d\uff9e\uff70\uff7d", "\u30c7\u30fc\u30bf\u30d9\u30fc\u30b9"),
    ("\uff30\uff59\uff54\uff48\uff4f\uff4e", "python"),
    ("the \ufb01nal of\ufb01ce", "office"),
    ("the on\u2011boarding starts", "onboarding"),
    ("a hand\u00adbook of ours", "handbook"),
    ("the onboarding starts", "on-boarding"),
    ("a state-of-the-art model", "stateoftheart"),
    ("COVID-19 rules", "covid19"),
    ("Sum: \u20ac3.141,59.", "3141.59"),
    ("Sum: 2,500,000.00 dollars", "2500000"),
    ("Sum: 2 500 000 kroner", "2.500.000"),
    ("pi is 3.141 or so", "3,141"),
    ("a share of 0.25 in it", "0,250"),
]


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    index = SqliteConversationIndex(tmp_path / "conversations.sqlite", in_memory=False)
    yield Side(index)
    await index.close()


@pytest.mark.parametrize(("written", "asked"), [*PAIRS, *HELD_OUT])
async def test_it_is_found_however_it_is_written(side: Side, written: str, asked: str) -> None:
    await side.put(head_of("c1", title="One"), said("m", written))
    await side.put(head_of("c2", title="Two"), said("n", "Nothing of the kind, 1 of 999."))
    assert await side.words(asked) == {"m"}


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("It costs 1000.75.", "1000.50"),
        ("of 12.05.2024", "5.2"),
        ("Well \N{THUMBS UP SIGN}", "\N{ROCKET}"),
        ("at 10:30", "1030"),
        ("\U0001f1e8\U0001f1ed", "\U0001f1e9\U0001f1ea"),
    ],
)
async def test_another_thing_is_not_found(side: Side, written: str, asked: str) -> None:
    await side.put(head_of("c1", title="One"), said("m", written))
    found = await side.index.search(asked, None, TextConditions(), limit=10)
    assert not found.others[0]  # words that only resemble it are another lane


def test_plain_words_get_no_more_terms() -> None:
    assert variant_terms("How do I rotate the keys in 2024, 错误修复 and ハンカク？ ©™") == []
