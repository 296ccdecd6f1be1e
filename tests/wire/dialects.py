"""How each family of providers writes an answer on the wire, streamed and whole, by the path asked.

Covers OpenAI's Chat Completions and Responses (with Azure, Ollama, vLLM and every gateway that
speaks them), Anthropic's Messages, Google's GenerateContent and Cohere's Chat v2, as far as their
SDKs and pydantic-ai read them. Token counts are always 11 in and 7 out.
"""

from collections.abc import Mapping

from tests.wire import openai_dialects, other_dialects
from tests.wire.spelling import Dialect

_GOOGLE = Dialect(other_dialects.google_stream, other_dialects.google_whole)
_BY_PATH: Mapping[str, Dialect] = {
    "/chat/completions": Dialect(openai_dialects.chat_stream, openai_dialects.chat_whole),
    "/responses": Dialect(openai_dialects.responses_stream, openai_dialects.responses_whole),
    "/messages": Dialect(other_dialects.anthropic_stream, other_dialects.anthropic_whole),
    ":generateContent": _GOOGLE,
    ":streamGenerateContent": _GOOGLE,
    "/v2/chat": Dialect(other_dialects.cohere_stream, other_dialects.cohere_whole),
}


def dialect_of(path: str) -> Dialect | None:
    """The dialect spoken at this path, whatever the provider's prefix; None for another path."""
    place = path.partition("?")[0]
    return next((found for ending, found in _BY_PATH.items() if place.endswith(ending)), None)
