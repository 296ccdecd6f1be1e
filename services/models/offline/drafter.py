"""The offline drafter as a pydantic-ai model: it runs the same agent and tools as any other model.

It extracts, and says so: the first draft is made of the conversation's own sentences; a message becomes a
note of the draft, `title: …` its title, and `create the project` proposes it, then creates it. Nothing
leaves the machine.
"""

import re
from collections.abc import Mapping, Sequence
from textwrap import shorten

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from services.models.offline.question import cue
from services.models.offline.steps import Step, call, read_messages, stepping
from use_cases.conversations.drafts.model import (
    CONVERSATION_BLOCK,
    CREATE_TOOL,
    DRAFT_BLOCK,
    FIRST_DRAFT,
    UPDATE_TOOL,
)
from use_cases.kernel.text.plain_text import title_of
from use_cases.kernel.text.words import sentences

LABEL = "*Extracted from the conversation without a language model.*"
NOTE_HEADING = "## Notes"

_MOST_SENTENCES = 3
_MOST_REQUESTS = 8
_LONGEST_SENTENCE = 400
_SPEAKER = re.compile(r"(?m)^(?P<who>PERSON|ASSISTANT): ")
_BLOCK = r"(?s)(?>.*?The code of this message is (\w+)\.).*?\1 BEGIN {0}\n(.*?)\n\1 END {0}"
"""A block of the prompt's own code, the first that is named: what a block holds may name another."""


def offline_drafter() -> FunctionModel:
    """Returns the model behind the name `offline:drafter`."""
    return stepping("drafter", _next)


def extracted(conversation: str) -> Mapping[str, str]:
    """Returns the first draft that a conversation makes, as the arguments of the tool."""
    head, *said = _SPEAKER.split(conversation)
    title = head.partition("\n")[0].removeprefix("TITLE: ").strip()
    asked, answered = (
        [text for who, text in zip(said[::2], said[1::2], strict=True) if who == speaker]
        for speaker in ("PERSON", "ASSISTANT")
    )
    parts = [LABEL]
    if asked:
        parts += ["## Problem", _beginning(asked[0])]
    if len(asked) > 1:
        requests = [_beginning(text, most=1) for text in asked[1:]][-_MOST_REQUESTS:]
        parts += ["## Requests", "\n".join(f"- {text}" for text in requests)]
    if answered:
        parts += ["## Where it stands", _beginning(answered[-1])]
    return {
        "title": title_of(title or (asked[0] if asked else "Project")),
        "description": "\n\n".join(parts),
    }


async def _next(messages: Sequence[ModelMessage], info: AgentInfo) -> Step:
    known = read_messages(messages)
    newest = known.newest
    if known.results:
        _, result = known.results[-1]
        return f"{result.model_response_str()} No language model is configured, so nothing was rephrased."
    material = info.instructions or ""
    first = extracted(_block(material, CONVERSATION_BLOCK))
    if newest == FIRST_DRAFT:
        return call(UPDATE_TOOL, first)
    draft = _draft(_block(material, DRAFT_BLOCK)) or first
    if cue("creates a project").search(newest):
        return call(CREATE_TOOL, draft)
    if named := cue("names a title").search(newest):
        return call(UPDATE_TOOL, {**draft, "title": title_of(named["title"])})
    return call(UPDATE_TOOL, {**draft, "description": _noted(draft["description"], newest)})


def _block(material: str, name: str) -> str:
    """Returns the text of a fenced block; empty where there is none."""
    found = re.match(_BLOCK.format(name), material)
    return found[2] if found else ""


def _draft(block: str) -> Mapping[str, str] | None:
    title, _, description = block.removeprefix("# ").partition("\n\n")
    return {"title": title, "description": description} if block.startswith("# ") else None


def _beginning(text: str, most: int = _MOST_SENTENCES) -> str:
    line = " ".join(text.split())
    found = " ".join(span.cut(line) for span in sentences(line)[:most])
    return shorten(found, _LONGEST_SENTENCE, placeholder=" …")


def _noted(description: str, note: str) -> str:
    between = "\n" if NOTE_HEADING in description else f"\n\n{NOTE_HEADING}\n\n"
    return f"{description}{between}- {' '.join(note.split())}"
