"""promptfoo's providers as models of Candor: `openai:chat:gpt-4.1-mini` is `openai:gpt-4.1-mini`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from services.datasets.fields import Misfit, Note, Record, fields, items, mapping, note_others, text
from services.datasets.plan_folder import CODE, FILE, PlanFolder
from use_cases.kernel.model_names import split_name

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
_FIELDS = ("id", "label", "config", "prompts")


@dataclass(frozen=True, slots=True)
class Provider:
    """A model with its settings; `prompts` are the only ones it is asked, where there are any."""

    model: str
    label: str
    settings: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    prompts: Sequence[str] = ()


def providers_of(value: JsonValue, place: str, folder: PlanFolder, note: Note) -> list[Provider]:
    """Read a list of providers; one that is not understood is noted. Raises `Misfit`."""
    found: list[Provider] = []
    for at, one in enumerate([value] if isinstance(value, str | dict) else items(value, place)):
        where = f"{place}[{at}]"
        if isinstance(one, str) and one.startswith(FILE) and not one.endswith(CODE):
            found += providers_of(folder.value(one, where), where, folder, note)
            continue
        record = _record(one, where)
        written = text(record.get("id"), f"{where}.id")
        model = model_of(written)
        note_others(record, _FIELDS, where, note)
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
    """Return Candor's name of a provider's model; None where it has none."""
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
