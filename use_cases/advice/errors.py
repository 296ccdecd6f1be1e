"""What can go wrong with advice and its record: the errors of the advice capability."""

from use_cases.kernel.errors import InvalidInput


class ForecastInvalid(InvalidInput):
    """A confidence is no number from 0 to 1, or its outcome is neither right nor wrong."""

    code = "forecast_invalid"
    title = "Not a forecast"
    default_hint = "State the confidence as a number from 0 to 1 and the outcome as true or false."


class StatisticsOptionInvalid(InvalidInput):
    """The statistics were asked for in a way that has no meaning, such as 3 bands."""

    code = "statistics_option_invalid"
    title = "Not an option of the statistics"
    default_hint = "Ask for 5 to 20 bands, with edges `left` or `right`."


class SearchOverrideConflict(InvalidInput):
    """The request says both `/search` and `/nosrch`."""

    code = "search_override_conflict"
    title = "Two search overrides"
    default_hint = "Say /search or /nosrch once, in the field or as the first or last word."


class SearchOverrideAlone(InvalidInput):
    """The message is a search override and nothing else."""

    code = "search_override_alone"
    title = "A search override without a question"
    default_hint = "Write the question beside /search or /nosrch."
