"""What a message is within its conversation: a follow-up, an attempt to break the rules, or small talk.

The recognition of an attempt is a rule of thumb for a model-less answerer, not a security boundary: the offline answerer has no
secret to reveal and only ever quotes documents. Questions *about* keys, prompts or rules pass: an
attempt is recognised by its grammar (an order to the assistant, or its own set-up as the object), not by
its nouns. The rules are `services/rules/files/refusals.yaml`: English, and the plain forms in German,
French and Spanish.

A follow-up opens like one ("and", "what about"), points at something that it does not name ("it",
"they"), or is too short to stand alone ("Since when?"). The patterns are general English and err
towards standing alone: a new question joined to an old one leads to a wrong search.

Replies to small talk are in the language of the message: English, German, French or Spanish. They state nothing that
a document would have to support; they count what is stored.
"""

from collections.abc import Sequence
from textwrap import shorten

from services.models.offline.question import cue, parse_question
from services.models.offline.quotation import escape_markers
from use_cases.kernel.small_talk import Act, ParsedMessage, parse_message
from use_cases.kernel.text.prompt_injection import readings
from use_cases.kernel.text.rules import rule_set
from use_cases.kernel.text.words import content
from use_cases.knowledge.model import LibraryStatistics


def asks_to_break_rules(text: str) -> bool:
    """Returns whether a message tries to change the assistant's role or to learn how it is set up."""
    patterns = [cue(rule.name, "refusals") for rule in rule_set("refusals").rules]
    return any(pattern.search(reading) for reading in readings(text) for pattern in patterns)


NOTHING_BEFORE = (
    "[not_found] This goes on from something before it, and there is no earlier question here. "
    "Could you ask it in full?"
)
_LONGEST_SHOWN = 160
_FEW_BEFORE = 2
_FEW = 6
_SHORT = 4


def is_follow_up(text: str) -> bool:
    """Returns whether a text needs the question before it to be understood."""
    words = content(text)
    if cue("opens as a follow-up").search(text) and len(words) <= 2 * _FEW:
        return True
    pointing = cue("points back").search(text)
    if pointing is not None and len(words) <= _FEW:
        # The antecedent may come before it: "The tank leaks. Who repairs it?"
        return len(content(text[: pointing.start()])) <= _FEW_BEFORE
    return not words and 0 < len(text.split()) <= _SHORT


def antecedent(text: str, earlier: Sequence[str]) -> str | None:
    """Returns the earlier question of a follow-up: the last that stands alone.

    The last follow-up since that names something is added: "And weekly images?", "Where?".

    None for a text that stands alone itself, or when there is no such question.
    """
    if not is_follow_up(text):
        return None
    named = ""
    for message in reversed(earlier):
        question = parse_message(message).question
        if not question or asks_to_break_rules(question):
            continue
        if not is_follow_up(question):
            return f"{question} {named}".strip()
        if not named and parse_question(question).words:
            named = question
    return None


def is_spoken(text: str) -> bool:
    """Returns whether a text consists of words alone: "Why?", but not "?" or "%s"."""
    words = [word.strip("?!.,;:…'’\"") for word in text.split()]
    return bool(words) and all(len(word) > 1 and word.isalpha() for word in words)


def is_bare(text: str) -> bool:
    """Returns whether a follow-up has no words to search for without the question before it."""
    return is_follow_up(text) and len(content(text)) <= 1


def explain_reading(before: str) -> str:
    """Returns the sentence that states how a follow-up was read."""
    shown = shorten(before, _LONGEST_SHOWN, placeholder=" …")
    return f"(Read as going on from “{escape_markers(shown)}”)"


CLARIFYING = "Could you ask a whole question, with the document, system or rule that it is about?"

_MOST_CATEGORIES = 8

_ALONE = (Act.IDENTITY, Act.ABILITIES, Act.COMPLAINT)
_GREETS = (Act.GREETING, Act.WELLBEING, Act.ASSENT)
"""Replies that ask for a question; they are left out beside any other reply."""


def reply(message: ParsedMessage, held: LibraryStatistics | None) -> str:
    """Returns the reply to a message without a question; `held` are the library's statistics."""
    texts = rule_set("small_talk").texts
    about = [act for act in message.acts if act in _ALONE]
    polite = [act for act in message.acts if act not in (*_ALONE, *_GREETS)]
    acts = about or polite or list(message.acts[-1:])
    said = [texts.get(f"{message.language}: {act}") or texts[f"en: {act}"] for act in acts]
    if Act.ABILITIES in acts and held is not None:
        said.append(_holdings(texts[f"{message.language}: stored"], held))
    return " ".join(said) or CLARIFYING


def _holdings(label: str, held: LibraryStatistics) -> str:
    """Returns the number of stored documents, with their largest categories."""
    largest = sorted(held.categories.items(), key=lambda one: (-one[1], one[0]))
    names = [f"{name} {count}" for name, count in largest[:_MOST_CATEGORIES]]
    more = ["…"] if len(largest) > _MOST_CATEGORIES else []
    named = f" ({', '.join(names + more)})" if names else ""
    return f"{label}: {held.documents}{named}."
