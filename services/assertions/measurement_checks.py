"""Checks of what was measured about the output: time, cost, likelihood, overlap of words, end.

Semantics are promptfoo 0.123.1's; a measurement that is missing is an error. BLEU and GLEU (Wu et al.
2016, arXiv 1609.08144) and `rouge_n` follow its `src/assertions/{bleu,gleu,rouge}.ts` (MIT); its ROUGE is
an F1 of tokens in the manner of the Penn Treebank (js-rouge, MIT). `google_rouge` follows Google's
rouge-score (Apache-2.0): words of letters and digits. All scores are 0 to 1.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from services.assertions.observation import (
    BLANKS,
    Check,
    Observation,
    Unable,
    at_least,
    quoted,
    references_of,
    threshold_of,
)
from use_cases.kernel.targets import TargetOutput
from use_cases.playground.model import Assertion

Counts: TypeAlias = Counter[tuple[str, ...]]

_ORDERS = 4
_NEARLY_NONE = 1e-7
_WORDS = re.compile(f"[^{re.escape(BLANKS)}]+")
_ALPHANUMERIC = re.compile(r"[a-z0-9]+")
_QUOTES = re.compile(r"``|''|\"")
_TREEBANK = tuple(
    (re.compile(pattern, re.IGNORECASE if fold else 0), with_)
    for pattern, with_, fold in (
        (r"\.{3}", " ... ", False),
        (r"[:,](?!\d)", r" \g<0> ", False),
        (r"[;@#$%&]", r" \g<0> ", False),
        (r"([^.])(?<!\b[A-Za-z]\.[A-Za-z])(\.)([\])}>'\s]*)\Z", r"\1 \2\3 ", False),
        (r"[?!]", r" \g<0> ", False),
        (r"[\][(){}<>]", r" \g<0> ", False),
        (r"--", " -- ", False),
        (r"\A|\Z", " ", False),
        (r"([^'])' ", r"\1 ' ", False),
        (r"'([sSmMdD]) ", r" '\1 ", False),
        (r"('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r" \1 ", False),
        (
            r"(?<!\w)(?:(can)(not)|(d)('ye)|(gim)(me)|(gon)(na)|(got)(ta)|(lem)(me)|(more)('n)"
            r"|(wan)(na)(?= )|('t)(is)|('t)(was))(?!\w)",
            "",
            True,
        ),
    )
)


def bleu(text: str, references: Sequence[str]) -> float:
    """Returns BLEU-4 of lower-case words.

    Orders longer than the text are left out, an order without a match counts 1e-7, and the clipped
    count of an order is that of the best single reference.
    """
    words = _WORDS.findall(text.lower())
    if not words:
        return 0.0
    expected = [_WORDS.findall(reference.lower()) or [""] for reference in references]
    nearest = min((abs(len(one) - len(words)), len(one)) for one in expected)[1]
    logs: list[float] = []
    for order in range(1, min(_ORDERS, len(words)) + 1):
        counts = _counts(words, order)
        matched = max((counts & _counts(one, order)).total() for one in expected)
        logs.append(math.log(matched / counts.total() if matched else _NEARLY_NONE))
    brevity = 1.0 if len(words) > nearest else math.exp(1 - nearest / len(words))
    return brevity * math.exp(sum(logs) / len(logs))


def gleu(text: str, references: Sequence[str], orders: int = _ORDERS) -> float:
    """Returns the best GLEU: the lesser of precision and recall over all orders up to `orders`."""
    words = _gleu_words(text)
    return max(_one_gleu(words, _gleu_words(one), orders) for one in references) if words else 0.0


def rouge_n(text: str, references: Sequence[str]) -> float:
    """Returns the best of promptfoo's ROUGE-N: the F1 of clipped counts of single tokens."""
    tokens = _tokens(text.lower())
    return max(_f1_of_counts(tokens, _tokens(one.lower()), 1) for one in references)


def google_rouge(order: int, text: str, references: Sequence[str]) -> float:
    """Returns the best F1 of n-grams of `order`."""
    words = _ALPHANUMERIC.findall(text.lower())
    return max(
        _f1_of_counts(words, _ALPHANUMERIC.findall(one.lower()), order) for one in references
    )


def google_rouge_l(text: str, references: Sequence[str]) -> float:
    """Returns the best F1 of the longest common subsequence of words."""
    from rapidfuzz.distance import LCSseq

    words = _ALPHANUMERIC.findall(text.lower())
    expected = [_ALPHANUMERIC.findall(one.lower()) for one in references]
    return max(_f1(LCSseq.similarity(words, one), len(words), len(one)) for one in expected)


def _one_gleu(words: Sequence[str], reference: Sequence[str], orders: int) -> float:
    matched = sum(
        (_counts(words, order) & _counts(reference, order)).total()
        for order in range(1, orders + 1)
    )
    longer = max(len(words), len(reference))
    return matched / sum(max(0, longer - order) for order in range(orders))


