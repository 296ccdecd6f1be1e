"""Differences between two texts, word by word, and between two contents of a prompt: messages, variables,
settings; and long texts, cut for a page.

Promises: a longest common subsequence, so no shorter difference exists; the pieces give both texts
back; time and memory are bounded. A long text is cut, with its rest behind “Show all”, and a huge one ends
with how much is missing. Leaves the algorithm to rapidfuzz: Hyyrö, "Bit-parallel LCS-length computation
revisited" (2004).

Promises: the pieces of each message give both texts back; nothing that differs is left out but the
order of variables.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from enum import StrEnum
from itertools import zip_longest
from typing import TypeAlias

from pydantic import BaseModel, Field, JsonValue

from use_cases.kernel.prompts.content import CONTENT, PromptContent, PromptMessage, Role, Syntax

# Blanks belong to the word after them: else two texts would always share their blanks.
_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MOST_TOKENS = 3_000
_COMPARED = 20_000


class Edit(StrEnum):
    """The part of a piece in the difference."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


Piece: TypeAlias = tuple[Edit, str]


def difference(before: str, after: str) -> Sequence[Piece] | None:
    """Returns the pieces of both texts in order; None where both are too long to compare.

    Words are compared where there are at most 3,000 on each side, else lines. Between two equal
    parts stands first all that is removed, then all that is added.
    """
    for pattern in (_TOKEN, _LINE):
        one, other = pattern.findall(before), pattern.findall(after)
        if max(len(one), len(other)) <= _MOST_TOKENS:
            pieces = _aligned(one, other)
            return [(edit, "".join(tokens)) for edit, tokens in pieces if tokens]
    return None


@dataclass(frozen=True, slots=True)
class Shortened:
    """A text in pieces: its beginning, the rest, and how many more characters the page does not hold."""

    first: Sequence[Piece]
    rest: Sequence[Piece] = ()
    length: int = 0
    missing: int = 0


def shortened(text: str | Sequence[Piece], shown: int = 1_500, most: int = 30_000) -> Shortened:
    """Cuts a text after the characters that are seen at once, and after those that the page holds."""
    pieces = [(Edit.SAME, text)] if isinstance(text, str) else text
    length = _length(pieces)
    if length <= shown + 200:
        return Shortened(pieces)
    first, others = _split(pieces, shown)
    rest, lost = _split(others, most - shown)
    return Shortened(first, rest, length, _length(lost))


def compared(text: str, base: str | None) -> Shortened:
    """Returns an output with its difference from the baseline's, where both are not too long."""
    if not base or max(len(text), len(base)) > _COMPARED:
        return shortened(text)
    return shortened(difference(base, text) or text)


def json_text(value: JsonValue) -> str:
    """Returns a value to be read: a text as it is, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cut(words: str, most: int) -> str:
    """Returns the beginning of a long text, with its length."""
    return words if len(words) <= most else f"{words[:most]}… ({len(words):,} characters)"


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Edit, Sequence[str]]]:
    from rapidfuzz.distance import LCSseq

    old = new = 0
    for same in LCSseq.opcodes(before, after).as_matching_blocks():
        yield Edit.REMOVED, before[old : same.a]
        yield Edit.ADDED, after[new : same.b]
        old, new = same.a + same.size, same.b + same.size
        yield Edit.SAME, before[same.a : old]


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(piece) for _, piece in pieces)


def _split(pieces: Sequence[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """Returns the first `size` characters and the rest."""
    first: list[Piece] = []
    for place, (edit, piece) in enumerate(pieces):
        if len(piece) > size:
            return [*first, (edit, piece[:size])], [(edit, piece[size:]), *pieces[place + 1 :]]
        first.append((edit, piece))
        size -= len(piece)
    return first, []


class TextPiece(BaseModel):
    """A piece of one or both texts."""

    edit: Edit
    text: str


class MessageDifference(BaseModel):
    """A message of one or both versions; a role is null where the message is not there."""

    before: Role | None
    after: Role | None
    pieces: list[TextPiece]


class FieldDifference(BaseModel):
    """A variable or a setting that differs; null where it is not there."""

    name: str
    before: JsonValue
    after: JsonValue


class PromptDifference(BaseModel):
    """The difference between two versions."""

    before: int = Field(description="The number of one version.")
    after: int = Field(description="The number of the other.")
    same: bool
    messages: list[MessageDifference] = Field(description="All messages, in order.")
    variables: list[FieldDifference]
    settings: list[FieldDifference] = Field(description="With `syntax`, where that differs.")


def prompt_difference(
    before: tuple[int, PromptContent], after: tuple[int, PromptContent]
) -> PromptDifference:
    """Compares two versions, each with its number."""
    (old_number, old), (new_number, new) = before, after
    settings = [
        {**each.settings, **({"syntax": each.syntax.value} if old.syntax != new.syntax else {})}
        for each in (old, new)
    ]
    return PromptDifference(
        before=old_number,
        after=new_number,
        same=old.digest == new.digest,
        messages=list(_messages(old.messages, new.messages)),
        variables=list(_fields(_variables(old), _variables(new))),
        settings=list(_fields(*settings)),
    )


def difference_lines(
    before: tuple[str, PromptContent], after: tuple[str, PromptContent]
) -> Sequence[str]:
    """Returns the unified difference of two versions as text, each with its name; nothing for the same."""
    (old_name, old), (new_name, new) = before, after
    old_lines, new_lines = content_text(old).splitlines(), content_text(new).splitlines()
    return list(unified_diff(old_lines, new_lines, old_name, new_name, lineterm=""))


def content_text(content: PromptContent) -> str:
    """Returns a content as text: one that is a system message and nothing else as that message."""
    form: Mapping[str, JsonValue] = CONTENT.dump_python(content, mode="json")
    rest = [f"{name}: {form[name]}" for name in ("variables", "settings") if form[name]]
    if content.syntax is not Syntax.PLAIN:
        rest.append(f"syntax: {content.syntax}")
    if not rest and [each.role for each in content.messages] == [Role.SYSTEM]:
        return content.messages[0].content
    messages = [f"[{each.role}]\n{each.content}" for each in content.messages]
    return "\n\n".join([*messages, *rest])


def _messages(
    before: Sequence[PromptMessage], after: Sequence[PromptMessage]
) -> Iterator[MessageDifference]:
    for _, start, end, new_start, new_end in SequenceMatcher(
        None, list(before), list(after), autojunk=False
    ).get_opcodes():
        for old, new in zip_longest(before[start:end], after[new_start:new_end]):
            yield MessageDifference(
                before=old.role if old else None,
                after=new.role if new else None,
                pieces=_pieces(old, new),
            )


def _pieces(old: PromptMessage | None, new: PromptMessage | None) -> list[TextPiece]:
    texts = (old.content if old else "", new.content if new else "")
    found = ((Edit.SAME, texts[0]),) if old == new else difference(*texts)
    if found is None:
        found = ((Edit.REMOVED, texts[0]), (Edit.ADDED, texts[1]))
    return [TextPiece(edit=edit, text=text) for edit, text in found]


def _variables(content: PromptContent) -> Mapping[str, JsonValue]:
    form = CONTENT.dump_python(content, mode="json")
    return {each["name"]: each for each in form["variables"]}


def _fields(
    before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> Iterator[FieldDifference]:
    for name in sorted({*before, *after}):
        if name not in before or name not in after or before[name] != after[name]:
            yield FieldDifference(name=name, before=before.get(name), after=after.get(name))
