"""A summary without a model: the sentences of a conversation whose words it uses most.

Promises: every line is word for word of the conversation, with who said it, in the order in which it was
said; the same conversation gives the same lines. A file is a text that nobody says. Pure.

The weight of a sentence is the mean of its words' frequencies in the conversation, as in SumBasic
(Nenkova and Vanderwende, 2005, "The impact of frequency on summarization"): after a sentence is chosen,
its words count less, so that the next one says something else.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from use_cases.conversations.summaries.model import SaidText
from use_cases.kernel.text.words import UnitKind, content, units

_LINES = 6
_SHORTEST, _LONGEST = 20, 400
_MOST_SENTENCES = 2000
"""Of a long conversation the first ones; each further line costs a pass over them."""


def extract(said: Sequence[SaidText]) -> str:
    """Return up to six lines; of a conversation without whole sentences, the beginning of its first text."""
    sentences = _sentences(said)
    if not sentences:
        first = next(each for each in said)
        return _line(first.role, " ".join(first.text.split())[:_LONGEST])
    stems = [content(text) for _, text in sentences]
    counts = Counter(stem for each in stems for stem in set(each))
    weights = {stem: count / len(sentences) for stem, count in counts.items()}
    chosen = set[int]()
    while len(chosen) < min(_LINES, len(sentences)):
        best = max(
            (place for place in range(len(sentences)) if place not in chosen),
            key=lambda place: (_weight(stems[place], weights), -place),
        )
        chosen.add(best)
        for stem in set(stems[best]):
            weights[stem] **= 2
    return "\n".join(_line(*sentences[place]) for place in sorted(chosen))


def _sentences(said: Sequence[SaidText]) -> list[tuple[str, str]]:
    """The sentences with who said them, each once."""
    found = dict[str, str]()
    for role, text in _usable(said):
        found.setdefault(text, role)
        if len(found) == _MOST_SENTENCES:
            break
    return [(role, text) for text, role in found.items()]


def _usable(said: Sequence[SaidText]) -> Iterator[tuple[str, str]]:
    """All sentences that are neither too short nor too long for a line."""
    for each in said:
        for unit in units(each.text):
            text = " ".join(unit.span.cut(each.text).split())
            if unit.kind is UnitKind.SENTENCE and _SHORTEST <= len(text) <= _LONGEST:
                yield each.role, text


def _weight(stems: Sequence[str], weights: dict[str, float]) -> float:
    return sum(weights[stem] for stem in stems) / len(stems) if stems else 0.0


def _line(role: str, text: str) -> str:
    return f"- {role}: {text}" if role else f"- {text}"
