"""Documents that a model wrote with its tools: what a call writes or changes, and the versions of it.

Claude's artifacts and files and ChatGPT's canvas are calls of tools: one writes a document, the others
change it. Promises: each version is put together along its branch; no pattern of a file is ever run as a
regular expression; what the versions of one conversation take is bounded, and beyond the bound a change
is kept as it is. Linear in what it reads and makes.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from use_cases.conversations.json_values import Fields, fields, first_text, objects, text
from use_cases.conversations.model import DocumentPart, ImportedMessage, Replaced

_MOST_CHARACTERS = 2_000_000
"""That the versions of one conversation may take which are put together here."""
_MOST_SPENT = 200_000_000
"""Characters that are looked through for them."""
_EVERYTHING = frozenset((".*", "(?s).*", "^.*$", "(?s)^.*$", ".+", r"[\s\S]*", r"\A.*\Z"))
_LITERAL = re.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^A-Za-z0-9])*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CODE = "code/"


def document_call(name: str, given: object) -> DocumentPart | None:
    """Returns the change of a document by a call of a tool; None for a call of another kind."""
    values = _object(given)
    if name.startswith("canmore."):
        return _canvas(name.removeprefix("canmore."), values)
    if name in ("artifacts", "create_artifact"):
        return _artifact(values)
    if name == "create_file" and "file_text" in values:
        return _file(values, text=text(values["file_text"]))
    if name == "str_replace" and "old_str" in values:
        return _file(values, changes=(_replaced(values, "old_str", "new_str"),))
    return None


def _object(given: object) -> Fields:
    if not isinstance(given, str):
        return fields(given)
    try:
        return fields(json.loads(given, strict=False))
    except (ValueError, RecursionError):
        return {}


def _artifact(values: Fields) -> DocumentPart | None:
    command = first_text(values, "command") or "create"
    written = DocumentPart(
        name=first_text(values, "title"),
        document_id=first_text(values, "id", "identifier"),
        language=first_text(values, "language") or _LANGUAGES.get(first_text(values, "type"), ""),
    )
    if command == "update" and "old_str" in values:
        return replace(written, changes=(_replaced(values, "old_str", "new_str"),))
    if command in ("create", "rewrite", "update") and text(values.get("content")):
        return replace(written, text=text(values["content"]))
    return None


def _file(
    values: Fields, *, text: str = "", changes: tuple[Replaced, ...] = ()
) -> DocumentPart | None:
    path = first_text(values, "path", "file_path")
    ending = path.rpartition(".")[2]
    language = ending if ending != path and len(ending) < 8 and ending.isalnum() else ""
    return DocumentPart(
        name=path.rpartition("/")[2],
        document_id=path,
        language=language,
        text=text,
        changes=changes,
    )


def _canvas(command: str, values: Fields) -> DocumentPart | None:
    if command == "create_textdoc" and "content" in values:
        kind = first_text(values, "type")
        return DocumentPart(
            name=first_text(values, "name", "title"),
            language=kind.removeprefix(_CODE) if kind.startswith(_CODE) else "markdown",
            text=text(values["content"]),
        )
    if command == "update_textdoc":
        updates = tuple(
            Replaced(
                old=text(one.get("pattern")),
                new=text(one.get("replacement")),
                every=one.get("multiple") is True,
            )
            for one in objects(values.get("updates"))
        )
        return DocumentPart(name="", changes=updates) if updates else None
    if command == "comment_textdoc":
        said = [first_text(one, "comment") for one in objects(values.get("comments"))]
        return DocumentPart(name="", comments=tuple(filter(None, said))) if any(said) else None
    return None


def _replaced(values: Fields, old: str, new: str) -> Replaced:
    return Replaced(old=text(values.get(old)), new=text(values.get(new)))


@dataclass(slots=True)
class _State:
    """The newest version of a document on the branch that is walked; `text` is None where it is unknown."""

    part: DocumentPart
    text: str | None
    version: int = 1


@dataclass(slots=True)
class _Walk:
    """A walk through a tree, parents first: the documents above a message, and how to go back up."""

    documents: dict[str, _State] = field(default_factory=dict[str, _State])
    newest: list[str] = field(default_factory=list[str])
    above: list[tuple[str, list[tuple[str, _State | None]], int]] = field(
        default_factory=list[tuple[str, list[tuple[str, _State | None]], int]]
    )
    made: int = 0
    spent: int = 0

    def go_to(self, parent: str | None) -> None:
        """Forgets what stands below the parent."""
        while self.above and self.above[-1][0] != parent:
            _, before, newest = self.above.pop()
            for name, state in reversed(before):
                if state is None:
                    self.documents.pop(name, None)
                else:
                    self.documents[name] = state
            del self.newest[newest:]

    def version(self, part: DocumentPart, before: list[tuple[str, _State | None]]) -> DocumentPart:
        """Returns the part with its number, its name and its text; `before` gets what it takes the
        place of.
        """
        key = part.document_id or (self.newest[-1] if self.newest and not part.text else part.name)
        known = self.documents.get(key)
        earlier = known.part if known else part
        part = replace(
            part,
            name=part.name or earlier.name or part.document_id,
            language=part.language or earlier.language,
        )
        if part.comments:
            return replace(part, version=known.version if known else 0)
        whole = part.text if part.text or not part.changes else self._changed(known, part)
        version = known.version + 1 if known else 1
        before.append((key, known))
        self.documents[key] = _State(part, whole, version)
        self.newest.append(key)
        kept = part.text
        if part.changes and whole and self.made + len(whole) <= _MOST_CHARACTERS:
            self.made += len(whole)
            kept = whole
        return replace(part, version=version, text=kept)

    def _changed(self, known: _State | None, part: DocumentPart) -> str | None:
        """Returns the text after the changes; None where one of them does not apply."""
        found = known.text if known else None
        for one in part.changes:
            if one.old in _EVERYTHING:
                found = one.new
                continue
            if found is None or self.spent > _MOST_SPENT:
                return None
            self.spent += len(found)
            old = one.old if part.document_id else _literal(one.old)
            times = found.count(old) if old else 0
            times = times if one.every else min(times, 1)
            if not times or len(found) + times * (len(one.new) - len(old)) > _MOST_CHARACTERS:
                return None
            found = found.replace(old, one.new, times)
        return found


def _literal(pattern: str) -> str:
    """Returns the text that a pattern stands for; nothing where it stands for several."""
    return _ESCAPE.sub(r"\1", pattern) if _LITERAL.fullmatch(pattern) else ""


def with_versions(messages: Sequence[ImportedMessage]) -> list[ImportedMessage]:
    """Returns the messages, parents first, with the versions of their documents."""
    if not any(isinstance(part, DocumentPart) for one in messages for part in one.parts):
        return list(messages)
    walk, found = _Walk(), list[ImportedMessage]()
    for one in messages:
        walk.go_to(one.parent_id)
        before, newest = list[tuple[str, _State | None]](), len(walk.newest)
        parts = tuple(
            walk.version(part, before) if isinstance(part, DocumentPart) else part
            for part in one.parts
        )
        walk.above.append((one.message_id, before, newest))
        found.append(one if parts == one.parts else replace(one, parts=parts))
    return found


_LANGUAGES = {
    "text/markdown": "markdown",
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/vnd.ant.react": "jsx",
    "application/vnd.ant.mermaid": "mermaid",
}
