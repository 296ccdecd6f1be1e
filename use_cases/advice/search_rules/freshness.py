"""Recognises questions about things that change, by weighing linguistic rules.

Three kinds of reasons are collected. *For*: words of time (weight 5), classes of changing facts
(2 to 4), words of the profile (5). *Against*: the dated past, the past tense or a first of its kind,
facts that last, tasks on given material. The strongest reason for, minus the strongest reason of
each kind against, is the score; from `THRESHOLD` on, the question is time-sensitive. So a word of
time outweighs one reason against it (`when did … last win`), a class of facts does not (`how much
did … cost`), and nothing outweighs two (`the latest … in 1998`).

The rules see the form of the sentence: its first verb, names, quotes. That is no grammar: a few closed
classes of words (auxiliaries, question words, irregular pasts) and the shape of the rest. What stands
in quotes is a title, and a word such as `Last` beside another capitalised word is part of one; both are
hidden from the rules, as `"…"` and `_last`.

No topic, name or title is written anywhere in the rules. Pure; every fired rule is shown.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from use_cases.advice.search_rules.verdict import FiredRule, QueryClassification
from use_cases.kernel.text.rules import WrittenRule, rule_set

LONGEST_HALF = 160
"""Characters of a long text's beginning and end that are read: there the question stands."""


