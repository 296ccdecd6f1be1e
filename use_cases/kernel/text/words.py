"""The words and sentences of a text, for the comparison of a quote with a sentence or a question.

Words are lower-cased, stripped of accents, split at identifier borders and reduced to their stem
(Porter, the algorithm of the full-text index), so that "Rotated" and "rotation" match; function words
are left out. A unit that can be quoted is a sentence of a paragraph, a list item, a table row or a line
of code, in plain text or Markdown, with its exact span: offsets are characters of the given text. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

from use_cases.kernel.model import Span

if TYPE_CHECKING:
    from snowballstemmer import Stemmer


FUNCTION_WORDS = frozenset(
    """
    a about above according after again all also am an and another any anybody anyone anything are
    as at be because been before being below between both but by came can cannot come could did do
    does doing done down during each either else etc ever every for from further get gets getting
    give given go goes going gone got had has have having he her here hers herself him himself his
    how i if in into is it its itself just let like many may me might mine more most much must my
    myself need needs no nor not now of off often on once one only onto or other our ours
    ourselves out over own per please same say says shall she should since so some somebody
    someone something still such tell than that the their theirs them themselves then there these
    they thing things this those through to too under until up upon us use used using very via
    want was we well were what when where whether which while who whom whose why will with within
    without would you your yours yourself
    """.split()  # noqa: SIM905  (prose is easier to read and to extend than 180 quoted words)
)
"""Words of a sentence's structure rather than its content."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:[.,:]\d+)*%?", re.UNICODE)
_JOINED = re.compile(r"^(?:[cdjlmnst]|qu)['’](?=\w\w)|['’]s$", re.IGNORECASE)
"""What an apostrophe joins to a word: a last `'s`, or a French article or pronoun before it."""
_MIXED = re.compile(r"(?=.*[A-Z])(?=.*[a-z])[A-Za-z]+\d*[A-Za-z]*")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
_IDENTIFIER = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(text: str) -> Iterator[str]:
    """Yields the words of a text as written, in order, numbers with decimals and percent sign."""
    for match in _WORD.finditer(text):
        yield match.group()


def stem(word: str) -> str:
    """Returns the stem of a word; numbers lose their thousands separators."""
    return _stem(word)


def content(text: str) -> list[str]:
    """Returns the stems of a text's content words, in order, with repetitions."""
    return [_stem(word) for word in content_words(text)]


def content_words(text: str) -> Iterator[str]:
    """Yields a text's content words and the parts of its identifiers, as written: `l'eau` is `eau`."""
    # Composed: a combining accent is no letter and would split a word.
    for word in words(unicodedata.normalize("NFC", text)):
        for piece in _pieces(word):
            if (plain := _plain(piece)) and plain not in FUNCTION_WORDS:
                yield _JOINED.sub("", piece)


def is_number(word: str) -> bool:
    """Returns whether a word (or stem) is a figure, such as `90`, `4.5` or `15%`."""
    return word[:1].isdigit()


def _pieces(word: str) -> list[str]:
    """Returns a word with its parts: the identifier `kubeProxyDown` matches whole and in parts."""
    if word.istitle() or not _MIXED.fullmatch(word):
        return [word]
    parts = _IDENTIFIER.findall(word)
    return [word, *parts] if len(parts) > 1 else [word]


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    plain = _plain(word)
    if is_number(plain):
        return _THOUSANDS.sub("", plain).rstrip(".:")
    return _stemmer().stemWord(plain)


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _JOINED.sub("", bare).replace("’", "").replace("'", "")


@cache
def _stemmer() -> "Stemmer":
    # Imported late: its tables of 30 languages take a quarter of a second, which `--help` need not.
    from snowballstemmer import stemmer

    return stemmer("porter")


