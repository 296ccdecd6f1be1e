"""Finds text in a document that gives orders to an assistant: it is material, and never an answer.

Unlike a message (`services/models/offline/refusals.py`), a document speaks to people most of the
time: a runbook may well say "print the environment variables" or "delete all rules". So an order
counts only where no person can be meant: it is about an assistant's own instructions, role or
answers (`services/rules/files/prompt_injection.yaml`). Where one stands, all of its paragraph is left out, because its author wrote the rest too.
"""

import re
from collections.abc import Iterator
from functools import cache

from use_cases.kernel.model import Span
from use_cases.kernel.text.disguises import plain
from use_cases.kernel.text.rules import rule_set

_BLOCK = re.compile(r"(?:^[^\n]*\S[^\n]*(?:\n|\Z))+", re.MULTILINE)
_ROW = re.compile(r"^\s*\|", re.MULTILINE)


def orders(text: str) -> Iterator[Span]:
    """The paragraphs of a text, and the rows of its tables, that give orders to an assistant."""
    if not gives_orders(text):
        return
    for block in _BLOCK.finditer(text):
        if not gives_orders(block.group()):
            continue
        if _ROW.match(block.group()):
            yield from _rows(text, Span(*block.span()))
        else:
            yield Span(*block.span())


def gives_orders(text: str) -> bool:
    """True if a text gives orders to an assistant."""
    reading = " ".join(text.replace("\n>", "\n").split())
    if not (reading.isascii() and reading.isprintable()):
        reading = plain(reading)
    lowered = reading.lower()
    return any(
        any(word in lowered for word in words) and pattern.search(reading)
        for words, pattern in _patterns()
    )


@cache
def _patterns() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """Each with the words that it needs one of: most text has none, and looking for them is quick."""
    rules = rule_set("prompt_injection")
    return tuple(
        (rule.needs, re.compile(rules.pattern(rule.pattern), re.IGNORECASE | re.DOTALL))
        for rule in rules.rules
    )


def _rows(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for line in block.cut(text).splitlines(keepends=True):
        if gives_orders(line):
            yield Span(start, start + len(line))
        start += len(line)
