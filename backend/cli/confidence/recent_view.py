"""The text form of the list of recorded advice."""

from backend.cli.terminal import terminal
from backend.schemas.advice import RecentAdvice, ResolvedReply
from use_cases.advice.confidence.report_model import RecentResponses
from use_cases.advice.model import Response
from use_cases.advice.outcomes.resolution import Resolved
from use_cases.advice.profile import CERTAIN


def show_recent(found: RecentResponses, *, as_json: bool) -> None:
    """Show a line for each, newest first, or the JSON of `GET /confidence/recent`."""
    if as_json:
        terminal.data_json(RecentAdvice.of_recent(found).model_dump(mode="json"))
        return
    if not found.responses:
        terminal.talk('No such advice is recorded. Ask for advice: candor advise "…"')
        return
    header = ("ID", "ASKED", "STATED", "SHOWN", "OUTCOME", "QUESTION")
    terminal.data(terminal.columns(header, [_row(response) for response in found.responses]))
    if found.next_before is not None:
        terminal.talk(f"There are more ({found.total_count}): --before {found.next_before}")


def show_resolved(found: Resolved, *, as_json: bool) -> None:
    """Show the number of resolved outcomes, and the reasons of failures."""
    if as_json:
        terminal.data_json(ResolvedReply.of(found).model_dump(mode="json"))
        return
    counts = f"{found.right} right, {found.wrong} wrong, {found.void} void"
    terminal.data(f"{counts}; {found.pending} not over yet")
    for failed in found.failed:
        count = len(failed.responses)
        terminal.talk(f"note: {failed.profile}, {count} undecided: {failed.reason}")


def _row(response: Response) -> tuple[str, ...]:
    confidence = response.advice.confidence
    sure = ("none", "none")
    if confidence is not None:
        sure = (_percent(confidence.stated), _percent(confidence.calibrated))
    asked = f"{response.created_at.astimezone():%Y-%m-%d %H:%M}"
    return (response.response_id, asked, *sure, response.outcome.value, response.question)


def _percent(basis_points: int) -> str:
    return f"{basis_points / CERTAIN:.0%}"
