"""What stands below advice on a terminal."""

from typing import Any

import pytest

from backend.cli.advice.advise_view import show_advice_summary
from tests.backend.http.advised import response
from use_cases.advice.giving.preparation import NO_WEB, NO_WEB_FOR_STALE
from use_cases.advice.model import Freshness, Response
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
