"""Prompts and providers as evaluations write them.

A prompt is a text; a list of messages (`role`, `content`), also as JSON in a text or a file; `file://`
with a pattern; `name@version` or `name@label` for a stored prompt; or an object with `id` or `label`, one
of `text`, `raw`, `messages`, `file`, `ref`, and `syntax`, `settings`, `variables`. promptfoo's templates
are nunjucks: a text with blocks or filters is Jinja2, any other the plain syntax. Its providers are models
of Candor: `openai:chat:gpt-4.1-mini` is `openai:gpt-4.1-mini`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue, ValidationError

from services.datasets.file_values import (
    CODE,
    FILE,
    Misfit,
    Note,
    PlanFolder,
    Record,
    fields,
    items,
    mapping,
    note_others,
    text,
)
from use_cases.kernel.model_names import split_name
from use_cases.kernel.prompts.content import CONTENT, PromptContent

_OTHER_KINDS = "completion embedding embeddings assistant image realtime".split()  # noqa: SIM905
_SETTINGS = {
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "top_p": "top_p",
    "topP": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "stop": "stop_sequences",
    "stop_sequences": "stop_sequences",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
}
_PROVIDER_FIELDS = ("id", "label", "config", "prompts")


@dataclass(frozen=True, slots=True)
class Provider:
    """A model with its settings; `prompts` are the only ones it is asked, where there are any."""

    model: str
    label: str
    settings: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    prompts: Sequence[str] = ()


def providers_of(value: JsonValue, place: str, folder: PlanFolder, note: Note) -> list[Provider]:
    """Reads a list of providers; one that is not understood is noted. Raises `Misfit`."""
    found: list[Provider] = []
    for at, one in enumerate([value] if isinstance(value, str | dict) else items(value, place)):
        where = f"{place}[{at}]"
        if isinstance(one, str) and one.startswith(FILE) and not one.endswith(CODE):
            found += providers_of(folder.value(one, where), where, folder, note)
            continue
        record = _record(one, where)
        written = text(record.get("id"), f"{where}.id")
        model = model_of(written)
        note_others(record, _PROVIDER_FIELDS, where, note)
        if model is None:
            note(f"{where}: the provider {written[:80]!r} has no counterpart")
            continue
        config = fields(record.get("config"), _SETTINGS, f"{where}.config", note)
        settings = {_SETTINGS[name]: part for name, part in config.items() if name in _SETTINGS}
        if isinstance(settings.get("stop_sequences"), str):
            settings["stop_sequences"] = [settings["stop_sequences"]]
        prompts = [str(name) for name in items(record.get("prompts"), f"{where}.prompts")]
        found.append(Provider(model, str(record.get("label") or model), settings, prompts))
    return found


def model_of(written: str) -> str | None:
    """Returns Candor's name of a provider's model; None where it has none."""
    if written == "echo":
        return written
    found = split_name(written)
    if found is None or found[1].partition(":")[0] in _OTHER_KINDS:
        return None
    return ":".join(found)


def _record(one: JsonValue, place: str) -> Record:
    if isinstance(one, str):
        return {"id": one}
    record = mapping(one, place)
    if "id" not in record and len(record) == 1:
        name, fields = next(iter(record.items()))
        record = {"id": name, **mapping(fields, f"{place}.{name}")}
    if "id" not in record:
        raise Misfit(f"{place} has no id")
    return record


_REFERENCE = re.compile(r"[A-Za-z][\w.-]*@[\w.-]+")
_NUNJUCKS = re.compile(r"\{%|\{#|\{\{[^{}\n]*[|(\[+*][^{}\n]*\}\}")
_PROMPT_FIELDS = (
    *("id", "label", "text", "raw", "messages", "file", "ref"),
    *("syntax", "settings", "variables"),
)
_PARTS = re.compile(r"^---\s*$", re.MULTILINE)
_FILES = (".txt", ".md", ".json", ".yaml", ".yml", ".j2")
_ROLES = {"developer": "system", "human": "user", "ai": "assistant", "model": "assistant"}
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class WrittenPrompt:
    """A prompt by its name: its content, or the stored prompt `reference`."""

    name: str
    content: PromptContent | None = None
    reference: str | None = None


def prompts_of(
    value: JsonValue, place: str, folder: PlanFolder, note: Note, *, nunjucks: bool
) -> list[WrittenPrompt]:
    """Reads prompts; one that cannot be used is noted. Raises `Misfit`."""
    reader = _Reader(folder, note, nunjucks)
    if isinstance(value, dict) and not set(_PROMPT_FIELDS) & value.keys():  # promptfoo's old map
        value = [{"raw": raw, "label": label} for raw, label in value.items()]
    listed = [value] if isinstance(value, str | dict) else items(value, place)
    return [each for at, one in enumerate(listed) for each in reader.read(one, f"{place}[{at}]")]


class _Reader:
    def __init__(self, folder: PlanFolder, note: Note, nunjucks: bool) -> None:
        self._folder = folder
        self._note = note
        self._nunjucks = nunjucks

    def read(self, one: JsonValue, place: str) -> list[WrittenPrompt]:
        if isinstance(one, str):
            return self._written(one, place, {})
        if isinstance(one, list):
            return [self._prompt(one, place, {}, "")]
        record = fields(one, _PROMPT_FIELDS, place, self._note)
        if (reference := record.get("ref")) is not None:
            reference = text(reference, f"{place}.ref")
            return [WrittenPrompt(_name(record) or reference, reference=reference)]
        if record.get("messages") is not None:
            return [self._prompt(record["messages"], place, record, "")]
        written = next((record[key] for key in ("text", "raw") if record.get(key)), None)
        if written is None:
            name = record.get("file") or record.get("id")
            return self._files(FILE + text(name, place).removeprefix(FILE), place, record)
        return self._written(text(written, place), place, record)

    def _written(self, written: str, place: str, record: Record) -> list[WrittenPrompt]:
        if written.startswith(FILE) or (
            "\n" not in written and written.endswith(_FILES) and self._folder.has(written)
        ):
            return self._files(written, place, record)
        if not self._nunjucks and _REFERENCE.fullmatch(written):
            return [WrittenPrompt(_name(record) or written, reference=written)]
        return self._one(written, place, record, "")

    def _files(self, reference: str, place: str, record: Record) -> list[WrittenPrompt]:
        if Path(reference.partition(":")[2].partition(":")[0]).suffix not in ("", *_FILES):
            self._note(f"{place}: {reference[:80]!r} is no text, JSON or YAML")
            return []
        found: list[WrittenPrompt] = []
        for path in self._folder.paths(reference, place):
            if path.suffix in (".yaml", ".yml"):
                found.append(self._prompt(self._folder.load(path, place), place, record, path.name))
                continue
            written = self._folder.text(path, place)
            parts = _PARTS.split(written) if path.suffix == ".txt" else [written]
            for at, part in enumerate(parts, 1):
                fallback = path.name if len(parts) == 1 else f"{path.name} {at}"
                found += self._one(part.strip("\n"), place, record, fallback)
        return found

    def _one(self, written: str, place: str, record: Record, fallback: str) -> list[WrittenPrompt]:
        """Reads a text, which may be a list of messages in JSON."""
        value: JsonValue = written
        if written.lstrip().startswith("[") and '"role"' in written:
            try:
                value = json.loads(written)
            except (ValueError, RecursionError):
                self._note(f"{place}: the messages are no JSON before their values are in them")
                return []
        return [self._prompt(value, place, record, fallback)]

    def _prompt(self, value: JsonValue, place: str, record: Record, fallback: str) -> WrittenPrompt:
        messages: list[dict[str, JsonValue]] = (
            [{"role": "user", "content": value}]
            if isinstance(value, str)
            else [
                self._message(one, f"{place}[{at}]") for at, one in enumerate(items(value, place))
            ]
        )
        texts = [str(message["content"]) for message in messages]
        if not texts:
            raise Misfit(f"{place} has no message")
        is_jinja = self._nunjucks and any(map(_NUNJUCKS.search, texts))
        form: Record = {
            "messages": list[JsonValue](messages),
            "syntax": record.get("syntax") or ("jinja2" if is_jinja else "plain"),
            "settings": mapping(record.get("settings"), f"{place}.settings"),
            "variables": _variables(record.get("variables"), f"{place}.variables"),
        }
        try:
            content = CONTENT.validate_python(form)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise Misfit(f"{place}.{where}: {first['msg']}") from error
        return WrittenPrompt(_name(record) or fallback or _short(texts[-1]), content)

    def _message(self, one: JsonValue, place: str) -> dict[str, JsonValue]:
        record = fields(one, ("role", "content"), place, self._note)
        role, content = text(record.get("role"), f"{place}.role"), record.get("content")
        if isinstance(content, list):  # parts, of which only texts can be used
            parts = [mapping(part, place) for part in content]
            if any(part.get("type", "text") != "text" for part in parts):
                self._note(f"{place}: only parts of text are understood")
            content = "".join(str(part.get("text") or "") for part in parts)
        return {"role": _ROLES.get(role, role), "content": text(content, f"{place}.content")}


def with_settings(content: PromptContent, settings: Mapping[str, JsonValue]) -> PromptContent:
    """Returns the content with a model's settings below its own."""
    return PromptContent(
        content.messages, content.variables, {**settings, **content.settings}, content.syntax
    )


def _variables(value: JsonValue, place: str) -> list[JsonValue]:
    if isinstance(value, dict):
        return [{"name": name, **mapping(part, f"{place}.{name}")} for name, part in value.items()]
    return items(value, place)


def _name(record: Record) -> str:
    return str(record.get("label") or record.get("id") or "").removeprefix(FILE)


def _short(written: str) -> str:
    words = " ".join(written.split())
    return words if len(words) <= _SHOWN else words[:_SHOWN] + "…"
