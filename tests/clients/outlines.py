"""Messages as short lines, so that a test can write out what it expects of one."""

from tests.clients.node import Look

ANSWER = "text: Passwords must be rotated every 90 days [1]."
SEARCHED = "tool-search_knowledge_base: output-available"
SOURCES = ["source-document: policies/passwords.md", "data-sources: 1"]
"""What stands at the end of an answer that cites its only source."""

FACT = ["step-start", SEARCHED, "step-start", ANSWER, *SOURCES]
"""What most scripts say."""


def outline(message: Look) -> list[str]:
    """One line for each part of a UI message of AI SDK 5 to 7."""
    return [_line(part) for part in message["parts"].items]


def outlines(messages: Look) -> list[list[str]]:
    """The lines of each message, its role first."""
    return [[message["role"].text, *outline(message)] for message in messages.items]


def _line(part: Look) -> str:
    kind = part["type"].text
    match kind:
        case "text" | "reasoning":
            return f"{kind}: {part['text'].text}"
        case "source-document":
            return f"{kind}: {part['filename'].text}"
        case "data-sources":
            return (
                f"{kind}: {', '.join(str(source['number'].value) for source in part['data'].items)}"
            )
        case "data-answer-replaced":
            return f"{kind}: {part['data']['reason'].text}"
        case _ if kind.startswith("tool-"):
            return f"{kind}: {part['state'].text}"
        case _:
            return kind
