"""Evaluations as files write them: Candor's own form, promptfoo's configuration, and pydantic-evals'.

A file with `cases` is a pydantic-evals dataset, one with `providers` or `targets`, or named
`promptfooconfig`, is promptfoo's, any other is Candor's (docs/explanation/evaluation.md has its
fields). A table or a list holds cases alone, and the plan has no variants. In promptfoo's, a variable with a list of values makes a case of each.

Promises: only files below the file's own folder are read. What another tool's file says and Candor
does not do is in `Plan.not_understood`; in Candor's own form it is an error, because it would be a
typing mistake. Raises `Misfit`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from os.path import normpath
from pathlib import Path

from pydantic import JsonValue

from services.datasets.assertion_forms import assertions_of, assertions_of_evaluators
from services.datasets.case_forms import DATASETS, Entry, case_of, entries, keyed, unrun_after
from services.datasets.file_values import (
    FILE,
    Misfit,
    PlanFolder,
    Record,
    fields,
    items,
    mapping,
    note_others,
    number,
    text,
)
from services.datasets.prompt_forms import (
    Provider,
    WrittenPrompt,
    model_of,
    prompts_of,
    providers_of,
    with_settings,
)
from use_cases.playground.model import Assertion, Case, Plan, TargetKind, Variant
from use_cases.playground.ports import ItemError, PlanFile

_SHARED = ("description", "prompts", "tests", "defaultTest", "assertionTemplates", "$schema")
_OWN = (
    *("name", "target", "models", "variants", "dataset", "assert", "threshold", "repeats"),
    *("judge", "baseline", "documents", "fail_under", *_SHARED),
)
_PROMPTFOO = (
    *("providers", "targets", "scenarios", "evaluateOptions", "commandLineOptions", *_SHARED),
)
_EVALS = ("name", "cases", "evaluators", "$schema", "description")
_DEFAULTS = ("vars", "assert", "threshold", "metadata", "options")
_OPTIONS = ("provider", "disableVarExpansion")
_VARIANT = ("name", "target", "prompt", "model", "settings")
CASE_FILES = (".csv", ".tsv", ".jsonl", ".ndjson")
"""Files that hold cases and nothing else."""
_ELSEWHERE = ("http://", "https://", "huggingface://", "az://", "s3://")
_MOST_REPEATS = 1_000


def plan_of(document: JsonValue, path: Path) -> PlanFile:
    """Reads an evaluation from what its file holds."""
    if isinstance(document, list):
        return plan_of_cases(path)
    record = mapping(document, "the file")
    if not record:
        raise Misfit("the file is empty")
    if "cases" in record:
        return _evals_plan(record, path)
    promptfoo = path.stem == "promptfooconfig" or bool({"providers", "targets"} & record.keys())
    return _PlanReader(record, path, promptfoo).read()


def plan_of_cases(path: Path) -> PlanFile:
    """Returns the plan of a file of cases, which names no variant."""
    plan = Plan(name=path.stem, variants=())
    return PlanFile(plan, _Again(lambda: keyed(_Files([path], expand=False))))


def _evals_plan(record: Record, path: Path) -> PlanFile:
    notes: list[str] = []
    note_others(record, _EVALS, "", notes.append)
    found: list[Entry] = []
    for at, one in enumerate(items(record["cases"], "cases")):
        where = f"cases[{at}]"
        if "inputs" not in (fields := mapping(one, where)):
            ours = "; a list of items with `vars` is called `tests`" if "vars" in fields else ""
            raise Misfit(f"{where} has no inputs{ours}")
        case = case_of(one, where, notes.append)
        # What all cases have in common is read for each, because of its expected output.
        shared = assertions_of_evaluators(
            record.get("evaluators"), "evaluators", notes.append, case.expected
        )
        found.append((0, replace(case, assertions=(*case.assertions, *shared))))
    plan = Plan(
        name=str(record.get("name") or path.stem),
        variants=(),
        description=str(record.get("description") or ""),
        not_understood=tuple(dict.fromkeys(notes)),
    )
    return PlanFile(plan, _Again(lambda: keyed(found)))


@dataclass(frozen=True, slots=True)
class _Again:
    """Cases that are read anew each time they are iterated over."""

    read: Callable[[], Iterator[Case | ItemError]]

    def __iter__(self) -> Iterator[Case | ItemError]:
        return self.read()


class _PlanReader:
    def __init__(self, record: Record, path: Path, promptfoo: bool) -> None:
        self._record = record
        self._path = path
        self._promptfoo = promptfoo
        self._folder = PlanFolder(path.parent)
        self._notes: list[str] = []
        self._templates = mapping(record.get("assertionTemplates"), "assertionTemplates")

    def read(self) -> PlanFile:
        record = self._record
        note_others(record, _PROMPTFOO if self._promptfoo else _OWN, "", self._notes.append)
        written = self._loaded(record.get("defaultTest"), "defaultTest")
        default = self._fields(written, _DEFAULTS, "defaultTest")
        options = self._fields(default.get("options"), _OPTIONS, "defaultTest.options")
        assertions = unrun_after(
            options,
            (
                *self._assertions(record.get("assert"), "assert"),
                *self._assertions(default.get("assert"), "defaultTest.assert"),
            ),
        )
        expand = self._promptfoo and options.get("disableVarExpansion") is not True
        shared = Case(
            key="",
            variables=self._values(default.get("vars"), "defaultTest.vars"),
            metadata=mapping(default.get("metadata"), "defaultTest.metadata"),
        )
        sources = self._sources(expand=expand)
        variants = self._variants() if self._promptfoo else self._own_variants()
        plan = Plan(
            name=str(record.get("name") or record.get("description") or self._path.stem),
            variants=variants,
            assertions=assertions,
            threshold=self._threshold(record, default),
            repeats=self._repeats(),
            baseline=self._baseline(variants),
            judge=self._judge(options),
            description=str(record.get("description") or ""),
            not_understood=tuple(dict.fromkeys(self._notes)),
            fail_under=self._fail_under(),
        )
        if self._notes and not self._promptfoo:
            raise Misfit("; ".join(plan.not_understood))
        cases = _Again(lambda: keyed(_finished(sources, shared)))
        documents = text(record["documents"], "documents") if record.get("documents") else None
        return PlanFile(plan, cases, documents and normpath(self._path.parent / documents))

    def _threshold(self, record: Record, default: Record) -> float | None:
        own = number(record.get("threshold"), "threshold")
        return number(default.get("threshold"), "defaultTest.threshold") if own is None else own

    def _repeats(self) -> int:
        found: JsonValue = self._record.get("repeats")
        if self._promptfoo:
            for name in ("evaluateOptions", "commandLineOptions"):
                options = self._fields(self._record.get(name), ("repeat",), name)
                found = options.get("repeat", found)
        repeats = number(found, "repeats")
        if repeats is not None and not (repeats.is_integer() and 1 <= repeats <= _MOST_REPEATS):
            raise Misfit(f"repeats must be a whole number from 1 to {_MOST_REPEATS}")
        return int(repeats or 1)

    def _fail_under(self) -> float | None:
        if self._promptfoo:
            return 1.0  # as promptfoo does
        share = number(self._record.get("fail_under"), "fail_under")
        if share is not None and not 0 <= share <= 1:
            raise Misfit("fail_under must be a share from 0 to 1")
        return share

    def _judge(self, options: Record) -> str | None:
        given = options.get("provider") if self._promptfoo else self._record.get("judge")
        if isinstance(given, dict):
            given = given.get("id")
        if not given:
            return None
        judge = text(given, "judge")
        return (model_of(judge) or judge) if self._promptfoo else judge

    def _baseline(self, variants: Sequence[Variant]) -> str | None:
        baseline = self._record.get("baseline")
        names = [variant.name for variant in variants]
        if baseline is not None and baseline not in names:
            raise Misfit(f"baseline must be one of: {', '.join(names)}")
        return None if baseline is None else str(baseline)

    def _assertions(self, value: JsonValue, place: str) -> list[Assertion]:
        return assertions_of(value, place, self._notes.append, self._folder.value, self._templates)

    def _fields(self, value: JsonValue, known: Collection[str], place: str) -> Record:
        return fields(value, known, place, self._notes.append)

    def _loaded(self, value: JsonValue, place: str) -> JsonValue:
        if isinstance(value, str) and value.startswith(FILE):
            return self._folder.value(value, place)
        return value

    def _values(self, value: JsonValue, place: str) -> Record:
        """Returns variables, with the content of files in place of references to them."""
        values = mapping(self._loaded(value, place), place)
        return {name: self._loaded(each, f"{place}.{name}") for name, each in values.items()}

    # Cases.

    def _sources(self, *, expand: bool) -> list[Iterable[Entry]]:
        tests = self._record.get("tests")
        sources = [
            self._source(one, f"tests[{at}]", expand=expand)
            for at, one in enumerate(tests if isinstance(tests, list) else [tests] if tests else [])
        ]
        if dataset := self._record.get("dataset"):
            sources.append(self._source(text(dataset, "dataset"), "dataset", expand=False))
        if self._promptfoo:
            sources += [
                [(0, each) for each in self._scenario(one, f"scenarios[{at}]", expand=expand)]
                for at, one in enumerate(items(self._record.get("scenarios"), "scenarios"))
            ]
        if not sources and self._promptfoo:
            return [[(0, Case(key=""))]]  # as promptfoo does: each prompt once, without values
        if not sources:
            raise Misfit("the file has neither tests nor a dataset")
        return sources

    def _source(self, one: JsonValue, place: str, *, expand: bool) -> Iterable[Entry]:
        if isinstance(one, dict) and "path" in one:
            note_others(one, ("path",), place, self._notes.append)
            one = text(one["path"], f"{place}.path")
        if not isinstance(one, str):
            return [(0, each) for each in self._inline(one, place, expand=expand)]
        if one.startswith(_ELSEWHERE):
            self._notes.append(f"{place}: {one[:80]!r} is not fetched; save it as a file")
            return []
        paths = self._folder.paths(one, place)
        for path in paths:
            if path.suffix.lower() not in DATASETS:
                raise Misfit(f"{place}: {path.name} is no CSV, TSV, JSONL, JSON or YAML")
        return _Files(paths, expand)

    def _inline(self, one: JsonValue, place: str, *, expand: bool) -> Iterator[Case]:
        record = dict(mapping(one, place))
        options = dict(mapping(record.get("options"), f"{place}.options"))
        expand = expand and options.pop("disableVarExpansion", False) is not True
        record["options"] = options
        if "vars" in record:
            record["vars"] = self._values(record["vars"], f"{place}.vars")
        elif self._promptfoo:
            record["vars"] = {}
        if not options:
            del record["options"]
        case = case_of(record, place, self._notes.append, self._folder.value, self._templates)
        yield from _expanded(case) if expand else [case]

    def _scenario(self, one: JsonValue, place: str, *, expand: bool) -> Iterator[Case]:
        scenario = self._fields(one, ("config", "tests", "description"), place)
        for at, config in enumerate(items(scenario.get("config"), f"{place}.config")):
            for base in self._inline(config, f"{place}.config[{at}]", expand=expand):
                for number_, test in enumerate(items(scenario.get("tests"), f"{place}.tests")):
                    for case in self._inline(test, f"{place}.tests[{number_}]", expand=expand):
                        yield _merged(base, case)

    # Variants.

    def _prompts(self, value: JsonValue, place: str) -> list[WrittenPrompt]:
        return prompts_of(value, place, self._folder, self._notes.append, nunjucks=self._promptfoo)

    def _variants(self) -> list[Variant]:
        prompts = self._prompts(self._record.get("prompts"), "prompts")
        name = "targets" if "targets" in self._record else "providers"
        providers = providers_of(self._record.get(name), name, self._folder, self._notes.append)
        if not prompts or not providers:
            said = f" ({'; '.join(self._notes)})" if self._notes else ""
            raise Misfit(
                f"there is no {'provider' if prompts else 'prompt'} that can be used{said}"
            )
        return _matrix(prompts, providers, TargetKind.PROMPT)

    def _own_variants(self) -> list[Variant]:
        target = self._target(self._record.get("target") or "prompt", "target")
        prompts = self._prompts(self._record.get("prompts"), "prompts")
        models = self._models(self._record.get("models"))
        written = items(self._record.get("variants"), "variants")
        if not written:
            if not prompts and target is TargetKind.PROMPT:
                raise Misfit("there is no prompt; name one, or a target: chat or advice")
            return _matrix(prompts, models, target)
        variants = [
            self._variant(one, f"variants[{at}]", target, prompts) for at, one in enumerate(written)
        ]
        if len({variant.name for variant in variants}) < len(variants):
            raise Misfit("variants: each needs a name of its own")
        return variants

    def _variant(
        self, one: JsonValue, place: str, target: TargetKind, prompts: Sequence[WrittenPrompt]
    ) -> Variant:
        record = self._fields(one, _VARIANT, place)
        own = self._target(record.get("target") or target, f"{place}.target")
        given = record.get("prompt")
        named = next((each for each in prompts if each.name == given), None)
        if named is None and given is not None:
            named = self._prompts(given, f"{place}.prompt")[0]
        model = text(record["model"], f"{place}.model") if record.get("model") else None
        settings = mapping(record.get("settings"), f"{place}.settings")
        name = text(record.get("name"), f"{place}.name")
        return _built(name, named, own, Provider(model or "", name, settings))

    def _models(self, value: JsonValue) -> list[Provider]:
        found: list[Provider] = []
        for at, one in enumerate(items(value, "models")):
            place = f"models[{at}]"
            given: JsonValue = {"name": one} if isinstance(one, str) else one
            record = self._fields(given, ("name", "settings"), place)
            name = text(record.get("name"), f"{place}.name")
            settings = mapping(record.get("settings"), f"{place}.settings")
            found.append(Provider(name, name, settings))
        return found or [Provider("", "default")]

    def _target(self, value: JsonValue, place: str) -> TargetKind:
        if value not in tuple(TargetKind):
            raise Misfit(f"{place} must be one of: {', '.join(TargetKind)}")
        return TargetKind(str(value))


@dataclass(frozen=True, slots=True)
class _Files:
    """The cases of files, read as a stream each time."""

    paths: Sequence[Path]
    expand: bool

    def __iter__(self) -> Iterator[Entry]:
        for path in self.paths:
            with path.open("rb") as file:
                for line, case in entries(path.name, file):
                    if isinstance(case, ItemError):
                        yield line, ItemError(line, f"{path.name}: {case.message}")
                    else:
                        yield from (
                            (line, each) for each in (_expanded(case) if self.expand else [case])
                        )


def _finished(sources: Iterable[Iterable[Entry]], shared: Case) -> Iterator[Entry]:
    for line, case in chain.from_iterable(sources):
        yield line, case if isinstance(case, ItemError) else _merged(shared, case)


def _merged(base: Case, case: Case) -> Case:
    """Returns the case with what `base` says where it says nothing itself."""
    return replace(
        case,
        key=case.key or base.key,
        variables={**base.variables, **case.variables},
        assertions=(*base.assertions, *case.assertions),
        threshold=base.threshold if case.threshold is None else case.threshold,
        description=case.description or base.description,
        metadata={**base.metadata, **case.metadata},
    )


def _expanded(case: Case) -> Iterator[Case]:
    """Yields a case for each combination of the values in lists."""
    lists = {name: value for name, value in case.variables.items() if isinstance(value, list)}
    if not lists:
        yield case
        return
    for at, chosen in enumerate(product(*lists.values()), 1):
        variables = {**case.variables, **dict(zip(lists, chosen, strict=True))}
        yield replace(case, key=case.key and f"{case.key}-{at}", variables=variables)


def _matrix(
    prompts: Sequence[WrittenPrompt], providers: Sequence[Provider], target: TargetKind
) -> list[Variant]:
    """Returns a variant of each prompt with each model; its name leaves out what all have in common."""
    found: list[Variant] = []
    labels = _unique([provider.label for provider in providers])
    titles = _unique([prompt.name for prompt in prompts]) or [""]
    for prompt, title in zip(prompts or [None], titles, strict=True):
        for provider, label in zip(providers, labels, strict=True):
            if prompt and provider.prompts and prompt.name not in provider.prompts:
                continue
            names = [title] if len(prompts) > 1 else []
            names += [label] if len(providers) > 1 or not names else []
            found.append(_built(" · ".join(names), prompt, target, provider))
    return found


def _unique(names: Sequence[str]) -> list[str]:
    """Returns the names, with a number behind each that was there before."""
    return [
        f"{name} ({names[: at + 1].count(name)})" if name in names[:at] else name
        for at, name in enumerate(names)
    ]


def _built(
    name: str, prompt: WrittenPrompt | None, target: TargetKind, provider: Provider
) -> Variant:
    content = prompt.content if prompt else None
    if content and provider.settings:
        content = with_settings(content, provider.settings)
    elif provider.settings:
        raise Misfit(f"the variant {name!r}: settings need a prompt in the same file")
    return Variant(
        name=name,
        target=target,
        prompt=content,
        prompt_version=content.digest if content else "",
        model=provider.model or None,
        prompt_ref=prompt.reference if prompt else None,
    )
