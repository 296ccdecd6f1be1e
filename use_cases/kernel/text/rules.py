"""Rules of language that are kept as data: a name, a pattern, a reason, and examples of both kinds.

Promises: a set of rules is read and its patterns are put together when it is first asked for, once
in a process. Leaves to others: where the files lie and how they are read (a `RuleReader`, which the
composition root hands in), and what a rule that matches means (the module that asks for the set).

The reader is state of this module, and no part that is handed to those who need rules: the rules
belong to the program, like its code, and are the same for every caller. Those that ask for them are
pure functions far down (a citation's check, each row of a table, each message of a history), and
all their callers would have to pass on a part that never differs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule as its file has it."""

    name: str
    pattern: str
    """A regular expression over several lines, which are joined without the spaces around them.
    `{{name}}` stands for a part or a list of words of the same file."""
    reason: str
    """A sentence."""
    matches: tuple[str, ...]
    """Texts that the pattern must match."""
    passes: tuple[str, ...]
    """Texts that it must not match."""
    kind: str = ""
    weight: int = 0
    language: str = ""
    act: str = ""
    needs: tuple[str, ...] = ()
    """Words of which a text has at least one where the rule matches; empty for any text."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A file of rules."""

    rules: tuple[WrittenRule, ...]
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Patterns that others name."""
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    """Lists of words, separated by commas or lines."""
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts to say, by name."""

    def pattern(self, written: str) -> str:
        """Returns a pattern on one line, with the parts and lists that it names."""
        lists = {name: words_of(words) for name, words in self.words.items()}
        whole = "".join(line.strip() for line in written.splitlines())
        return _NAMED.sub(
            lambda named: lists.get(named[1]) or self.pattern(self.parts[named[1]]), whole
        )


RuleReader: TypeAlias = Callable[[str], RuleSet]
"""Reads the set with this name."""

_NAMED = re.compile(r"\{\{(\w+)\}\}")
_readers: list[RuleReader] = []


def read_rules_with(reader: RuleReader) -> None:
    """Sets the reader of all sets, before one is asked for; sets that were read already stay."""
    _readers[:] = [reader]


@cache
def rule_set(name: str) -> RuleSet:
    """Returns the set with this name."""
    (reader,) = _readers
    return reader(name)


def words_of(text: str) -> str:
    """Returns an alternation of the words of a text: one a line or separated by commas; spaces in a
    word also match hyphens. Longer ones first, so that a match shows the whole of a phrase.
    """
    words = {word.strip() for line in text.splitlines() for word in line.split(",")} - {""}
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(word.replace(" ", "[ -]") for word in ordered) + ")"
