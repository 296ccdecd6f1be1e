"""The form of a question's choice: excluded options, a proposed answer, a request for the worse
one. Pure.

Promises: "who should I bench", "do not start X", "bench X for Y" and "start two of" are not read as
"who is the best of those named". A question that it does not recognise asks for the best one.
English only.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from use_cases.advice.model import Frame, NamedEntity, Proposal
from use_cases.advice.profiles.entities import NamedEntities

_N = r"⟦(\d+)⟧"
_MANY = r"((?:⟦\d+⟧)(?:\s*(?:,|\bor\b|\band\b|\bnor\b)+\s*⟦\d+⟧)*)"
_WHEN = r"(?:\s+(?:in|this|for|on|next)\s+(?!⟦)\w+(?:\s*\d+)?)?"
_START = r"(?:start|play|field|use|captain|pick|choose)"
_STARTING = r"(?:start|play|field|us|captain|pick|choos)(?:e|ing)?"
_BENCH = r"(?:bench|sit|drop|cut|fade|avoid|rest|leave out|leave on (?:the|my) bench)"
_NOT = r"(?:do not|does not|will not|am not|is not|are not|not going to|never|cannot|\w+n['’]?t)"
_OUT = (
    r"(?:out|injured|hurt|suspended|banned|inactive|unavailable|benched|ruled out|not playing|not available|"
    r"(?:on|has) (?:a |his |its |the )?bye|on (?:the )?(?:ir|injured reserve))"
)
_COUNT = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4}
_HOW_MANY = r"(two|three|four|[234])"

_SEVERAL = (
    rf"\b{_HOW_MANY}\s+(?:out )?of\s*(?:⟦|:|these|those|them\b|my (?!last|past|next)|the following)",
    rf"\b(?:{_START}|{_BENCH}|which|best|top|keep)\s+(?:the\s+)?(?:best\s+)?{_HOW_MANY}\b"
    r"(?!\s*(?:weeks?|gameweeks?|games?|match(?:es)?|points?|⟦))",
)
_LEFT_OUT = (
    rf"(?<!why )(?<!should i )(?<!which )(?<!who )(?<!if i )\b{_NOT}\s+(?:(?:want|like|wish|going|able|have)\s+)?(?:to\s+)?"
    rf"{_STARTING}\s+((?:⟦\d+⟧)(?:\s*(?:\bor\b|\band\b|\bnor\b)\s*⟦\d+⟧)*)(?!\s*(?:over|instead|rather|ahead))",
    rf"\b(?:without|except(?: for)?|excluding|(?:any(?:one|body)|every(?:one|body)) but|but not|other than|apart from|not counting)\s+"
    rf"(?:{_STARTING}\s+)?{_MANY}",
    rf"{_MANY}\s*(?:is|are|['’]s|has|was)\s+(?:also\s+)?{_OUT}\b(?!\s+of\b)",
    rf"{_MANY}\s*(?:will not|won['’]?t|cannot|can['’]?t|does not|doesn['’]?t)\s+(?:play|start|feature)\b",
)
_PROPOSED = (
    # (pattern, whether the first one named is to start)
    (
        rf"\b{_BENCH}\s+{_N}{_WHEN}\s+(?:for|and {_START}|to {_START}|in favou?r of|so i can {_START})\s+{_N}",
        False,
    ),
    (rf"\b(?:swap|replace|trade|switch)\s+(?:out\s+)?{_N}{_WHEN}\s+(?:for|with|by)\s+{_N}", False),
    (rf"\b{_BENCH}\s+{_N}\s+(?:over|instead of|rather than|ahead of)\s+{_N}", False),
    (rf"{_N}\s*(?:over|instead of|rather than|ahead of|in place of)\s+{_N}", True),
    (rf"\b{_START}\s+{_N},?\s+(?:and|but)?\s*(?:{_BENCH}|not)\s+{_N}", True),
    (rf"\b{_START}\s+{_N}\s+for\s+{_N}", True),
)
_WORSE = (
    rf"\b{_BENCH}\b",
    rf"\b(?:who|whom|which(?: one)?|player)\b[^.?!⟦]*\b(?:not|n['’]t)\s+(?:to\s+)?(?:i\s+)?{_START}\b",
)


def read_frame(question: str, found: NamedEntities) -> Frame:
    """Returns the frame of a question that names these entities."""
    named = found.entities
    text = _mark_entities(question, named)
    left_out = [n for pattern in _LEFT_OUT for n in _numbers(pattern, text)]
    proposal = _proposal(text)
    if proposal is not None and not left_out:
        start, bench = (named[n].name for n in proposal)
        return Frame(proposal=Proposal(start=start, bench=bench))
    kept = re.sub("|".join(_LEFT_OUT), " ", text, flags=re.I)
    several = next((m for p in _SEVERAL if (m := re.search(p, kept, re.I))), None)
    worse = re.search("|".join(_WORSE), kept, re.I)
    best = re.search(rf"\b{_START}\b", kept, re.I)
    # "Start or sit" asks for neither, "who should I not start" for the worse one.
    asks_worse = worse is not None and (best is None or worse.end() >= best.end())
    names = dict.fromkeys(named[n].name for n in left_out)
    frame = Frame(left_out=tuple(names), unclear=found.unclear)
    if several is not None:
        frame = replace(frame, places=_COUNT[several[1].lower()])
    if (
        asks_worse
        and worse is not None
        and not re.search(r"\b(?:start|play)\s*(?:/|or)\s*sit", kept, re.I)
    ):
        verb = re.search(_BENCH, worse.group(), re.I)
        frame = replace(frame, worse="bench" if verb is None else verb.group().lower())
    return frame


def _mark_entities(question: str, named: Sequence[NamedEntity]) -> str:
    """Returns the question with each entity's number in the place of its words, the longest first."""
    text = question
    for number, entity in sorted(enumerate(named), key=lambda each: -len(each[1].said)):
        for words in (entity.said, entity.name):
            text = re.sub(
                rf"(?<![\w⟦]){re.escape(_without_genitive(words))}(?!\w)",
                f"⟦{number}⟧",
                text,
                flags=re.I,
            )
    return text


def _without_genitive(words: str) -> str:
    """Returns words without a genitive: "Ann's hurt" is about Ann."""
    return re.sub(r"['’]s$", "", words)


def _numbers(pattern: str, text: str) -> Sequence[int]:
    return [
        int(number)
        for match in re.finditer(pattern, text, re.I)
        for number in re.findall(r"⟦(\d+)⟧", match.group())
    ]


def _proposal(text: str) -> tuple[int, int] | None:
    """Returns the option proposed to start, and the one proposed to sit."""
    for pattern, first_starts in _PROPOSED:
        if match := re.search(pattern, text, re.I):
            one, two = (int(number) for number in match.groups())
            if one != two:
                return (one, two) if first_starts else (two, one)
    return None
