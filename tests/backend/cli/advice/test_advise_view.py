"""What stands below advice on a terminal."""

from typing import Any

import pytest

from backend.cli.advice.advise import confidence_line, show_advice_summary
from tests.backend.http.advised import response
from use_cases.advice.giving.preparation import NO_WEB, NO_WEB_FOR_STALE
from use_cases.advice.model import BaseRate, Confidence, Freshness, Response
from use_cases.advice.web.search_tool import WEB_TOOL
from use_cases.kernel.citations.sources import ToolCall


def unverified(**more: Any) -> Response:
    return response(1, 7000, freshness=Freshness.UNVERIFIED, **more)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (unverified(), "none were looked up"),
        (
            unverified(tool_calls=(ToolCall(WEB_TOOL, "{}", "It failed.", failed=True),)),
            "none could be found",
        ),
    ],
)
def test_missing_fresh_facts_are_told_by_their_reason(
    capsys: pytest.CaptureFixture[str], shown: Response, said: str
) -> None:
    show_advice_summary(shown, live=True)
    told = capsys.readouterr().err
    assert f"The question needs fresh facts, and {said}: recent changes are not considered." in told


@pytest.mark.parametrize("notice", [NO_WEB, NO_WEB_FOR_STALE])
def test_that_nothing_can_be_looked_up_is_told_once(
    capsys: pytest.CaptureFixture[str], notice: str
) -> None:
    show_advice_summary(unverified(notices=(notice,)), live=True)
    told = capsys.readouterr().err
    assert told.startswith(f"note: {notice}\n\n")


def test_a_base_rate_stands_beside_what_the_model_stated() -> None:
    found = Confidence(8000, 5528, "likely", "More likely than not", base_rate=BaseRate(110, 199))
    assert confidence_line(found) == (
        "More likely than not: 55.3 of 100, the base rate (110 of 199 right, 95% interval 48 to 62); "
        "the model stated 80"
    )
