"""The judge: a model that answers one question about fenced material in a form that is checked.

Promises: it has no tools; an answer of another form is asked for twice again, then an error; what all
of its calls took adds up in `usage`, also of those that failed. Offline models do not judge: what they
could compare are words, and that is no judgement.
"""

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TypeVar

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.usage import RunUsage

from use_cases.kernel.ports import Entropy, Models, ResolvedModel
from use_cases.kernel.runs.completion import run_agent
from use_cases.kernel.runs.model_calls import resolved_model
from use_cases.kernel.text.fenced_text import Material, fenced
from use_cases.playground.errors import JudgeMissing
from use_cases.playground.judging.material import RULE

Answer = TypeVar("Answer", bound=BaseModel)

_OFFLINE = "offline:"
_RETRIES = 2


@dataclass(slots=True, kw_only=True)
class Judge:
    """A model that judges for one assertion, and what that has taken so far.

    `asked` is its last question without the material: the rule, the task and the form of the answer.
    """

    resolved: ResolvedModel
    entropy: Entropy
    seconds: float
    named: bool
    usage: RunUsage
    asked: str = ""

    @property
    def version(self) -> str:
        """A digest of what it was last asked to do, which another wording changes; empty before."""
        return self.asked and sha256(self.asked.encode()).hexdigest()[:12]

    async def ask(self, form: type[Answer], task: str, *materials: Material) -> Answer:
        """Return the model's answer. Raises the `CandorError` of a model that fails or misbehaves."""
        self.asked = "\0".join((RULE, task, _described(form)))
        return await run_agent(
            _agent(form),
            fenced(task, materials, self.entropy),
            self.resolved,
            usage=self.usage,
            seconds=self.seconds,
            named=self.named,
        )


def appointed(
    models: Models, name: str | None, *, entropy: Entropy, seconds: float, usage: RunUsage
) -> Judge:
    """Return a judge of this model, or of the default one; the first of a chain, so that one judges all.

    Whether requests may name it was decided when the run was made.

    Raises `JudgeMissing` for an offline model, and the errors of `resolved_model`.
    """
    resolved = resolved_model(models, name, trusted=True)
    resolved = resolved.candidates[0] if resolved.candidates else resolved
    if resolved.name.startswith(_OFFLINE):
        raise JudgeMissing(
            f"{resolved.name} cannot judge: a judge needs a model: set a key or `judge:`."
        )
    return Judge(
        resolved=resolved, entropy=entropy, seconds=seconds, named=name is not None, usage=usage
    )


@cache
def _described(form: type[Answer]) -> str:
    return json.dumps(form.model_json_schema(), sort_keys=True)


@cache
def _agent(form: type[Answer]) -> Agent[None, Answer]:
    return Agent(
        output_type=form,
        deps_type=type(None),
        name="judge",
        instructions=RULE,
        retries={"output": _RETRIES},
    )
