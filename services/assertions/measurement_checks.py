"""Checks of what was measured about the output: time, cost, likelihood, overlap, end.

Semantics are promptfoo 0.123.1's; a measurement that is missing is an error.
"""

import math
from collections.abc import Callable, Sequence

from services.assertions.observation import (
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


def latency(assertion: Assertion, output: TargetOutput) -> Observation:
    """The answer took at most the threshold, in milliseconds."""
    limit, taken = threshold_of(assertion), output.latency_ms
    if taken is None:
        raise Unable("The latency was not measured.")
    return Observation(taken <= limit, f"take at most {limit:g} ms", f"It took {taken} ms.")


def cost(assertion: Assertion, output: TargetOutput) -> Observation:
    """The answer cost at most the threshold, in US dollars."""
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
    """The model stopped for the reason of the value, in any case of letters."""
    expected, found = assertion.value, output.finish_reason
    if not isinstance(expected, str):
        raise Unable("Its value must be a text.")
    return Observation(
        found is not None and found.lower() == expected.lower(),
        f"end with the finish reason {quoted(expected)}",
        f"It is {quoted(found)}." if found else "The provider gave none.",
    )


def overlap(score: Callable[[str, Sequence[str]], float], name: str, default: float) -> Check:
    """Build the check that a score against one or more references is at least the threshold."""

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