def _gleu_words(text: str) -> list[str]:
    words = [word.rstrip(".") for word in _WORDS.findall(text.lower())]
    return words if any(words) else []


def _counts(words: Sequence[str], order: int) -> Counts:
    return Counter(zip(*(words[start:] for start in range(order)), strict=False))


def _f1_of_counts(words: Sequence[str], expected: Sequence[str], order: int) -> float:
    ours, theirs = _counts(words, order), _counts(expected, order)
    return _f1((ours & theirs).total(), ours.total(), theirs.total())


def _f1(matched: int, ours: int, theirs: int) -> float:
    return 2 * matched / (ours + theirs) if matched else 0.0


def _tokens(text: str) -> list[str]:
    """Splits as js-rouge 3's `treeBankTokenize` does, after Robert McIntyre's sed script."""
    text = " ".join(text.replace("\x85", " ").split())
    text = _with_quotes(text)
    for pattern, with_ in _TREEBANK:
        text = pattern.sub(with_ or _both_parts, text)
    return text.split()


def _both_parts(found: "re.Match[str]") -> str:
    first, second = (part for part in found.groups() if part is not None)
    return f" {first} {second} "


def _with_quotes(text: str) -> str:
    opened = False

    def replaced(quote: "re.Match[str]") -> str:
        nonlocal opened
        opened = quote[0] == "``" or (not opened and _opens(text, quote))
        return " `` " if opened else " '' "

    return _QUOTES.sub(replaced, text)


def _opens(text: str, quote: "re.Match[str]") -> bool:
    before = text[quote.start() - 1] if quote.start() else " "
    if before in ".!?" or not (before.isspace() or before == "<" or _is(before, "P")):
        return False
    if quote.end() == len(text) and quote.start() and not (before in " <" or _is(before, "Ps")):
        return False
    if quote[0] == '"':
        return True
    # Two apostrophes open a quotation only before a word, with two more to close it.
    following = text[quote.end() : quote.end() + 1]
    closing = _QUOTES.search(text, quote.end())
    return bool(
        quote.start()
        and following
        and (following.isalnum() or _is(following, "Sc") or _is(following, "Ps"))
        and closing
        and closing[0] == "''"
    )


def _is(character: str, category: str) -> bool:
    return unicodedata.category(character).startswith(category)


def latency(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the answer took at most the threshold, in milliseconds."""
    limit, taken = threshold_of(assertion), output.latency_ms
    if taken is None:
        raise Unable("The latency was not measured.")
    return Observation(taken <= limit, f"take at most {limit:g} ms", f"It took {taken} ms.")


def cost(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the answer cost at most the threshold, in US dollars."""
    limit = threshold_of(assertion)
    if output.cost is None:
        raise Unable("The cost is unknown.")
    price = float(output.cost)
    return Observation(price <= limit, f"cost at most ${limit:g}", f"It cost ${price:.2g}.")


def perplexity(assertion: Assertion, output: TargetOutput) -> Observation:
    """exp(-mean log probability) is at most the threshold."""
    found = _exp(-_mean(output.logprobs))
    limit = assertion.threshold
    if limit is None:
        return Observation(True, "have a perplexity", absent=True)
    return Observation(
        found <= limit, f"have a perplexity of at most {limit:g}", f"It has {found:.2f}."
    )


def perplexity_score(assertion: Assertion, output: TargetOutput) -> Observation:
    """1 / (1 + exp(-mean log probability)) is at least the threshold."""
    score = 1 / (1 + _exp(-_mean(output.logprobs)))
    if assertion.threshold is None:
        return Observation(True, "have a perplexity score", score=score, absent=True)
    return at_least(score, assertion.threshold, "perplexity score")


def finish_reason(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the model stopped for the reason of the value, in any case of letters."""
    expected, found = assertion.value, output.finish_reason
    if not isinstance(expected, str):
        raise Unable("Its value must be a text.")
    return Observation(
        found is not None and found.lower() == expected.lower(),
        f"end with the finish reason {quoted(expected)}",
        f"It is {quoted(found)}." if found else "The provider gave none.",
    )


def overlap(score: Callable[[str, Sequence[str]], float], name: str, default: float) -> Check:
    """Builds the check that a score against one or more references is at least the threshold."""

    def check(assertion: Assertion, output: TargetOutput) -> Observation:
        threshold = default if assertion.threshold is None else assertion.threshold
        return at_least(score(output.text, references_of(assertion)), threshold, name)

    return check


def _mean(logprobs: Sequence[float] | None) -> float:
    if not logprobs:
        raise Unable("The provider gave no log probabilities.")
    return sum(logprobs) / len(logprobs)


def _exp(power: float) -> float:
    try:
        return math.exp(power)
    except OverflowError:
        return math.inf
