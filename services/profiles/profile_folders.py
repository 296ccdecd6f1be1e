"""Profiles in two folders: those that ship with Candor, and an installation's own; and its instructions.

Instructions are one YAML file with a text for each prompt type. Promises: an unusable file affects only
itself; the list names it, and a request for it reports the fault with file and field or line, so no advice
is given by unintended instructions. A repeated key is refused, because the second would silently replace
the first. A changed file applies from the next question on; no name leads outside the folders.

A profile's file is validated strictly: a misspelt field, a number in the place of a text or a scale with a
gap is refused with the field's name and the fault. It may name a scale of phrases: `likelihood` states the
probability that the advice is right, in the words of the intelligence standard ICD 203 (its "likely" in
two), with the number behind them; `confidence` keeps the words of earlier clients. Leaves to others: tests
of the queries (`candor profiles PROFILE --check`).
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from use_cases.advice.errors import ProfileBroken, ProfileUnknown, PromptFileBroken
from use_cases.advice.profile import (
    CERTAIN,
    GIVEN,
    ComparisonRule,
    EntityRule,
    OutcomeRule,
    PeriodRule,
    Phrase,
    PhraseScale,
    Profile,
    Words,
)
from use_cases.kernel.text.sql_placeholders import placeholders


@dataclass(frozen=True, slots=True)
class NamedScale:
    """A scale, and its highest phrase for advice without the fresh facts it needs."""

    scale: PhraseScale
    unverified_cap: str


LIKELIHOOD = NamedScale(
    PhraseScale(
        (
            Phrase("almost_no_chance", "Almost no chance", 0),
            Phrase("very_unlikely", "Very unlikely", 500),
            Phrase("unlikely", "Unlikely", 2_000),
            Phrase("leaning_against", "Less likely than not", 3_500),
            Phrase("even", "Roughly even", 4_500),
            Phrase("leaning", "More likely than not", 5_500),
            Phrase("likely", "Likely", 6_500),
            Phrase("very_likely", "Very likely", 8_000),
            Phrase("almost_certain", "Almost certain", 9_500),
        ),
        with_odds=True,
    ),
    unverified_cap="leaning",
)

CONFIDENCE = NamedScale(
    PhraseScale(
        (
            Phrase("low_confidence", "Not very confident", 0),
            Phrase("medium_confidence", "Fairly confident", 6_000),
            Phrase("high_confidence", "Highly confident", 8_500),
        )
    ),
    unverified_cap="low_confidence",
)

SCALES: Mapping[str, NamedScale] = {"likelihood": LIKELIHOOD, "confidence": CONFIDENCE}


_Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]

DEFAULT_PROMPT = "default"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Phrase(_Form):
    key: _Key
    phrase: Words
    starts: float = Field(ge=0, lt=1)


class ProfileForm(_Form):
    """The fields of a profile's file."""

    title: Words
    description: Words
    prompts: dict[_Key, Words]
    option_label: _Key = "option"
    phrases: Literal["likelihood", "confidence"] | list[_Phrase] = "likelihood"
    unverified_cap: _Key | None = None
    fresh_words: list[Words] = Field(default_factory=list[str])
    web_search: bool = True
    tables: list[Words] = Field(default_factory=list[str])
    entities: EntityRule | None = None
    period: PeriodRule | None = None
    comparison: ComparisonRule | None = None
    outcome: OutcomeRule | None = None
    disclaimer: Annotated[str, Field(max_length=20_000)] = ""

    @model_validator(mode="after")
    def _validate(self) -> "ProfileForm":
        if DEFAULT_PROMPT not in self.prompts:
            raise ValueError("prompts: there must be one called `default`")
        for section in ("entities", "period", "comparison", "outcome"):
            _check_names(section, getattr(self, section))
        keys = [phrase.key for phrase in self._scale().phrases]
        if self._cap() not in keys:
            raise ValueError(
                f"unverified_cap: must be the key of a phrase; there are {', '.join(keys)}"
            )
        return self

    def profile(self, profile_id: str, version: str) -> Profile:
        """Returns the profile that the file describes."""
        fields: dict[str, Any] = dict(self) | {
            "phrases": self._scale(),
            "unverified_cap": self._cap(),
            "fresh_words": tuple(self.fresh_words),
            "tables": tuple(self.tables),
        }
        return Profile(profile_id=profile_id, version=version, **fields)

    def _scale(self) -> PhraseScale:
        if isinstance(self.phrases, str):
            return SCALES[self.phrases].scale
        return _build_scale(self.phrases)

    def _cap(self) -> str:
        if self.unverified_cap is not None:
            return self.unverified_cap
        if isinstance(self.phrases, str):
            return SCALES[self.phrases].unverified_cap
        raise ValueError("unverified_cap: is required with phrases of your own")


