"""The errors of the advice capability."""

from use_cases.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable


class CasesInvalid(InvalidInput):
    """A file of forecasts cannot be read, lacks a column, or has a wrong row."""

    code = "cases_invalid"
    title = "The file of cases cannot be used"
    default_hint = "Give a CSV file in UTF-8 with a header; `candor confidence report --help` names the columns."


class SearchOverrideConflict(InvalidInput):
    """The request says both `/search` and `/nosrch`."""

    code = "search_override_conflict"
    title = "Two search overrides"
    default_hint = "Say /search or /nosrch once, in the field or as the first or last word."


class SearchOverrideAlone(InvalidInput):
    """The message is a search override and nothing else."""

    code = "search_override_alone"
    title = "A search override without a question"
    default_hint = "Write the question beside /search or /nosrch."


class ConversationInvalid(InvalidInput):
    """The conversation has no message of the user, does not end with one, or is too long."""

    code = "conversation_invalid"
    title = "The conversation cannot be used"
    default_hint = "Send at least one user message, and the user's newest one last."


class PromptTypeUnknown(InvalidInput):
    """Neither the profile nor the prompt file has a prompt of this type."""

    code = "prompt_type_unknown"
    title = "Unknown prompt type"
    default_hint = "Use `default`, or one of those the profile or the prompt file names."


class ProfileUnknown(InvalidInput):
    """There is no profile of this name."""

    code = "profile_unknown"
    title = "Unknown profile"
    default_hint = "`candor profiles` lists them; where none is named, ADVICE_PROFILE counts."


class ProfileBroken(Unavailable):
    """A profile's file cannot be used, or one of its queries fails; `detail` says where."""

    code = "profile_broken"
    title = "The profile cannot be used"
    default_hint = "Correct the file; `candor profiles NAME --check` tests each part of it."


class PromptFileBroken(Unavailable):
    """The file of PROMPT_FILE cannot be used; `detail` says where it is wrong."""

    code = "prompt_file_broken"
    title = "The prompt file cannot be used"
    default_hint = "Correct the file: YAML with one text for each prompt type."


class ResponseNotFound(NotFound):
    """There is no recorded advice of this id."""

    code = "response_not_found"
    title = "Advice not found"
    default_hint = "`candor confidence recent` lists the recorded advice with its ids."


class OutcomeTooEarly(Conflict):
    """The event is not over, so it is not known whether the advice was right."""

    code = "outcome_too_early"
    title = "The event is not over"
    default_hint = "Send the outcome when the event is over."


class NothingToScore(Conflict):
    """The response chose nothing, so it can be neither right nor wrong."""

    code = "nothing_to_score"
    title = "Nothing was advised"
    default_hint = "Record only whether it was helpful."


class FeedbackInvalid(InvalidInput):
    """The feedback is empty, or its fields are of the wrong kind."""

    code = "feedback_invalid"
    title = "Not a feedback"
    default_hint = "Give the outcome (right, wrong or void), whether it was helpful, or notes."


class FeedbackKeyReused(Conflict):
    """This feedback key was used for another feedback."""

    code = "feedback_key_reused"
    title = "The feedback key is taken"
    default_hint = "Use a new key for a new feedback."


class CalibrationNotFound(NotFound):
    """There is no calibration version of this id."""

    code = "calibration_not_found"
    title = "Calibration version not found"
    default_hint = "`candor confidence status` lists the versions."


class TuningConflict(Conflict):
    """Another tuning or rollback came first."""

    code = "tuning_conflict"
    title = "The calibration was changed meanwhile"
    default_hint = "Look at what is in force now, and tune again if it is still needed."


class NothingToRollBack(Conflict):
    """No calibration is in force, or the one named is in force already."""

    code = "nothing_to_roll_back"
    title = "Nothing to roll back"
    default_hint = "`candor confidence status` shows the versions."
