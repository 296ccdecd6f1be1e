"""Conversations for a reader, as Markdown or as one HTML file: the shown branch of each.

Promises: the page asks nobody for anything: pictures become links, HTML in a text is text, and so is a
message of more than 100,000 characters as a whole. Leaves to others: the form that an import reads back.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from backend.pages import GrowingPage, plain, report
from backend.reports.verdict_words import dollars
from use_cases.conversations.message_tree import shown_branch, shown_text
from use_cases.conversations.model import (
    HERE,
    ConversationFormat,
    ImportedMessage,
    StoredConversation,
    StoredMessage,
    StoredTree,
)
from use_cases.kernel.citations.sources import Source, SourceKind
from use_cases.kernel.runs.record import AnswerRecord
from use_cases.kernel.targets import Judgement

_LONGEST = 100_000


MEDIA_TYPES = {
    ConversationFormat.JSON: "application/json",
    ConversationFormat.MARKDOWN: "text/markdown; charset=utf-8",
    ConversationFormat.HTML: "text/html; charset=utf-8",
}
SUFFIXES = {
    ConversationFormat.JSON: "json",
    ConversationFormat.MARKDOWN: "md",
    ConversationFormat.HTML: "html",
}


def written(
    tree: StoredTree,
    records: Sequence[AnswerRecord],
    format: ConversationFormat,  # noqa: A002  (its name on the wire)
) -> Iterator[str]:
    """Yields one conversation as Markdown, or as a part of a page; below an answer stands what is recorded
    of it.
    """
    recorded = {one.answer_id: _recorded(one) for one in records}
    title, about = tree.conversation.title, _about(tree.conversation)
    shown = shown_branch(tree)
    said = [one for one in tree.messages if one.message.message_id in shown]
    texts = [
        (_heading(one.message), _labelled(one, recorded.get(one.message.message_id, "")))
        for one in said
        if one.message.is_said
    ]
    texts = [(heading, text) for heading, text in texts if text.strip()]
    if format is ConversationFormat.HTML:
        yield _page().part("conversation", title, about, texts)
        return
    yield f"# {title}\n\n{about}\n"
    yield from (f"\n## {heading}\n\n{text}\n" for heading, text in texts)
    yield "\n"


def page_start(format: ConversationFormat, title: str) -> str:  # noqa: A002
    """Returns what stands before the first conversation."""
    return _page().part("begin", title) if format is ConversationFormat.HTML else ""


def page_end(format: ConversationFormat) -> str:  # noqa: A002
    """Returns what stands behind the last one."""
    return _page().part("end") if format is ConversationFormat.HTML else ""


def _about(one: StoredConversation) -> str:
    source, url = (one.origin.source, one.origin.url) if one.origin else (HERE, "")
    about = (source, one.mode, url, f"{one.created_at:%Y-%m-%d}", one.chat_id)
    return " · ".join(filter(None, about))


def _heading(one: ImportedMessage) -> str:
    at = f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else ""
    about = (one.role.value.capitalize(), one.model, at, "" if one.is_complete else "interrupted")
    return " · ".join(_line(each) for each in about if each)


def _labelled(one: StoredMessage, recorded: str) -> str:
    label = one.label and f"*({one.label})*"
    return "\n\n".join(filter(None, (shown_text(one.message.parts), label, recorded)))


def _recorded(one: AnswerRecord) -> str:
    """Returns the sources with their quotes and versions, and how the answer came about."""
    sources = "\n".join(map(_source, one.sources))
    tokens = [(one.input_tokens, "in"), (one.output_tokens, "out")]
    right = " — ".join(part for part in (one.expected, one.expected_document) if part)
    about = (
        one.outcome.value,
        one.prompt_version,
        ", ".join(f"{count:,} tokens {way}" for count, way in tokens if count is not None),
        dollars(one.cost),
        f"{one.latency_ms / 1000:.1f} s",
        "" if one.right is None else f"marked as {Judgement.of(one.right)}",
        _line(one.feedback_notes or ""),
        right and f"right is: {_line(right)}",
    )
    return "\n\n".join(filter(None, (sources, f"*{' · '.join(filter(None, about))}*")))


def _source(one: Source) -> str:
    """Returns `- [1] Leave policy — Carry-over — 2026-01-15, leave.md, version 7: “At most five days.”`"""
    document = one.document
    stored = one.kind in (SourceKind.PASSAGE, SourceKind.QUERY)
    parts = (document.title, one.section, one.said or str(document.updated))
    place = " — ".join(dict.fromkeys(part for part in parts if part))
    version = f", version {document.version_id}" if stored else ""
    sql = f" ({one.sql})" if one.sql else ""
    quotes = " ".join(dict.fromkeys(f"“{quote.text}”" for quote in one.quotes if quote.text))
    return f"- [{one.number}] " + _line(f"{place}, {document.name}{version}{sql}: {quotes}")


def _line(text: str) -> str:
    return " ".join(text.split())


@cache
def _page() -> GrowingPage:
    # Imported here: only a page needs it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")

    def rendered(text: str) -> str:
        return parser.render(plain(text))

    return report("conversation.html", rendered=rendered, longest=_LONGEST)
