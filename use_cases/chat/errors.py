"""What can go wrong with questions and recorded answers: the errors of the chat capability."""

from use_cases.kernel.errors import InvalidInput, NotFound


class QuestionEmpty(InvalidInput):
    """There is no question to answer."""

    code = "question_empty"
    title = "No question"
    default_hint = "Write a question."


class QuestionTooLong(InvalidInput):
    """The question is over the stated length."""

    code = "question_too_long"
    title = "The question is too long"
    default_hint = "Shorten it; long material belongs into a document."


class AnswerNotFound(NotFound):
    """No recorded answer has this id."""

    code = "answer_not_found"
    title = "Answer not found"
    default_hint = "`candor answers` lists what was recorded."
