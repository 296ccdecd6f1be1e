"""What a client of AI SDK 5 to 7 makes of a stream: their rules, without their network."""

from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue

from tests.strict_json import parsed

Chunk = dict[str, JsonValue]


def chunks(frames: Sequence[str]) -> list[Chunk]:
    """The chunks of server-sent events; the stream must end in `[DONE]`."""
    events = "".join(frames).split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    data = [event for event in events[:-2] if not event.startswith(":")]
    assert all(event.startswith("data: ") for event in data)
    return [cast("Chunk", parsed(event.removeprefix("data: "))) for event in data]


def lines(frames: Sequence[str]) -> list[tuple[str, JsonValue]]:
    """The parts of a data stream, without blank lines."""
    text = "".join(frames)
    assert text.endswith("\n")
    parts = [line.partition(":") for line in text.split("\n") if line]
    return [(code, cast("JsonValue", parsed(value))) for code, _, value in parts]


class Assembled:
    """One assistant message, as `processUIMessageStream` builds it."""

    def __init__(self, frames: Sequence[str]) -> None:
        self.message: Chunk = {"role": "assistant"}
        self.parts: list[Chunk] = []
        self.transient: list[Chunk] = []
        self.error: str | None = None
        self.finish_reason: str | None = None
        self.aborted = False
        self._open: dict[str, Chunk] = {}
        self._tools: dict[str, Chunk] = {}
        for chunk in chunks(frames):
            if self.error is None:
                self._see(chunk)
        self.message["parts"] = cast("JsonValue", self.parts)

    def _see(self, chunk: Chunk) -> None:
        kind = str(chunk["type"])
        match kind:
            case "start":
                self.message["id"] = chunk["messageId"]
                self._metadata(chunk)
            case "message-metadata":
                self._metadata(chunk)
            case "start-step":
                self.parts.append({"type": "step-start"})
            case "finish-step" | "finish" | "abort" | "error":
                self._end(kind, chunk)
            case _ if kind.startswith("tool-"):
                self._tool(kind, chunk)
            case _ if kind.startswith(("text-", "reasoning-")):
                self._text(kind, chunk)
            case _:
                assert kind == "source-document" or kind.startswith("data-")
                (self.transient if chunk.get("transient") else self.parts).append(chunk)

    def _end(self, kind: str, chunk: Chunk) -> None:
        self._open = {}
        if kind == "finish":
            self.finish_reason = cast("str | None", chunk.get("finishReason"))
        elif kind == "abort":
            self.aborted = True
        elif kind == "error":
            self.error = str(chunk["errorText"])

    def _metadata(self, chunk: Chunk) -> None:
        metadata = cast("Chunk", self.message.setdefault("metadata", {}))
        metadata |= cast("Chunk", chunk["messageMetadata"])

    def _text(self, kind: str, chunk: Chunk) -> None:
        name, _, what = kind.partition("-")
        key = str(chunk["id"])
        if what == "start":
            part: Chunk = {"type": name, "text": "", "state": "streaming"}
            if name == "reasoning":
                part["id"] = key
            self._open[key] = part
            self.parts.append(part)
        elif what == "delta":
            self._open[key]["text"] = f"{self._open[key]['text']}{chunk['delta']}"
        else:
            assert what == "end"
            self._open.pop(key)["state"] = "done"

    def _tool(self, kind: str, chunk: Chunk) -> None:
        key = str(chunk["toolCallId"])
        if kind == "tool-input-start":
            name = f"tool-{chunk['toolName']}"
            self._tools[key] = {"type": name, "toolCallId": key, "state": "input-streaming"}
            self.parts.append(self._tools[key])
        tool = self._tools[key]
        match kind:
            case "tool-input-available":
                tool |= {"state": "input-available", "input": chunk["input"]}
            case "tool-output-available":
                tool |= {"state": "output-available", "output": chunk["output"]}
            case "tool-output-error":
                tool |= {"state": "output-error", "errorText": chunk["errorText"]}
            case _:
                assert kind in ("tool-input-start", "tool-input-delta")
