"""The errors of the playground."""

from use_cases.kernel.errors import InvalidInput


class TemplateInvalid(InvalidInput):
    """A template has a syntax error, or takes too long."""

    code = "template_invalid"
    title = "The template is wrong"
    default_hint = "Correct the placeholders; `{{name}}` names a variable."


class VariablesInvalid(InvalidInput):
    """Variables are missing, unused, or of another type than the prompt declares."""

    code = "variables_invalid"
    title = "The variables do not fit the prompt"
    default_hint = "Give each variable of the prompt a value, and no other."


class DatasetUnreadable(InvalidInput):
    """A file of cases cannot be read."""

    code = "dataset_unreadable"
    title = "The dataset cannot be read"
    default_hint = "Use CSV, TSV, JSONL, JSON or YAML, in UTF-8."


class PlanInvalid(InvalidInput):
    """A description of an evaluation cannot be used."""

    code = "evaluation_invalid"
    title = "The evaluation is wrong"
    default_hint = "Correct the place that is named; samples/evals holds examples."
