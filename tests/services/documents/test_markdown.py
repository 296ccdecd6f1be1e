"""Markdown: exact characters, structure, front matter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.markdown import parse_markdown, split_front_matter
from use_cases.kernel.model import Authority
from use_cases.knowledge.errors import SourceEmpty
from use_cases.knowledge.model import BlockKind, ParsedDocument, StatedFacts


def cut_out(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind.value, block.span.cut(document.text)) for block in document.blocks]


PAGE = """# Leave *policy*

Everybody has
28 days.

- Ask early.
  In the portal.
- Ask nicely.

```sh
ask # now
```

    indented code

| Years | Days |
|---|---|
| 0 | 28 |

> quoted

<div>raw</div>

[portal]: https://example.org

Asking
------
"""


def test_blocks_are_cut_out_of_the_file_itself() -> None:
    assert cut_out(parse_markdown(PAGE)) == [
        ("heading", "# Leave *policy*"),
        ("paragraph", "Everybody has\n28 days."),
        ("list", "- Ask early.\n  In the portal."),
        ("list", "- Ask nicely."),
        ("code", "```sh\nask # now\n```"),
        ("code", "    indented code"),
        ("table", "| Years | Days |\n|---|---|\n| 0 | 28 |"),
        ("paragraph", "> quoted"),
        ("paragraph", "<div>raw</div>"),
        ("heading", "Asking\n------"),
    ]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("## Plain words", "Plain words"),
        ("## The `reset` *command* ##", "The reset command"),
        ("# [Leave](/leave) & ![logo](x.png) more", "Leave & logo more"),
        ("### C# and F#", "C# and F#"),
        ("#", ""),
    ],
)
def test_a_heading_keeps_its_words_and_loses_its_markup(heading: str, words: str) -> None:
    assert parse_markdown(heading + "\n\ntext").blocks[0].heading == words


def test_link_definitions_are_stored_and_searched_by_nobody() -> None:
    document = parse_markdown("[home]: /\n[a b]: /c 'title'\n\nSee [home].\n\n[^1]: /note")
    assert "[home]: /" in document.text
    assert [words for _, words in cut_out(document)] == ["See [home].", "[^1]: /note"]


def test_a_hash_in_code_is_no_heading() -> None:
    kinds = [block.kind for block in parse_markdown("```\n# no heading\n```\n").blocks]
    assert kinds == [BlockKind.CODE]


FRONT = """---
title: "Leave: the policy"
category: policies
last_updated: 4 March 2026
status: superseded
superseded_by: leave-v2.md
version: 1.10
owner: [People, Legal]
---
# Leave
"""


def test_front_matter_says_what_it_says_and_is_not_stored() -> None:
    document = parse_markdown(FRONT)
    assert document.text == "# Leave\n"
    assert document.stated == StatedFacts(
        title="Leave: the policy",
        category="policies",
        updated=date(2026, 3, 4),
        authority=Authority.SUPERSEDED,
        superseded_by="leave-v2.md",
        version="1.10",
        owner="People, Legal",
    )


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: [unclosed\n---\ntext",
        "---\na: &a [*a]\n  b: c: d\n---\ntext",
        "---\n!!timestamp x: y\n\tz\n---\ntext",
        "---\nJust words between rules.\n---\ntext",
        "---\ntitle: never closed\n\ntext",
        "---\n" + "[" * 3000 + "\n---\ntext",
    ],
    ids=["unclosed", "aliases", "tags", "words", "no end", "deep"],
)
def test_front_matter_that_cannot_be_read_is_text(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_a_bad_date_does_not_cost_the_other_facts() -> None:
    stated = parse_markdown("---\ntitle: T\ndate: 2026-13-45\n---\ntext").stated
    assert (stated.title, stated.updated) == ("T", None)


def test_front_matter_may_have_the_entities_of_html() -> None:
    stated = parse_markdown("---\ntitle: Logging in &amp; Networks &#0;\n---\ntext").stated
    assert stated.title == "Logging in & Networks \ufffd"


def test_front_matter_cannot_smuggle_in_what_cannot_be_stored() -> None:
    assert parse_markdown('---\ntitle: "a\\ud800\\0b"\n---\ntext').stated.title == "a\ufffdb"


def test_nothing_below_the_front_matter_is_empty() -> None:
    with pytest.raises(SourceEmpty):
        parse_markdown("---\ntitle: moved\n---\n \n")


MARKS = st.text(alphabet="#-*`>|_[()~=<! \n\t1.ax:", min_size=1, max_size=200).filter(str.strip)


@given(MARKS)
def test_every_visible_character_lies_in_exactly_one_block(text: str) -> None:
    try:
        document = parse_markdown(text)
    except SourceEmpty:
        return
    left = list(document.text)
    end = 0
    for block in document.blocks:
        assert end <= block.span.start < block.span.end <= len(document.text)
        left[block.span.start : block.span.end] = " " * (block.span.end - block.span.start)
        end = block.span.end
    assert not "".join(left).strip()
