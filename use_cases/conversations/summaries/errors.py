"""The errors of summaries."""

from use_cases.kernel.errors import InvalidInput, NotFound, UpstreamFailed


class SummaryNotFound(NotFound):
    """The conversation has no summary yet."""

    code = "summary_not_found"
    title = "No summary yet"
    default_hint = (
        "POST /api/conversations/{id}/summary makes one, or `candor conversations summarise ID`."
    )


class SummaryInvalid(InvalidInput):
    """There is nothing to summarise, or an edited summary is empty or too long."""

    code = "summary_invalid"
    title = "The summary cannot be used"


class SummariserRefused(UpstreamFailed):
    """The summariser does not accept the token, or does not know the job."""

    code = "summariser_refused"
    title = "The summariser refused the request"
    default_hint = "Check METACOGNITION_API_URL and METACOGNITION_AUTH_TOKEN."
