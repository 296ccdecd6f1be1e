"""The text of a message as its reader sees it, which search finds and a model gets."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from use_cases.conversations.model import (
    RUNS_CODE,
    CitationPart,
    CodePart,
    DocumentPart,
    FilePart,
    NotePart,
    Part,
    Replaced,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

_TICKS = re.compile("`{3,}")
_LONGEST_LANGUAGE = 40
_SHOWN_WHOLE = 4_000
"""Characters up to which a changed document is shown whole, so that nobody reads what it no longer says."""


def shown_text(parts: Sequence[Part]) -> str:
    """Text; code in fences, also that which a tool ran, with what it printed; documents that a model
    wrote; what the source keeps beside the messages; files by name with the text that the source
    extracted from them; and the pages that are named as sources.

    Reasoning, and calls and replies of other tools, are not part of it.
    """
    texts = [text for part in parts for text in _texts(part)]
    return "\n\n".join(filter(None, [*texts, _pages(parts)]))


def _texts(part: Part) -> Iterator[str]:
    match part:
        case TextPart(text=text):
            yield text
        case CodePart(text=text, language=language):
            yield _fenced(text, language)
        case ToolCallPart(name=name, input=text, language=language) if name in RUNS_CODE:
            yield f"[Code that {name} ran]\n{_fenced(text, language)}"
        case ToolResultPart(name=name, text=text) if name in RUNS_CODE and text:
            yield f"[What {name} printed]\n{_fenced(text)}"
        case DocumentPart():
            yield from _document(part)
        case NotePart(name=name, text=text):
            yield f"[The chat's {name}, from its source]\n\n{_quoted(text)}"
        case FilePart(name=name, text=text):
            named = name or (part.reference if part.kind == "file" else "")
            yield f"[{named}]" if named else ""
            yield text
        case _:
            pass


def _document(part: DocumentPart) -> Iterator[str]:
    name = " ".join(part.name.split()) or "untitled"
    yield f"[Document: {name}" + (f", version {part.version}]" if part.version else "]")
    if part.changes and not 0 < len(part.text) <= _SHOWN_WHOLE:
        yield _fenced("\n".join(chain.from_iterable(map(_change, part.changes))), "diff")
    elif part.text:
        yield _fenced(part.text, part.language)
    yield from (f"Comment: {one}" for one in part.comments)


def _quoted(text: str) -> str:
    """Prose as a quotation in Markdown: what stands in it begins no block of the message's own."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _change(change: Replaced) -> Iterator[str]:
    yield from (f"-{line}" for line in change.old.splitlines())
    yield from (f"+{line}" for line in change.new.splitlines())


def _fenced(text: str, language: str = "") -> str:
    """Returns the text between fences that it cannot close."""
    longest = max((len(found) for found in _TICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    named = "".join(language.split()).replace("`", "")[:_LONGEST_LANGUAGE]
    return f"{fence}{named}\n{text}\n{fence}"


def _pages(parts: Sequence[Part]) -> str:
    cited = dict[str, str]()
    for one in parts:
        if isinstance(one, CitationPart) and one.url:
            cited.setdefault(one.url, " ".join(one.title.split()))
    return "\n".join(f"- {title}: {url}" if title else f"- {url}" for url, title in cited.items())
