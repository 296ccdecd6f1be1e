"""Reads the verdict of a provider's content filter, in each shape that it arrives in.

Azure's filter arrives as pydantic-ai's `ContentFilterError` (its body is the JSON of a response
with `provider_details`), or, behind a gateway that speaks plain OpenAI, as a rejected request with
the code `content_filter` and the filter's result under `innererror`. A filtered completion has the
same results without `jailbreak`.
"""

import json
from collections.abc import Iterator
from typing import cast

from pydantic_ai import exceptions as upstream

from use_cases.kernel.errors import ContentFiltered


def content_filtered(error: BaseException, model: str) -> ContentFiltered | None:
    """Our error when `error` comes of a content filter, else None."""
    code = getattr(error, "provider_error_code", None)
    if not isinstance(error, upstream.ContentFilterError) and code != "content_filter":
        return None
    body = getattr(error, "body", None)
    return ContentFiltered(
        f"The content filter of {model} stopped this request.",
        jailbreak=any(_filtered(found) for found in _named("jailbreak", _parsed(body))),
    )


def _parsed(body: object) -> object:
    if not isinstance(body, str):
        return body
    try:
        return cast("object", json.loads(body))
    except ValueError:
        return None


def _named(name: str, value: object) -> Iterator[object]:
    """Every member of this name, at any depth."""
    if isinstance(value, dict):
        for key, member in cast("dict[object, object]", value).items():
            if key == name:
                yield member
            yield from _named(name, member)
    elif isinstance(value, list):
        for member in cast("list[object]", value):
            yield from _named(name, member)


def _filtered(result: object) -> bool:
    return isinstance(result, dict) and cast("dict[object, object]", result).get("filtered") is True
