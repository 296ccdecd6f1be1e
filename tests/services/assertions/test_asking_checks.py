"""Similarity, webhooks and code: only through what is handed in, and their faults are errors."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from services.assertions.checks import AssertionChecks
from tests.services.assertions.checking import check
from use_cases.kernel.errors import UpstreamFailed
from use_cases.playground.errors import CodeFailed
from use_cases.playground.model import Verdict
from use_cases.playground.ports import VectorMetric


class Lengths:
    """Texts are as near as their lengths."""

    async def similarity(self, a: str, b: str, metric: VectorMetric) -> float:
        if a == "broken":
            raise UpstreamFailed("The embedder failed.")
        distance = abs(len(a) - len(b))
        return float(distance) if metric is VectorMetric.EUCLIDEAN else 1 / (1 + distance)


class Hook:
    """Answers every address alike, and keeps what was sent."""

    def __init__(self, reply: JsonValue) -> None:
        self.reply = reply
        self.sent: list[tuple[str, Mapping[str, JsonValue]]] = []

    async def post(self, url: str, body: Mapping[str, JsonValue]) -> JsonValue:
        self.sent.append((url, body))
        return self.reply


class Runner:
    """Returns a value, or fails, as the file's name says."""

    def __init__(self, value: JsonValue = True) -> None:
        self.value = value
        self.calls: list[tuple[str, str, str]] = []

    async def run(
        self, file: str, function: str, output: str, context: Mapping[str, JsonValue]
    ) -> JsonValue:
        self.calls.append((file, function, output))
        assert context["vars"] == {"name": "Ada"}
        if file == "broken.py":
            raise CodeFailed("It raised ValueError.")
        return self.value


def test_similarity_takes_the_nearest_reference() -> None:
    checks = AssertionChecks(similarity=Lengths())
    assert check("similar", "abc", ["x", "xyz"], checks=checks).score == 1.0
    assert check("similar", "abc", "x", checks=checks).verdict is Verdict.FAILED
    assert check("not-similar", "abc", "x", checks=checks).score == pytest.approx(2 / 3)
    assert check("similar:euclidean", "abc", "xy", 1.0, checks=checks).verdict is Verdict.PASSED
    assert check("not-similar:euclidean", "abc", "xy", 2.0, checks=checks).verdict is Verdict.FAILED
    assert check("similar", "abc", "broken", checks=checks).code == "upstream_failed"


@pytest.mark.parametrize(
    ("reply", "verdict", "score"),
    [
        ({"pass": True, "score": 0.7, "reason": "nearly"}, Verdict.PASSED, 0.7),
        ({"pass": False}, Verdict.FAILED, 0.0),
        ({"pass": "yes"}, Verdict.ERROR, 0.0),
        (True, Verdict.ERROR, 0.0),
    ],
)
def test_a_webhook_answers_with_pass(reply: JsonValue, verdict: Verdict, score: float) -> None:
    hook = Hook(reply)
    found = check("webhook", "out", "https://example.com", checks=AssertionChecks(webhook=hook))
    assert (found.verdict, found.score) == (verdict, score)
    context = {"vars": {"name": "Ada"}, "expected": "42"}
    assert hook.sent == [("https://example.com", {"output": "out", "context": context})]


@pytest.mark.parametrize(
    ("value", "threshold", "verdict", "score"),
    [
        (True, None, Verdict.PASSED, 1.0),
        (False, None, Verdict.FAILED, 0.0),
        (0.4, None, Verdict.PASSED, 0.4),
        (0.4, 0.5, Verdict.FAILED, 0.4),
        ({"pass": True, "score": 0.4, "reason": "so so"}, 0.5, Verdict.FAILED, 0.4),
        ({"score": 1}, None, Verdict.ERROR, 0.0),
        (None, None, Verdict.ERROR, 0.0),
        ([], None, Verdict.ERROR, 0.0),
    ],
)
def test_code_returns_a_truth_a_score_or_both(
    value: JsonValue, threshold: float | None, verdict: Verdict, score: float
) -> None:
    runner = Runner(value)
    checks = AssertionChecks(code_runner=runner)
    found = check("python", "out", "file://a.py:f", threshold, checks=checks)
    assert (found.verdict, found.score) == (verdict, score)
    check("python", "out", "file://a.py", checks=checks)
    assert runner.calls == [("a.py", "f", "out"), ("a.py", "get_assert", "out")]


def test_code_that_fails_is_an_error_with_its_code() -> None:
    checks = AssertionChecks(code_runner=Runner())
    for kind in ("python", "not-python"):
        found = check(kind, "out", "file://broken.py", checks=checks)
        assert (found.verdict, found.code) == (Verdict.ERROR, "code_failed")


def test_a_fault_of_a_check_is_an_error_and_no_exception() -> None:
    checks = AssertionChecks(webhook=_FaultyHook(True))
    found = check("webhook", "out", "https://example.com", checks=checks)
    assert (found.verdict, found.code) == (Verdict.ERROR, "internal_error")


class _FaultyHook(Hook):
    async def post(self, url: str, body: Mapping[str, JsonValue]) -> JsonValue:
        raise ZeroDivisionError