class Tense(StrEnum):
    """The time of a text's first finite verb."""

    PAST = "past"
    PRESENT = "present"
    FUTURE = "future"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text as the rules read it."""

    text: str
    """Lower-cased, with plain apostrophes and single spaces; titles hidden."""
    tense: Tense
    verb: str
    """The word the tense was read from, empty for none."""
    classification: QueryClassification


def read_sentence(query: str) -> Sentence:
    """Reads a text. Long ones are read at both ends only; never raises."""
    if len(query) > 2 * LONGEST_HALF:
        query = f"{query[:LONGEST_HALF]} … {query[-LONGEST_HALF:]}"
    plain = unicodedata.normalize("NFKC", query).translate(_PLAIN)
    text = " ".join(_without_names(_QUOTED.sub('"…"', plain)).lower().split())
    tense, verb = _tense(text)
    return Sentence(text, tense, verb, _classify(text))


_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_QUOTED = re.compile(r'"[^"\n]{1,200}"')
_WORD = re.compile(r"[^\W_][\w'-]*")
_MAY_BE_A_NAME = frozenset(
    "best first last live new next now one still today tomorrow tonight will yesterday".split()  # noqa: SIM905
)
_NAMES = re.compile(
    rf"(?<=[a-z0-9,:&] )(?:{'|'.join(w.title() for w in sorted(_MAY_BE_A_NAME))})\b(?!')"
)

_QUESTION_WORDS = "who whom whose who's what what's which when when's where where's why how how's"
_ASKING = frozenset(
    f"{_QUESTION_WORDS} is isn't are aren't am was wasn't were did didn't does doesn't do don't has "
    "hasn't have can can't could will won't would should shall may might".split()
)
_ORDERING = frozenset(
    """
    add analyse analyze calculate check compare compose compute continue convert correct count
    create define describe draft draw edit estimate evaluate explain expand find fix format
    generate get give help identify imagine improve let list look make name outline paraphrase
    pick please predict proofread rank recommend rephrase rewrite say search shorten show simplify
    solve suggest summarise summarize tell translate update use work write
    """.split()  # noqa: SIM905
)

_PRESENT = frozenset(
    """
    is isn't are aren't am does doesn't do don't has hasn't have haven't can can't may should must
    who's what's where's when's how's there's that's it's holds owns leads plays runs hosts costs
    ranks sits stands makes tops coaches manages produces sells earns pays charges means works
    lives sponsors features contains
    """.split()  # noqa: SIM905
)
_PAST = frozenset(
    """
    was wasn't were weren't did didn't had hadn't won wrote made led became sang began built held
    came took gave went found fought lost sold spoke stood taught thought threw wore broke bought
    brought caught chose drew drove fell flew got grew kept knew met paid ran said sank sat saw
    sent shot spent swam told rose shook stole struck
    """.split()  # noqa: SIM905
)
_FUTURE = frozenset("will won't shall who'll it'll they'll".split())  # noqa: SIM905
_REGULAR_PAST = re.compile(r"[a-z]{2,}[^e]ed")
_NO_VERBS = frozenset(
    """
    united animated armed aged red bed seed speed need hundred limited unlimited related based used
    detailed indeed feed breed naked sacred wicked rugged titled named called so-called unmanned
    combined assisted ranked rated seeded
    """.split()  # noqa: SIM905
)
_BEFORE_A_PARTICIPLE = frozenset(
    """
    most least best highest lowest the a an first ever only newly recently commonly widely many of
    """.split()  # noqa: SIM905
)
_BEFORE_A_NOUN = frozenset({"many", "of"})
_ASKED_LATER = re.compile(
    r"(?:[,:;.…] (?:and |so |but |then )?|\b(?:asks|asked|know|wonder|wondering|wondered|curious|sure)"
    r" (?:about )?)(?:in |at |on |by |to |for |of |with )?"
    rf"(?P<question>{'|'.join(sorted(map(re.escape, _ASKING), key=len, reverse=True))})\b"
)
"""A question word or auxiliary that opens a later clause: `Since he left, how many …`."""


def _without_names(plain: str) -> str:
    """Hides names: where small words are small, a capitalised one beside another is part of one."""
    if sum(word[:1].islower() for word in plain.split()) < 2:
        return plain
    return _NAMES.sub(lambda match: _hidden(plain, match), plain)


def _hidden(plain: str, match: re.Match[str]) -> str:
    before = plain[: match.start()].rsplit(maxsplit=1)[-1:]
    after = plain[match.end() : match.end() + 40].split(maxsplit=1)[:1]
    beside = [*before, *after]
    return (
        f"_{match[0]}"
        if any(word[:1].isupper() or word[:1].isdigit() for word in beside)
        else match[0]
    )


def _tense(text: str) -> tuple[Tense, str]:
    before = ""
    for match in _WORD.finditer(text, _question_begins(text)):
        word = match[0]
        if word in _FUTURE:
            return Tense.FUTURE, word
        if word in _PRESENT:
            return Tense.PRESENT, word
        if (word in _PAST and before not in _BEFORE_A_NOUN) or (
            _REGULAR_PAST.fullmatch(word)
            and word not in _NO_VERBS
            and before not in _BEFORE_A_PARTICIPLE
        ):
            return Tense.PAST, word
        before = word
    return Tense.NONE, ""


def _question_begins(text: str) -> int:
    """Returns the place where the question proper begins, after what is said first."""
    first = _WORD.search(text)
    if first is None or first[0] in _ASKING or first[0] in _ORDERING:
        return 0
    asked = _ASKED_LATER.search(text)
    return asked.start("question") if asked else 0


def _classify(text: str) -> QueryClassification:
    first = next((match[0] for match in _WORD.finditer(text)), "")
    if first in _ORDERING:
        return QueryClassification.IMPERATIVE
    if first in _ASKING or text.rstrip("\"')").endswith("?"):
        return QueryClassification.INTERROGATIVE
    return QueryClassification.DECLARATIVE


THRESHOLD = 2
"""The least score of a time-sensitive question."""
FARTHEST_YEAR = 30
"""A number that far beyond today's year is no year."""
SETS = ("search_time_words", "search_changing_facts", "search_lasting_facts")
"""The files of the rules of language."""
STRONG = 5
"""Says by itself that the present is asked for; outweighs one reason against it."""
PLAIN = 3
"""Asks for something that changes; one reason against it undoes it."""


