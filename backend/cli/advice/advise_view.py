"""The text form of advice: choice, reasoning, confidence, alternatives, sources."""

from backend.cli.chat.answer_view import show_sources
from backend.cli.terminal import terminal
from use_cases.advice.giving.preparation import NO_WEB, NO_WEB_FOR_STALE
from use_cases.advice.model import (
    Advice,
    Alternative,
    BaseRate,
    Confidence,
    Freshness,
    OutcomeState,
    Response,
)
from use_cases.advice.profile import CERTAIN
from use_cases.advice.web.search_tool import WEB_TOOL

_FRESHNESS = {
    Freshness.VERIFIED: "Fresh facts were needed and looked up.",
    Freshness.UNVERIFIED: "note: The question needs fresh facts, and none {}: recent changes are not considered.",
}


def show_advice_summary(response: Response, *, live: bool) -> None:
    """Shows the sources, notices and model below advice; `live`: the advice is on the screen already,
    else it is shown first.
    """
    if not live:
        show_advice(response.advice)
    show_sources(response.advice.sources)
    terminal.flush()
    if not live:
        for call in response.tool_calls:
            terminal.talk(f"… {call.name} {call.arguments}")
    for notice in response.notices:
        terminal.talk(f"note: {notice}")
    told = not {NO_WEB, NO_WEB_FOR_STALE}.isdisjoint(response.notices)
    if response.freshness in _FRESHNESS and not told:
        terminal.talk(_FRESHNESS[response.freshness].format(_missing(response)))
    cost = "" if response.cost is None else f" · ${response.cost:.4f}"
    terminal.talk(f"\n{response.model} · {response.latency_ms / 1000:.1f} s{cost}")
    if response.advice.confidence is not None and response.outcome is OutcomeState.PENDING:
        terminal.talk(f"Record whether it was right: candor feedback {response.response_id} right")


def _missing(response: Response) -> str:
    """Returns the reason for missing fresh facts: none could be found, or none were looked up."""
    tried = any(call.name == WEB_TOOL for call in response.tool_calls)
    return "could be found" if tried else "were looked up"


def show_advice(advice: Advice) -> None:
    """Shows the whole advice, without its sources."""
    terminal.data(advice.main_advice)
    if advice.reasoning:
        terminal.data(f"\n{advice.reasoning}")
    terminal.data(f"\n{confidence_line(advice.confidence)}")
    if advice.alternatives:
        terminal.data("\nAlternatives")
    for alternative in advice.alternatives:
        terminal.data(alternative_line(alternative))


def confidence_line(confidence: Confidence | None) -> str:
    """Returns `Likely (about 7 in 10): 66 of 100; the model stated 80`."""
    if confidence is None:
        return "No confidence: there was nothing to choose by."
    said = f"{confidence.phrase}: {_of_hundred(confidence.calibrated)} of 100"
    if confidence.base_rate is not None:
        said += _base_rate(confidence.base_rate)
    if confidence.stated != confidence.calibrated:
        said += f"; the model stated {_of_hundred(confidence.stated)}"
    return said + ("; worded with care, because fresh facts are missing" * confidence.capped)


def _base_rate(rate: BaseRate) -> str:
    low, high = (round(100 * end) for end in rate.interval)
    return f", the base rate ({rate.right} of {rate.n} right, 95% interval {low} to {high})"


def alternative_line(alternative: Alternative) -> str:
    """Returns an option that was not chosen, and the reason."""
    return f"  {alternative.option}: {alternative.reason}"


def _of_hundred(basis_points: int) -> str:
    """Returns 66, or 66.5: no more digits than needed."""
    return f"{basis_points * 100 / CERTAIN:.1f}".removesuffix(".0")
