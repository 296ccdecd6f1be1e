"""The wording of the offline advice: "Yes:", "Bench X:", or the question to ask instead.

A comparison states the chance that one option comes out ahead of all others. A question for several
options, or for the worst of more than two, needs something else: the reader gets the order of the
options and the question whose answer decides.
"""

from collections.abc import Sequence

from use_cases.advice.options import Comparison, Frame, OptionValue


def opening(best: OptionValue, others: Sequence[OptionValue], frame: Frame) -> str:
    """Return the words before the choice."""
    if frame.proposal is not None and {frame.proposal.start, frame.proposal.bench} == {
        each.option for each in (best, *others)
    }:
        return "Yes: " if frame.proposal.start == best.option else "No: "
    return f"{frame.worse.capitalize()} {others[0].option}: " if frame.worse else ""


def other_question(compared: Comparison) -> str:
    """Return the question to ask instead, where the comparison gives no answer; else empty."""
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
