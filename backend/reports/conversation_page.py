"""Conversations for a reader, as Markdown or as one HTML file: the shown branch of each.

Promises: the page asks nobody for anything: pictures become links, HTML in a text is text, and so is a
message of more than 100,000 characters as a whole. Leaves to others: the form that an import reads back.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from backend.reports import page_frame
from backend.reports.markup import Html, plain, tag
from use_cases.conversations.message_tree import shown_branch
from use_cases.conversations.model import (
    HERE,
    ConversationFormat,
    ImportedMessage,
    StoredConversation,
    StoredMessage,
    StoredTree,
)
from use_cases.conversations.shown_text import shown_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

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
    format: ConversationFormat,  # noqa: A002  (its name on the wire)
) -> Iterator[str]:
    """One conversation as Markdown, or as a part of a page."""
    shown, title = shown_branch(tree), tree.conversation.title
    said = [one for one in tree.messages if one.message.message_id in shown]
    texts = [(_heading(one.message), _labelled(one)) for one in said if one.message.is_said]
    if format is ConversationFormat.MARKDOWN:
        yield f"# {title}\n\n{_about(tree.conversation)}\n"
        yield from (f"\n## {heading}\n\n{text}\n" for heading, text in texts if text.strip())
        yield "\n"
        return
    yield tag("h1", title) + tag("p", _about(tree.conversation))
    for heading, text in texts:
        if text.strip():
            yield tag("section", tag("h2", heading), _rendered(text))


def page_start(format: ConversationFormat, title: str) -> str:  # noqa: A002
    """What stands before the first conversation."""
    return page_frame.page_start(title, "") if format is ConversationFormat.HTML else ""


def page_end(format: ConversationFormat) -> str:  # noqa: A002
    """What stands behind the last one."""
    return page_frame.page_end() if format is ConversationFormat.HTML else ""


def _about(one: StoredConversation) -> str:
    source, url = (one.origin.source, one.origin.url) if one.origin else (HERE, "")
    about = (source, one.mode, url, f"{one.created_at:%Y-%m-%d}", one.chat_id)
    return " · ".join(filter(None, about))


def _heading(one: ImportedMessage) -> str:
    at = f"{one.created_at:%Y-%m-%d %H:%M}" if one.created_at else ""
    about = (one.role.value.capitalize(), one.model, at, "" if one.is_complete else "interrupted")
    return " · ".join(" ".join(each.split()) for each in about if each)


def _labelled(one: StoredMessage) -> str:
    return "\n\n".join(
        filter(None, (shown_text(one.message.parts), one.label and f"*({one.label})*"))
    )


def _rendered(text: str) -> Html:
    if len(text) > _LONGEST:
        return tag("pre", text)
    return Html(_parser().render(plain(text)))


@cache
def _parser() -> "MarkdownIt":
    # Imported here: only a page needs it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
