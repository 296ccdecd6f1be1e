"""The tree of a conversation, from nodes in any state of disorder, and what a reader sees of it: the shown
branch, and the text of a message, which search finds and a model gets.

Promises: every message is in the tree once, parents before children, whatever the nodes say: a parent
that is missing, a circle, an id that occurs twice, a node without a message. Each is counted. The work
is linear and does not recurse: a million nodes are no more than a long list. Leaves to others: what a
message holds.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain

from use_cases.conversations.json_values import moment
from use_cases.conversations.model import (
    RUNS_CODE,
    CitationPart,
    CodePart,
    ConversationReport,
    DocumentPart,
    FilePart,
    Imported,
    ImportedConversation,
    ImportedMessage,
    MessageRole,
    NotePart,
    Part,
    Replaced,
    StoredTree,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UnknownPart,
)
from use_cases.conversations.written_documents import with_versions

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class ImportFindings:
    """The findings of an importer, counted: not understood, or out of order."""

    not_understood: Counter[str] = field(default_factory=Counter[str])
    irregular: Counter[str] = field(default_factory=Counter[str])

    def fields(self, of: str, values: Mapping[str, object], known: frozenset[str]) -> None:
        """Counts the fields that are not known and not empty."""
        for name in sorted(values.keys() - known):
            if values[name] not in (None, "", [], {}, False):
                self.not_understood[f"field {of}.{name}"] += 1

    def moment(self, value: object) -> datetime | None:
        """Returns a moment in UTC; one that is there and cannot be read is counted."""
        found = moment(value)
        if found is None and value not in (None, ""):
            self.irregular["date unreadable: left out"] += 1
        return found


@dataclass(slots=True)
class Node:
    """A node as the source has it; `message` is None for one that only joins others."""

    node_id: str
    parent_id: str | None
    message: ImportedMessage | None


def headed(nodes: list[Node], key: str, note: NotePart) -> list[Node]:
    """Returns the nodes below a first message with what stands beside them; as they are where that is
    nothing.
    """
    if not note.text.strip():
        return nodes
    for one in nodes:
        one.parent_id = one.parent_id or key
    first = ImportedMessage(message_id=key, parent_id=None, role=MessageRole.SYSTEM, parts=(note,))
    return [Node(key, None, first), *nodes]


@dataclass(slots=True, kw_only=True)
class SourceTree:
    """A conversation as the source has it. `current` is None where the format names none, "" where it should."""

    conversation: ImportedConversation
    nodes: list[Node]
    current: str | None = None


def imported(draft: SourceTree, findings: ImportFindings, place: str) -> Imported:
    """Puts the nodes in order, and count what the conversation holds."""
    nodes = _unique(draft.nodes, findings)
    parents = _sound_parents(nodes, findings)
    messages, standing = _ordered(nodes, parents)
    messages = with_versions(messages)
    leaves = _leaves(messages)
    current = standing.get(draft.current) if draft.current else None
    if current is None and messages:
        if draft.current is not None:
            findings.irregular["current message missing: the latest one taken"] += 1
        shown = [one for one in leaves if one.hidden is None] or leaves
        current = max(shown, key=lambda one: one.created_at or _EARLIEST).message_id
    _count_oddities(messages, findings)
    conversation = replace(draft.conversation, messages=tuple(messages), current_id=current)
    return Imported(conversation, _report(conversation, len(leaves), findings, place))


def linked_by_time(nodes: Sequence[Node], findings: ImportFindings) -> None:
    """Gives each message without its parent the one before it by time, for a source that has one root.

    Dateless ones stand behind the node before them. No circle is made: the messages that hang together
    are linked one group after the other, in the order of their first messages.
    """
    named = {one.node_id: one for one in nodes}
    dates, at = dict[str, datetime](), _EARLIEST
    for one in nodes:
        at = (one.message.created_at if one.message else None) or at
        dates[one.node_id] = at
    top = _tops({one.node_id: one.parent_id for one in nodes if one.parent_id in named})
    joined = {one.node_id for one in nodes if one.message is None}
    last: Node | None = None
    for one in sorted(nodes, key=lambda one: dates[one.node_id]):
        if one.message is None:
            continue
        if one.parent_id not in named:
            if last is not None:
                one.parent_id = last.node_id
                findings.irregular["parent missing: linked by time"] += 1
            joined.add(one.node_id)
        if top.get(one.node_id, one.node_id) in joined:
            last = one


def _tops(parents: Mapping[str, str | None]) -> Mapping[str, str]:
    """Returns, for each node that has a parent, the topmost above it; of a circle, any in it."""
    found: dict[str, str] = {}
    for start in parents:
        path = dict[str, None]()
        at = start
        while at not in found and at not in path and (above := parents.get(at)) is not None:
            path[at] = None
            at = above
        found.update(dict.fromkeys(path, found.get(at, at)))
    return found


def _unique(nodes: Sequence[Node], findings: ImportFindings) -> dict[str, Node]:
    found: dict[str, Node] = {}
    seen = Counter[str]()
    for node in nodes:
        key = node.node_id
        while key in found:
            seen[node.node_id] += 1
            key = f"{node.node_id}#{seen[node.node_id] + 1}"
        if key != node.node_id:
            findings.irregular["id occurs twice: given a number"] += 1
        found[key] = node
    return found


def _sound_parents(nodes: Mapping[str, Node], findings: ImportFindings) -> dict[str, str | None]:
    """Returns every node's parent; None for a root, for one without its parent, and where a circle is
    cut.
    """
    parents: dict[str, str | None] = {}
    for key, node in nodes.items():
        parents[key] = node.parent_id if node.parent_id in nodes else None
        if node.parent_id and parents[key] is None:
            findings.irregular["parent missing: made a first message"] += 1
    done: set[str] = set()
    for start in nodes:
        path: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in done:
            if at in path:
                parents[at] = None
                findings.irregular["parents in a circle: cut"] += 1
                break
            path[at] = None
            at = parents[at]
        done.update(path)
    return parents


def _ordered(
    nodes: Mapping[str, Node], parents: Mapping[str, str | None]
) -> tuple[list[ImportedMessage], dict[str, str | None]]:
    """Returns the messages, parents first; and for every node the message that it is or stands below."""
    children: dict[str | None, list[str]] = {}
    for key, parent in parents.items():
        children.setdefault(parent, []).append(key)
    messages: list[ImportedMessage] = []
    standing: dict[str, str | None] = {}
    waiting = children.get(None, [])[::-1]
    while waiting:
        key = waiting.pop()
        parent = parents[key]
        above = None if parent is None else standing[parent]
        message = nodes[key].message
        if message is None:
            standing[key] = above
        else:
            standing[key] = key
            if message.message_id != key or message.parent_id != above:
                message = replace(message, message_id=key, parent_id=above)
            messages.append(message)
        waiting += reversed(children.get(key, ()))
    return messages, standing


def in_order(messages: Sequence[ImportedMessage]) -> Sequence[ImportedMessage]:
    """Returns the messages of a sound tree, parents first; those of one parent stay in their order."""
    nodes = {one.message_id: Node(one.message_id, one.parent_id, one) for one in messages}
    return _ordered(nodes, {one.message_id: one.parent_id for one in messages})[0]


def shown_branch(tree: StoredTree) -> Collection[str]:
    """Returns the ids of the messages of the branch that a conversation shows."""
    parents = {one.message.message_id: one.message.parent_id for one in tree.messages}
    shown = dict[str, None]()
    at = tree.conversation.leaf_id
    while at is not None and at not in shown:
        shown[at] = None
        at = parents.get(at)
    return shown


def latest_below(messages: Sequence[ImportedMessage], message_id: str) -> str:
    """Returns the latest leaf at or below a message; `messages` have parents before their children."""
    below = {message_id}
    for one in messages:
        if one.parent_id in below:
            below.add(one.message_id)
    leaves = _leaves([one for one in messages if one.message_id in below])
    return max(leaves, key=lambda one: one.created_at or _EARLIEST).message_id


def _leaves(messages: Sequence[ImportedMessage]) -> list[ImportedMessage]:
    with_children = {one.parent_id for one in messages}
    # The last first: among equal dates, `max` takes the first that it meets.
    return [one for one in reversed(messages) if one.message_id not in with_children]


def _count_oddities(messages: Sequence[ImportedMessage], findings: ImportFindings) -> None:
    dates = {one.message_id: one.created_at for one in messages}
    for one in messages:
        if not one.parts:
            findings.irregular["message without content"] += 1
        above = dates.get(one.parent_id) if one.parent_id else None
        if above and one.created_at and one.created_at < above:
            findings.irregular["dated before its parent"] += 1


def _report(
    conversation: ImportedConversation, branches: int, findings: ImportFindings, place: str
) -> ConversationReport:
    parts = [part for message in conversation.messages for part in message.parts]
    unknown = Counter(f"type {part.type}" for part in parts if isinstance(part, UnknownPart))
    hidden = Counter(one.hidden.value for one in conversation.messages if one.hidden)
    return ConversationReport(
        place=place,
        source=conversation.source,
        source_id=conversation.source_id,
        title=conversation.title,
        messages=len(conversation.messages),
        branches=branches,
        kept=Counter(part.kind for part in parts),
        hidden=hidden,
        not_understood=findings.not_understood + unknown,
        irregular=findings.irregular,
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
