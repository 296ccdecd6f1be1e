"""Tool calls as JSON, whatever a model wrote for arguments."""

import json

import pytest
from pydantic import JsonValue

from backend.schemas.chat_schemas import ToolUse
from use_cases.kernel.citations.sources import ToolCall


def shown(arguments: str) -> JsonValue:
    return ToolUse.of(ToolCall("search_knowledge_base", arguments, "")).args


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"query": "leave", "category": null}', {"query": "leave", "category": None}),
        ("{}", {}),
        ("", {}),
        ("[1]", {"unreadable": "[1]"}),
        ("null", {"unreadable": "null"}),
        ('{"query": ', {"unreadable": '{"query": '}),
        ('{"query": NaN}', {"unreadable": '{"query": NaN}'}),
        ('{"query": [-Infinity]}', {"unreadable": '{"query": [-Infinity]}'}),
        ('{"query": 1e999}', {"unreadable": '{"query": 1e999}'}),
        ('{"query": "\\ud800"}', {"unreadable": '{"query": "\\ud800"}'}),
    ],
)
def test_arguments_are_an_object_always(arguments: str, expected: JsonValue) -> None:
    assert shown(arguments) == expected


def test_arguments_that_nest_without_end_are_shown_as_text() -> None:
    deep = '{"a":' * 10_000
    assert shown(deep) == {"unreadable": deep}


def test_what_is_shown_can_be_sent() -> None:
    use = ToolUse.of(ToolCall("t", '{"a": 1e99}', "rows", failed=True))
    assert json.loads(use.model_dump_json()) == {
        "name": "t",
        "args": {"a": 1e99},
        "result": "rows",
        "failed": True,
    }
