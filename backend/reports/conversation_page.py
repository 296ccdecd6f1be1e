"""Conversations for a reader, as Markdown or as one HTML file: the shown branch of each.

Promises: the page asks nobody for anything: pictures become links, HTML in a text is text, and so is a
message of more than 100,000 characters as a whole. Leaves to others: the form that an import reads back.
"""

from collections.abc import Iterator
from functools import cache

from backend.pages import GrowingPage, plain, report
from use_cases.conversations.message_tree import shown_branch, shown_text
from use_cases.conversations.model import (
    HERE,
    ConversationFormat,
    ImportedMessage,
    StoredConversation,
    StoredMessage,
    StoredTree,
)

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
    """Yields one conversation as Markdown, or as a part of a page."""
    title, about = tree.conversation.title, _about(tree.conversation)
    shown = shown_branch(tree)
    said = [one for one in tree.messages if one.message.message_id in shown]
    texts = [(_heading(one.message), _labelled(one)) for one in said if one.message.is_said]
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
    return " · ".join(" ".join(each.split()) for each in about if each)


def _labelled(one: StoredMessage) -> str:
    return "\n\n".join(
        filter(None, (shown_text(one.message.parts), one.label and f"*({one.label})*"))
    )


@cache
def _page() -> GrowingPage:
    # Imported here: only a page needs it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")

    def rendered(text: str) -> str:
        return parser.render(plain(text))

    return report("conversation.html", rendered=rendered, longest=_LONGEST)
