"""The price of a call before it is made, by the public list of prices (genai-prices)."""

from decimal import Decimal

from pydantic_ai import ModelResponse
from pydantic_ai.usage import RequestUsage

CHARACTERS_PER_TOKEN = 4
"""About, in European languages."""


def call_price(model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """Return US dollars for a call of `provider:name`; None for a model that the list does not have."""
    provider, _, name = model.partition(":")
    if not name:
        return None
    usage = RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens)
    response = ModelResponse(parts=[], model_name=name, provider_name=provider, usage=usage)
    try:
        return response.cost().total_price
    except (LookupError, ValueError):
        return None
