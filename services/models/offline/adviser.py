"""The offline adviser as a pydantic-ai model: it runs the same agent and tools as any other model.

A comparison states the chance that one option comes out ahead of all others. A question for several
options, or for the worst of more than two, needs something else: the reader gets the order of the
options and the question whose answer decides.

It compares the options that the question names and states the chance from a curve fitted to decided
pairs, with the figures behind it. Where the loaded tables allow no choice, it names what is missing
and states no confidence. It reads the typed results beside the tools' text, which no wire carries.
Nothing leaves the machine.
"""

from collections.abc import Mapping, Sequence

from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from services.models.offline.conversation_state import asks_to_break_rules
from services.models.offline.steps import Messages, Step, call, read_messages, stepping
from use_cases.advice.model import COMPARE_TOOL, Comparison, Frame, NoComparison, OptionValue
from use_cases.advice.profile import CERTAIN
from use_cases.kernel.citations.sources import SEARCH_TOOL
from use_cases.kernel.runs.history import unanchored


def opening(best: OptionValue, others: Sequence[OptionValue], frame: Frame) -> str:
    """Returns the words before the choice."""
    if frame.proposal is not None and {frame.proposal.start, frame.proposal.bench} == {
        each.option for each in (best, *others)
    }:
        return "Yes: " if frame.proposal.start == best.option else "No: "
    return f"{frame.worse.capitalize()} {others[0].option}: " if frame.worse else ""


def other_question(compared: Comparison) -> str:
    """Returns the question to ask instead, where the comparison gives no answer; else empty."""
    frame = compared.frame
    known = [option.option for option in compared.options if option.value is not None]
    if frame.places == 1 and (not frame.worse or len(known) == 2):
        return ""
    if frame.unclear:
        return "It is not clear who all of the options are; name each of them in full."
    # Leaving out some means keeping the others.
    places = len(known) - frame.places if frame.worse else frame.places
    wanted = f"{frame.places} of {len(known)}" + (f" to {frame.worse}" if frame.worse else "")
    if not 0 < places < len(known):
        return f"The question asks for {wanted}, so there is nothing to choose."
    when = f" in {compared.when}" if compared.when else ""
    return (
        f"The question asks for {wanted}, and a chance can be given only for one option "
        f"against others. In this order {', '.join(known)} have the most {compared.label}. "
        f"Ask “{known[places - 1]} or {known[places]}{when}?” for the choice that decides."
    )


NEAR_EVEN = 5_500
"""The chance (basis points) below which the advice calls the choice close."""

REFUSAL = "[refused] I'm sorry, but I can't do that: I only give advice on decisions."
NO_CHOICE = "[not_found] Nothing that is loaded lets me choose here."

ONE_MESSAGE = "Without a model only the last message is read: ask again, all in one message."

_LEFT_OUT = "What the tables do not hold, such as news of today, is not in these figures."
_MOST_PASSAGES = 3


def offline_adviser() -> FunctionModel:
    """Returns the model behind the name `offline:adviser`."""
    return stepping("adviser", _next)


def advise(compared: Comparison) -> Mapping[str, object]:
    """Returns the advice that follows from a comparison, as the fields of the model's output."""
    best = compared.best
    if best is None:
        return _no_choice(f"{_values(compared)}. {compared.statements[0]}.")
    if unframed := other_question(compared):
        return _no_choice(f"{_values(compared)}. {unframed}")
    marker = "" if compared.number is None else f" [{compared.number}]"
    others = [option for option in compared.options if option.option != best.option]
    rather = " or ".join(other.option for other in others)
    when = f" in {compared.when}" if compared.when else ""
    absent = "".join(
        f" {option.option}: {option.availability}{marker}."
        for option in compared.options
        if option.availability
    )
    close = " It is close to even odds." if (best.chance or 0) < NEAR_EVEN else ""
    said = [f"{each}{marker}." for each in (_values(compared), *compared.statements)]
    choice = f"{opening(best, others, compared.frame)}{best.option} rather than {rather}{when}"
    return {
        "choice": best.option,
        "main_advice": f"{choice}{marker}.{absent}{close}",
        "reasoning": " ".join([*said, _LEFT_OUT]),
        "confidence_score": (best.chance or 0) / CERTAIN,
        "alternatives": [
            {"option": other.option, "reason": _reason(other, compared, marker)} for other in others
        ],
    }


async def _next(messages: Sequence[ModelMessage], info: AgentInfo) -> Step:
    """Returns the next tool call; a text only for an agent without output tools."""
    known = read_messages(messages)
    question, used = unanchored(known.newest), {part.tool_name for _, part in known.results}
    tools = {tool.name for tool in info.function_tools}
    compared = [r.metadata for _, r in known.results if isinstance(r.metadata, Comparison)]
    if asks_to_break_rules(question):
        advice = _no_choice("", REFUSAL)
    elif COMPARE_TOOL in tools and COMPARE_TOOL not in used:
        return call(COMPARE_TOOL, {})
    elif COMPARE_TOOL not in tools and SEARCH_TOOL in tools - used:
        return call(SEARCH_TOOL, {"query": question})
    else:
        advice = advise(compared[-1]) if compared else _no_choice(_missing(known))
    if not info.output_tools:
        return f"{advice['main_advice']} {advice['reasoning']}"
    return call(info.output_tools[0].name, advice)


def _values(compared: Comparison) -> str:
    each = ", ".join(
        f"{option.option} {'unknown' if option.value is None else _figure(option.value)}"
        for option in compared.options
    )
    label = compared.label[:1].upper() + compared.label[1:]
    return f"{label}: {each}"


def _reason(option: OptionValue, compared: Comparison, marker: str) -> str:
    if option.value is None:
        return f"No {compared.label} are known."
    return f"{_figure(option.value)} {compared.label}, {option.in_100} to come out ahead{marker}."


def _missing(known: Messages) -> str:
    for _, result in known.results:
        if isinstance(refused := result.metadata, NoComparison):
            return f"{refused.reason} {ONE_MESSAGE}" if len(known.asked) > 1 else refused.reason
    passages = [entry.passage for entry in known.found(SEARCH_TOOL) or ()]
    if not passages:
        return "No table with figures to compare is loaded, and no document was found on this."
    places = (f"“{p.document.title}”" + (f" ({p.section})" if p.section else "") for p in passages)
    listed = "; ".join(list(dict.fromkeys(places))[:_MOST_PASSAGES])
    return (
        "No table with figures to compare is loaded for this, and I cannot weigh texts. "
        f"These passages may help you: {listed}."
    )


def _no_choice(reasoning: str, main_advice: str = NO_CHOICE) -> Mapping[str, object]:
    return {"main_advice": main_advice, "reasoning": reasoning, "confidence_score": None}


def _figure(value: float) -> str:
    return f"{round(value, 2):g}"
