"""What a judge returns, for each kind of question. The reason comes first, so that it is thought of first."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True, populate_by_name=True)


class CriterionJudgement(_Answer):
    """The judgement of a text by a criterion."""

    reason: str
    """Why, in one or two sentences."""
    evidence: str = ""
    """The words of the judged text that decide it, quoted exactly; empty where something is absent."""
    passed: Annotated[bool, Field(alias="pass")]
    """Whether the text meets the criterion."""
    score: Annotated[float, Field(ge=0, le=1)]
    """How well it meets the criterion, from 0 (not at all) to 1 (wholly)."""


class FactualComparison(_Answer):
    """The comparison of the facts in an answer with those of an expert's answer."""

    reason: str
    """Why, in one or two sentences."""
    category: Literal["A", "B", "C", "D", "E"]
    """A: the answer is a subset of the expert's and consistent with it. B: a superset of the expert's
    and consistent with it. C: it has all the same details. D: the two disagree. E: they differ, but the
    differences do not matter for the facts."""


class EvaluationSteps(_Answer):
    """The steps by which a text is rated."""

    steps: Annotated[list[str], Field(min_length=1, max_length=10)]
    """3 or 4 short steps that tell a rater how to apply the criterion."""


class Rating(_Answer):
    """The rating of a text."""

    reason: str
    """Why, in one or two sentences that refer to the steps."""
    score: Annotated[int, Field(ge=0, le=10)]
    """From 0 (does not meet the criterion) to 10 (meets it wholly)."""


class Questions(_Answer):
    """Questions that a text answers."""

    questions: Annotated[list[str], Field(min_length=3, max_length=3)]
    """Three questions, each one that the text as a whole answers."""


class Claim(_Answer):
    """A statement, and whether the context supports it."""

    statement: str
    """The statement, understandable by itself."""
    supported: bool
    """Whether it can be inferred from the context alone."""


class Claims(_Answer):
    """The statements of a text."""

    claims: list[Claim]
    """Every statement of fact in the text, none twice; empty where it states no fact."""


class RelevantPieces(_Answer):
    """The pieces of a context that help to answer a question."""

    numbers: list[int]
    """The numbers of the pieces that are needed to answer the question; empty where none is."""


class BestChoice(_Answer):
    """The best of several texts."""

    reason: str
    """Why, in one or two sentences."""
    best: int
    """The number of the text that meets the criterion best."""


class Preference(_Answer):
    """The better of two texts."""

    reason: str
    """Why, in one or two sentences."""
    better: Literal["first", "second", "tie"]
    """The text that meets the criterion better; tie where neither does."""
