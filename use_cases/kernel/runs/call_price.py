"""The price of a call before it is made, and a model's room, by the public list (genai-prices)."""

from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic_ai import ModelResponse
from pydantic_ai.usage import RequestUsage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

CHARACTERS_PER_TOKEN = 4
"""About, in European languages."""


def call_price(model: str, input_tokens: int, output_tokens: int) -> Decimal | None:
    """Return US dollars for a call of `provider:name`; None for a model that the list does not have."""
    if ":" not in model:
        return None
    usage = RequestUsage(input_tokens=input_tokens, output_tokens=output_tokens)
    found = _listed(model, usage)
    return None if found is None else found.total_price


def context_window(model: str) -> int | None:
    """Return the most tokens that `provider:name` or `name` reads and writes in one call.

    None for a model of which the list does not know it.
    """
    found = _listed(model, RequestUsage())
    return None if found is None else found.model.context_window


def _listed(model: str, usage: RequestUsage) -> "PriceCalculation | None":
    *provider, name = model.split(":", 1)
    if not name:
        return None
    response = ModelResponse(
        parts=[], model_name=name, provider_name="".join(provider) or None, usage=usage
    )
    try:
        return response.cost()
    except (LookupError, ValueError):
        return None
