"""The text of a message as its reader sees it, which search finds and a model gets."""

from collections.abc import Iterator, Sequence

from use_cases.conversations.model import CodePart, FilePart, Part, TextPart


def shown_text(parts: Sequence[Part]) -> str:
    """Text, code in fences, and files by name with the text that the source extracted from them.

    Reasoning, tools and citations are not part of it.
    """
    return "\n\n".join(text for part in parts for text in _texts(part) if text)


def _texts(part: Part) -> Iterator[str]:
    match part:
        case TextPart(text=text):
            yield text
        case CodePart(text=text, language=language):
            fence = "```" if "```" not in text else "~~~~"
            yield f"{fence}{language}\n{text}\n{fence}"
        case FilePart(name=name, text=text):
            yield f"[{name}]" if name else ""
            yield text
        case _:
            pass