def describe_errors(error: ValidationError) -> str:
    """Returns every fault with its field, on one line."""
    faults = [
        ": ".join(filter(None, (_place(each["loc"]), _sentence(each["msg"]) + _quotes(each))))
        for each in error.errors(include_url=False)
        # For a list of phrases the error "no name of a scale" is irrelevant.
        if not (each["type"] == "literal_error" and isinstance(each["input"], list))
    ]
    return "; ".join(faults)


def _check_names(
    section: str, rule: EntityRule | PeriodRule | ComparisonRule | OutcomeRule | None
) -> None:
    """Requires that each `:name` of the section's queries gets a value."""
    for field, said in asdict(rule).items() if rule else ():
        called = f"{section}.{field}"
        known = [f":{name}" for name in GIVEN.get(called, ())]
        found = placeholders(str(said)) if called in GIVEN and said is not None else ()
        if strange := next((name for name in found if name not in known), None):
            may = f"it may use {', '.join(known)}" if known else "it may use none"
            raise ValueError(f"{called}: `{strange}` gets no value in this query; {may}")


def _build_scale(phrases: Sequence[_Phrase]) -> PhraseScale:
    """Builds the scale. Raises `ValueError` for gaps, disorder or repeated keys."""
    if not phrases:
        raise ValueError("phrases: there must be at least one")
    found = [Phrase(p.key, p.phrase, round(p.starts * CERTAIN)) for p in phrases]
    if found[0].starts != 0:
        raise ValueError("phrases: the first must start at 0")
    for one, two in pairwise(found):
        if two.starts <= one.starts:
            raise ValueError(f"phrases: `{two.key}` must start above `{one.key}`")
    keys = [phrase.key for phrase in found]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"phrases: the key `{twice}` is repeated")
    return PhraseScale(tuple(found))


def _place(location: tuple[int | str, ...]) -> str:
    # For a union pydantic adds the type's name, which is not in the file.
    return ".".join(str(part) for part in location if not _is_kind(part))


def _is_kind(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part == "[key]")


def _quotes(each: ErrorDetails) -> str:
    """Returns advice on a word that YAML reads as another type, such as Yes, 7 or 2026-03-01."""
    if each["type"] != "string_type" or isinstance(each["input"], dict | list | None):
        return ""
    read = "true or false" if isinstance(each["input"], bool) else "a number or a date"
    return f", and YAML reads this as {read}: put it into quotes"


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ")


MAX_BYTES = 256 * 1024
"""The size limit: YAML takes about a second for each 100 KB."""


class Unreadable(Exception):
    """The file is invalid; the message states the fault and its place."""


class _Loader(yaml.SafeLoader):
    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key, _ in node.value:
            value: object = key.value
            if isinstance(value, str) and value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{value!r} is repeated", key.start_mark
                )
            seen.add(value) if isinstance(value, str) else None
        return cast("dict[Hashable, object]", super().construct_mapping(node, deep))


def read_mapping(path: Path) -> tuple[dict[str, object], bytes]:
    """Reads the file's fields and its bytes. Raises `Unreadable`."""
    content = _bytes(path)
    try:
        found = cast("object", yaml.load(content, Loader=_Loader))  # noqa: S506  (builds plain values)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_fault(error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(f"it is no valid YAML: {_one_line(str(error))}.") from error
    if not isinstance(found, dict):
        raise Unreadable("it must be a mapping of fields to values.")
    fields = cast("dict[object, object]", found)
    if strange := [key for key in fields if not isinstance(key, str)]:
        raise Unreadable(f"the field {strange[0]!r} must be a word; put it into quotes.")
    return cast("dict[str, object]", found), content


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024} KB.")
    return content