class UnitKind(StrEnum):
    """The kind of a unit. The first row of a table is the heading of the others."""

    SENTENCE = "sentence"
    HEADING = "heading"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable unit; `item` is true inside a list."""

    span: Span
    kind: UnitKind
    item: bool = False


# Each pattern takes time in proportion to its text: no two loops in a row match the same characters.
_FENCE = re.compile(
    r"[\s>]*(?:(?:[-*+•]|\d{1,3}[.)])\s[\s>]*)?(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)
_HEADING = re.compile(r"\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"\s*(?:[-*+•]|\(?\d{1,3}[.)])\s+")
_ROW = re.compile(r"\s*\|")
_RECORD = re.compile(r"\s*(?P<first>[^\s:;][^:;]{0,80}): [^;]*; [^:;]{1,80}: ")
"""The beginning of a row as `services/documents/table_files.py` writes it: `city: Bern; people: 134794`."""
_TABLE_RULE = re.compile(r"(?=[\s|:]*-[\s:-]*\|)[\s|:-]*$")
_RULE = re.compile(r"[\s|:+=*_-]*$")
_QUOTE = re.compile(r"(?:\s*>)+\s?")
# Capitals of Latin, Greek and Cyrillic, and the letters of scripts without capitals.
_BEGINS = "A-Z0-9À-ÖØ-ÞΆ-ΫЀ-Я\u0590-\u10ff\u1e00-\u1eff\u3040-\uffdc"
_MARKS = ".!?…。！？؟۔।"
_GERMAN_DAY = r"(?<=\d\.)(?<!\d{3}\.)\s+(?:Jan|Jän|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)"
_END = re.compile(
    rf"""(?<![{_MARKS}])(?:
    [{_MARKS}]++["'”’»)\]*_]*+(?=\s+["'“‘«(\[*_`]*[{_BEGINS}]|\s*$)(?!{_GERMAN_DAY})
    |[{_MARKS}]*[。！？]
    )""",
    re.VERBOSE,
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|nos|fig|sec|mr|mrs|ms|dr|prof|st|inc|ltd|co|corp|dept|govt|min|max|nr|abs|bzw|vgl|ggf|sr|sra|[A-Z]))\.$",
    re.IGNORECASE,
)


def units(text: str) -> Iterator[Unit]:
    """Yields the units of `text`, in order, without overlap, blank lines and rules."""
    run: Span | None = None
    item = False
    fence = record = ""
    lines = list(_lines(text))
    for line, following in zip_longest(lines, lines[1:], fillvalue=Span(0, 0)):
        raw = line.cut(text)
        found = _FENCE.match(raw)
        if found and (not fence or _closes(fence, found)):
            yield from _sentences(text, run, item=item)
            run, fence = None, "" if fence else found["mark"]
        elif fence:
            yield from _whole(text, line, UnitKind.CODE)
        elif not raw.strip() or _RULE.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = None, False
        elif _ROW.match(raw) or _HEADING.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = None, False
            titled = _HEADING.match(raw) or _TABLE_RULE.match(following.cut(text))
            yield from _whole(text, line, UnitKind.HEADING if titled else UnitKind.ROW)
        elif start := _ITEM.match(raw):
            yield from _sentences(text, run, item=item)
            run, item = Span(line.start + start.end(), line.end), True
        elif (row := _first_name(raw)) and row in (record, _first_name(following.cut(text))):
            yield from _sentences(text, run, item=item)
            yield from _sentences(text, line, item=False)
            run, item, record = None, False, row
        else:
            quoted = _QUOTE.match(raw)
            begin = line.start + (quoted.end() if quoted and run is None else 0)
            run = Span(begin if run is None else run.start, line.end)
    yield from _sentences(text, run, item=item)


def _first_name(line: str) -> str:
    """Returns the name of the first column of a row without bars; empty for another line."""
    found = _RECORD.match(line)
    return found["first"] if found else ""


def sentences(text: str) -> list[Span]:
    """Returns the sentences of a paragraph: cut after an end mark before a new sentence."""
    ends = [
        match.end()
        for match in _END.finditer(text)
        if not _ABBREVIATED.search(text[max(0, match.start() - 8) : match.start() + 1])
    ]
    found = (_trim(text, Span(a, b)) for a, b in pairwise([0, *ends, len(text)]))
    return [span for span in found if span is not None]


def _closes(fence: str, found: re.Match[str]) -> bool:
    """Returns whether a fence closes the one that began with `fence`: same kind and length, alone."""
    return found["mark"].startswith(fence) and not found["info"].strip()


def _sentences(text: str, run: Span | None, *, item: bool) -> Iterator[Unit]:
    if run is None:
        return
    for span in sentences(run.cut(text)):
        yield Unit(Span(run.start + span.start, run.start + span.end), UnitKind.SENTENCE, item)


def _whole(text: str, line: Span, kind: UnitKind) -> Iterator[Unit]:
    span = _trim(text, line)
    if span is not None:
        yield Unit(span, kind)


def _trim(text: str, span: Span) -> Span | None:
    raw = span.cut(text)
    kept = raw.strip()
    if not kept:
        return None
    start = span.start + len(raw) - len(raw.lstrip())
    return Span(start, start + len(kept))


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield Span(start, start + len(line.rstrip("\r\n")))
        start += len(line)
