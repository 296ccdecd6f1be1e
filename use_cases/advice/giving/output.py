"""The model's part of the advice. Fields that the server knows better (names, ids, sources, phrases) are not
here, so that a model cannot state it.

The docstrings of the fields reach the model. A confidence is strictly a number: `true`, `"0.8"`,
NaN and 1.7 are refused, and the model is asked again.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

OUTPUT_TOOL = "give_advice"
"""The tool by which the model gives its advice."""

_Said = Annotated[str, StringConstraints(pattern=r"\S")]
_Form = ConfigDict(use_attribute_docstrings=True, extra="ignore")


class AlternativeOutput(BaseModel):
    """An option that was not chosen."""

    model_config = _Form

    option: _Said
    """The option, by its name."""
    reason: str
    """Why it was not chosen, or when it would be the better one."""


class AdviceOutput(BaseModel):
    """Give the advice, once everything was looked up."""

    model_config = _Form

    choice: str | None = None
    """The advised option, named as the tables name it; null when the advice chooses none."""
    main_advice: _Said
    """The advice in one or two sentences."""
    reasoning: str
    """Why: what speaks for the choice and against it, with citations [n]."""
    confidence_score: float | None = Field(strict=True, ge=0, le=1, allow_inf_nan=False)
    """The probability that the choice turns out to be right, from 0 to 1; null when there is nothing to choose by."""
    alternatives: list[AlternativeOutput] = Field(default_factory=list[AlternativeOutput])
    """The options that were not chosen, the next best first."""