def _fault(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{_one_line(error.problem or error.context or 'it is no valid YAML')}."


def _one_line(text: str) -> str:
    return " ".join(text.split())


_LONGEST = 20_000


class FilePrompts:
    """The implementation of the port `Prompts`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._cache: tuple[tuple[int, int], dict[str, str]] | None = None

    def prompt(self, prompt_type: str) -> str | None:
        """Returns the instructions of this type; None where the installation has none.

        Raises `PromptFileBroken`.
        """
        try:
            looked = self._file.stat()
            look = (looked.st_mtime_ns, looked.st_size)
            if self._cache is None or self._cache[0] != look:
                self._cache = (look, _read_prompts(self._file))
        except OSError as error:
            raise PromptFileBroken(
                f"{self._file.name}: it cannot be read: {error.strerror}."
            ) from error
        except Unreadable as error:
            raise PromptFileBroken(f"{self._file.name}: {error}") from error
        return self._cache[1].get(prompt_type)


def _read_prompts(file: Path) -> dict[str, str]:
    prompts: dict[str, str] = {}
    for name, text in read_mapping(file)[0].items():
        if not isinstance(text, str) or not text.strip():
            raise Unreadable(f"{name}: it must be a text with the instructions of this type.")
        if len(text) > _LONGEST:
            raise Unreadable(f"{name}: it is longer than {_LONGEST:,} characters.")
        prompts[name] = text.strip()
    return prompts


SHIPPED = Path(__file__).parent / "shipped"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class _CachedProfile:
    """A cached profile with the stamp of its file (time of change in ns, size)."""

    stamp: tuple[int, int]
    profile: Profile


class FolderProfiles:
    """The implementation of the port `Profiles`.

    `own` is a folder whose profiles replace shipped ones of the same name; `unusable` reports when
    it does not exist.
    """

    def __init__(self, *, default: str = "general", own: Path | None = None) -> None:
        self._default = default
        self._own = own
        self._cache: dict[Path, _CachedProfile] = {}

    def profile(self, profile_id: str | None = None) -> Profile:
        """Returns the named profile or the default, from the current file."""
        name = self._default if profile_id is None else profile_id
        path = self._files().get(name)
        if path is None:
            known = ", ".join(self.names())
            gone = (
                " The folder PROFILES_PATH cannot be read." if self._own_folder().no_folder else ""
            )
            raise ProfileUnknown(f"There is no profile {name[:64]!r}; there are {known}.{gone}")
        try:
            stamp = path.stat()
        except OSError as error:
            raise ProfileBroken(f"{path.name} cannot be read: {error.strerror}.") from error
        look = (stamp.st_mtime_ns, stamp.st_size)
        kept = self._cache.get(path)
        if kept is None or kept.stamp != look:
            kept = self._cache[path] = _CachedProfile(look, _read(path, name))
        return kept.profile

    def names(self) -> Sequence[str]:
        """Returns the names of all files, in alphabetical order."""
        return sorted(self._files())

    def unusable(self) -> Mapping[str, str]:
        """Returns YAML files that cannot be profiles, and a missing folder, with the reasons."""
        own = self._own_folder()
        gone = {str(self._own): own.no_folder} if own.no_folder else {}
        return {**gone, **own.unusable}

    def _files(self) -> Mapping[str, Path]:
        """Returns each profile's file by its name; the installation's own wins."""
        return {**_list_folder(SHIPPED).files, **self._own_folder().files}

    def _own_folder(self) -> "_Folder":
        return _Folder({}, {}) if self._own is None else _list_folder(self._own)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The profiles of a folder by name, its unusable files with reasons, and the folder's own fault."""

    files: Mapping[str, Path]
    unusable: Mapping[str, str]
    no_folder: str = ""


def _list_folder(folder: Path) -> _Folder:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        return _Folder({}, {}, f"The folder cannot be read: {error.strerror}.")
    files: dict[str, Path] = {}
    unusable: dict[str, str] = {}
    for path in paths:
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith(".") or path.is_dir():
            continue
        if wrong := _name_fault(path) or _duplicate_fault(path, files):
            unusable[path.name] = wrong
        else:
            files[path.stem] = path
    return _Folder(files, unusable)


def _name_fault(path: Path) -> str:
    if path.suffix not in _SUFFIXES:
        return f"Its name must end in {' or '.join(_SUFFIXES)}, in small letters."
    if not _NAME.fullmatch(path.stem):
        return "A profile's name has small letters, digits, `-` and `_` only, and at most 64."
    return "" if path.is_file() else "It is no file that can be read."


def _duplicate_fault(path: Path, files: Mapping[str, Path]) -> str:
    return f"{files[path.stem].name} has the same name and counts." if path.stem in files else ""


def _read(path: Path, name: str) -> Profile:
    try:
        raw, content = read_mapping(path)
        return ProfileForm.model_validate(raw).profile(name, sha256(content).hexdigest()[:12])
    except Unreadable as error:
        raise ProfileBroken(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise ProfileBroken(f"{path.name}: {describe_errors(error)}.") from error