class Kind(StrEnum):
    """The subject of a rule. Reasons of the same kind do not add up."""

    FRESH = "fresh"
    DATED = "dated"
    PAST = "past"
    LASTING = "lasting"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule that looks at the text alone. Its weight is positive; the sign follows from the kind.

    Where the pattern names groups, the first that matched is shown; otherwise the whole match.
    """

    written: WrittenRule
    kind: Kind
    pattern: re.Pattern[str]

    def fire(self, text: str) -> FiredRule | None:
        """Returns the rule with the words that made it fire, or None."""
        match = self.pattern.search(text)
        if match is None:
            return None
        words = next(filter(None, match.groupdict().values()), match[0])
        rule, sign = self.written, 1 if self.kind is Kind.FRESH else -1
        return FiredRule(rule.name, words.strip(" ,.?!"), rule.reason, sign * rule.weight)


@cache
def text_rules() -> tuple[TextRule, ...]:
    """Returns all rules of language: words of time, changing facts, lasting facts."""
    return tuple(
        TextRule(rule, Kind(rule.kind), re.compile(rules.pattern(rule.pattern)))
        for rules in map(rule_set, SETS)
        for rule in rules.rules
    )


@dataclass(frozen=True, slots=True)
class FreshnessReading:
    """The reasons for and against, and how they weigh."""

    fired: tuple[FiredRule, ...]
    """Those for freshness first, each group from strong to weak."""
    score: int

    @property
    def is_time_sensitive(self) -> bool:
        """True if the answer depends on when the question is asked."""
        return self.score >= THRESHOLD

    @property
    def reasons(self) -> tuple[FiredRule, ...]:
        """The reasons for freshness."""
        return tuple(rule for rule in self.fired if rule.weight > 0)

    @property
    def objections(self) -> tuple[FiredRule, ...]:
        """The reasons against it."""
        return tuple(rule for rule in self.fired if rule.weight < 0)


def weigh(sentence: Sentence, today: date, fresh_words: tuple[str, ...] = ()) -> FreshnessReading:
    """Reads all rules over one text. `today` decides which years are past."""
    found = [
        (rule.kind, fired)
        for rule in text_rules()
        if (fired := rule.fire(sentence.text)) is not None
    ]
    found.extend(_years(sentence.text, today))
    found.extend(_past(sentence))
    found.extend(_profile(sentence.text, fresh_words))
    strongest = dict.fromkeys(Kind, 0)
    for kind, fired in found:
        strongest[kind] = max(strongest[kind], abs(fired.weight))
    score = 2 * strongest[Kind.FRESH] - sum(strongest.values())
    fired = sorted(
        (fired for _, fired in found), key=lambda rule: (rule.weight < 0, -abs(rule.weight))
    )
    return FreshnessReading(tuple(fired), score)


_YEAR = re.compile(
    r"(?P<before>\bsince (?:(?:the|early|late|mid|at least|january|february|march|april|may|june|july|august|september|october|november|december|[a-z]{3}\.?|\d{1,2}(?:st|nd|rd|th)?|[a-z]+),? ){0,3}|[$€£#.,]|\bmodel )?(?<![\w.,-])(?P<year>1[0-9]{3}|20\d\d)"
    r"(?:[-–/](?P<end>\d{2}|\d{4}))?(?!\d|s\b|[.,]\d|-?[a-z]| ?(?:%|percent|meters?|metres?|m\b|km|miles|feet|people"
    r"|dollars|kg|pounds|calories|points|followers|steps|words))"
)


def _years(text: str, today: date) -> Iterator[tuple[Kind, FiredRule]]:
    """Reads years: `in 2015` is past, `since 2015` goes on, a season `2015-16` ends with its second year."""
    for match in _YEAR.finditer(text):
        before, year = match["before"] or "", _last_year(match["year"], match["end"])
        if year > today.year + FARTHEST_YEAR or before[:1] in set("$€£#.,"):
            continue
        if year >= today.year:
            reason = "The year is not over."
            yield Kind.FRESH, FiredRule("year", match["year"], reason, STRONG)
        elif not before:
            reason = "The year is past; what happened in it stays."
            yield Kind.DATED, FiredRule("past year", match["year"], reason, -PLAIN)


def _last_year(first: str, end: str | None) -> int:
    if end is None:
        return int(first)
    last = int(first[:2] + end if len(end) == 2 else end)
    return last if last > int(first) else int(first)


def _past(sentence: Sentence) -> Iterator[tuple[Kind, FiredRule]]:
    if sentence.tense is Tense.PAST:
        reason = "The main verb is in the past tense."
        yield Kind.PAST, FiredRule("past tense", sentence.verb, reason, -PLAIN)


def _profile(text: str, fresh_words: tuple[str, ...]) -> Iterator[tuple[Kind, FiredRule]]:
    if fresh_words and (match := _pattern(fresh_words).search(text)):
        reason = "The profile lists the word as one whose answer goes stale."
        yield Kind.FRESH, FiredRule("profile word", match[0], reason, STRONG)


@lru_cache(maxsize=64)
def _pattern(fresh_words: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted({" ".join(word.lower().split()) for word in fresh_words} - {""}, key=len)
    spaced = (r"[ -]".join(map(re.escape, re.split(r"[ -]", word))) for word in reversed(words))
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced) or '(?!)'})(?!\w)")
