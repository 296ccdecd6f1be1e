"""The errors of the statistics."""

from use_cases.kernel.errors import InvalidInput


class ForecastInvalid(InvalidInput):
    """A confidence is not a number from 0 to 1, or its outcome is neither right nor wrong."""

    code = "forecast_invalid"
    title = "Not a forecast"
    default_hint = "State the confidence as a number from 0 to 1 and the outcome as true or false."


class StatisticsOptionInvalid(InvalidInput):
    """The options of the statistics are invalid, such as 3 bands."""

    code = "statistics_option_invalid"
    title = "Not an option of the statistics"
    default_hint = "Ask for 5 to 20 bands, with edges `left` or `right`."
