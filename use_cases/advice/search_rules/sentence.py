"""The form of a text, as far as rules of freshness need it: first verb, names, quotes.

No grammar: a few closed classes of words (auxiliaries, question words, irregular pasts) and the
shape of the rest. What stands in quotes is a title, and a word such as `Last` beside another
capitalised word is part of one; both are hidden from the rules, as `"…"` and `_last`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from use_cases.advice.search_rules.verdict import QueryClassification

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
