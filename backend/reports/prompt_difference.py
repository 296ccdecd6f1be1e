"""The difference between two contents of a prompt: messages, variables, settings.

Promises: the pieces of each message give both texts back; nothing that differs is left out but the
order of variables.
"""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest

from pydantic import BaseModel, Field, JsonValue

from backend.reports.text_difference import Edit, difference
from use_cases.kernel.prompts.content import CONTENT, PromptContent, PromptMessage, Role, Syntax


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
