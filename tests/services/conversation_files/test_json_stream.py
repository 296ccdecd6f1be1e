"""JSON as a stream: any size, any encoding, and the place of what is broken."""

import codecs
import io
import json
import tracemalloc
from collections.abc import Sequence

import pytest

from services.conversation_files.json_stream import JsonStream
from use_cases.conversations.errors import ConversationFileBroken, ConversationFileTooLarge


class Dripping(io.BytesIO):
    """Gives three bytes at a time, so that every token is cut somewhere."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3)


def values(text: str | bytes) -> Sequence[object]:
    content = text.encode() if isinstance(text, str) else text
    whole = [value for _, value in JsonStream(io.BytesIO(content), "f").values()]
    dripped = [value for _, value in JsonStream(Dripping(content), "f").values()]
    assert whole == dripped
    return whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"a": 1}, {"b": [true, null, -1.5e3]}]', [{"a": 1}, {"b": [True, None, -1500.0]}]),
        ("[]", []),
        ("{}", [dict[str, object]()]),
        ("  7  ", [7]),
        ("[12.5, -2.25e+3, 17]", [12.5, -2250.0, 17]),
        ('{"a": 1, "b": "ü"}', [{"a": 1, "b": "ü"}]),
        ('{"a": 1, "conversations": [{"x": 1}, 2], "media": [3], "n": 4}', [{"x": 1}, 2, [3]]),
        ('{"conversations": []}', []),
        ('["a\\ud83d\\ude00b", "line\nbreak", 123456789012345678901234567890]',
         ["a😀b", "line\nbreak", 123456789012345678901234567890]),
        ('[{"id": "a", "id": "b"}]', [{"id": "a", "id#2": "b"}]),
    ],
)  # fmt: skip
def test_values(text: str, expected: object) -> None:
    assert values(text) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    assert values('[{"t": "größe 言葉"}]'.encode(encoding)) == [{"t": "größe 言葉"}]


def test_bytes_of_another_encoding_are_read_and_counted() -> None:
    stream = JsonStream(io.BytesIO('["café", "言"]'.encode().replace(b"\xc3\xa9", b"\xe9")), "f")
    assert [value for _, value in stream.values()] == ["café", "言"]
    assert stream.undecoded == 1


def test_places_are_named() -> None:
    stream = JsonStream(io.BytesIO(b'{"conversations": [1, 2]}'), "c.json")
    assert [place for place, _ in stream.values()] == [
        "c.json, conversation 1",
        "c.json, conversation 2",
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('[{"a": 1},\n {"a" 2}]', "f, item 2, line 2, character 7: a colon is missing."),
        ('[{"a": 1},\n {"a": "open', "f, item 2, line 2, character 8: a text is not closed."),
        ('[{"a": 1}', "f, item 1, line 1, character 10: it ends here; , or ] is missing."),
        ("[1,]", "f, item 2, line 1, character 4: a value is missing."),
        ('{"a": 1} x', "f, line 1, character 10: there is more after the end."),
        ("[" * 100_000, "f, item 1, line 1, character 2: it is nested too deeply."),
        (f"[{'9' * 5_000}]", "f, item 1, line 1, character 2: a number has too many digits."),
    ],
)
def test_a_fault_names_its_place(text: str, detail: str) -> None:
    for stream in (io.BytesIO(text.encode()), Dripping(text.encode())):
        with pytest.raises(ConversationFileBroken) as raised:
            list(JsonStream(stream, "f").values())
        assert raised.value.detail == detail


def test_what_stands_before_a_fault_is_read() -> None:
    stream = JsonStream(io.BytesIO(b"[1, 2, oops"), "f").values()
    assert [next(stream)[1], next(stream)[1]] == [1, 2]
    with pytest.raises(ConversationFileBroken, match="item 3"):
        next(stream)


LARGE = '{"a": "' + "x" * 3_000 + r'\" ] }\\", "b": [1, {"c": ["]"]}]}'
MANY = "[" + "[[1]]," * 50 + "[]]"
FLAT = "[" + "1," * 200 + "1]"


@pytest.mark.parametrize("large", [LARGE, MANY, FLAT, json.dumps("[{" + "y" * 3_000)])
def test_an_element_that_is_too_large_is_passed_over(large: str) -> None:
    for stream in (io.BytesIO, Dripping):
        content = stream(f'[1, {large}, {{"d": 2}}]'.encode())
        one, error, two = JsonStream(content, "f", max_cost=10_000).values()
        assert (one, two) == (("f, item 1", 1), ("f, item 3", {"d": 2}))
        assert error[0] == "f, item 2"
        assert isinstance(error[1], ConversationFileTooLarge)


def test_after_an_element_that_never_ends_the_end_is_missing() -> None:
    endless = JsonStream(io.BytesIO(b'["' + b"x" * 2**20), "f", max_cost=2**20).values()
    assert isinstance(next(endless)[1], ConversationFileTooLarge)
    with pytest.raises(ConversationFileBroken, match="it ends here"):
        next(endless)


def test_the_members_of_an_object_are_counted_together() -> None:
    members = ", ".join(f'"{n}": "{"x" * 100_000}"' for n in range(5))
    with pytest.raises(ConversationFileTooLarge):
        list(JsonStream(io.BytesIO(f"{{{members}}}".encode()), "f", max_cost=2**20).values())


def test_memory_holds_a_chunk_and_not_the_file() -> None:
    item = json.dumps({"text": "x" * 10_000}).encode()
    content = io.BytesIO(b"[" + b",".join([item] * 2_000) + b"]")
    tracemalloc.start()
    try:
        assert sum(1 for _ in JsonStream(content, "f").values()) == 2_000
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def test_a_byte_order_mark_alone_is_no_value() -> None:
    with pytest.raises(ConversationFileBroken):
        list(JsonStream(io.BytesIO(codecs.BOM_UTF8), "f").values())


@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
def test_the_text_of_a_value_is_known_unless_it_is_put_together(kind: type[io.BytesIO]) -> None:
    stream = JsonStream(kind('[ {"a" : "ü"} ,2]'.encode()), "f")
    assert [(value, stream.text) for _, value in stream.values()] == [
        ({"a": "ü"}, '{"a" : "ü"}'),
        (2, "2"),
    ]
    stream = JsonStream(kind(b'{"conversations": [{"a":1}], "media": [3]}'), "f")
    assert [stream.text for _ in stream.values()] == ['{"a":1}', ""]
    stream = JsonStream(kind(b'{"a": 1, "b": 2}'), "f")
    assert [(value, stream.text) for _, value in stream.values()] == [({"a": 1, "b": 2}, "")]
