"""All contestants by name: those that need no model, and every model that Candor can reach."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from use_cases.benchmark.contestants.catalog import RULE_CONTESTANTS
from use_cases.benchmark.contestants.model_contestant import (
    ROWS_SUFFIX,
    CleaningMode,
    ModelContestant,
)
from use_cases.benchmark.contestants.part_calls import CallPolicy
from use_cases.benchmark.contestants.rule_contestant import RuleContestant
from use_cases.benchmark.ports import Contestant
from use_cases.kernel.ports import Clock, Entropy, Models, OutputCache
from use_cases.kernel.prompts.registry import ActivePrompts
from use_cases.kernel.runs.attempts import Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestantRegistry:
    """The contestants."""

    models: Models
    prompt_registry: ActivePrompts
    output_cache: OutputCache
    entropy: Entropy
    clock: Clock
    call_policy: CallPolicy
    pause: Pause = asyncio.sleep

    @property
    def rules(self) -> Mapping[str, RuleContestant]:
        """Those that need no model, by name."""
        return RULE_CONTESTANTS

    def contestant(self, name: str) -> Contestant:
        """Return the contestant of this name: a model's where it is none of `rules`."""
        return self.rules.get(name) or self.by_model(name)

    def by_model(self, name: str) -> ModelContestant:
        """Return a model as a contestant; it returns rows where `@rows` ends the name."""
        as_rows = name.endswith(ROWS_SUFFIX)
        return ModelContestant(
            model=name.removesuffix(ROWS_SUFFIX),
            mode=CleaningMode.ROWS if as_rows else CleaningMode.EDITS,
            models=self.models,
            prompt_registry=self.prompt_registry,
            output_cache=self.output_cache,
            entropy=self.entropy,
            clock=self.clock,
            policy=self.call_policy,
            pause=self.pause,
        )
