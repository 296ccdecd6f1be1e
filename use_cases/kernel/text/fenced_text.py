"""Fences: texts that a model reads and never obeys, between lines that they cannot close.

Promises: each block of a prompt stands between two lines with a code of 16 random characters, drawn
for that prompt, which occurs in none of the texts; so no text can end its own block or begin another.
Leaves to others: the instructions that say what a block is.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from use_cases.kernel.ports import Entropy

_CODE_LENGTH = 16


class Material(NamedTuple):
    """A block: a text under a name of ours."""

    name: str
    text: str


def fenced(task: str, materials: Sequence[Material], entropy: Entropy) -> str:
    """Returns the prompt: the code of its fences, the task, and the blocks."""
    code = fence_code([text for _, text in materials], entropy)
    blocks = [fence(code, each) for each in materials]
    return "\n\n".join([f"The code of this message is {code}.", task, *blocks])


def fence_code(texts: Iterable[str], entropy: Entropy) -> str:
    """Returns a new code that occurs in none of the texts. For prompts that share a beginning."""
    kept = list(texts)
    while True:
        code = entropy.characters(_CODE_LENGTH)
        if not any(code in text for text in kept):
            return code


def fence(code: str, material: Material) -> str:
    """Returns a block between its two lines."""
    return f"{code} BEGIN {material.name}\n{material.text}\n{code} END {material.name}"
