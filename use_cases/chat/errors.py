"""The errors of the chat capability: about questions and recorded answers."""

from use_cases.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable


class QuestionEmpty(InvalidInput):
    """There is no question to answer."""

    code = "question_empty"
    title = "No question"
    default_hint = "Write a question."


class QuestionTooLong(InvalidInput):
    """The question is over the stated length."""

    code = "question_too_long"
    title = "The question is too long"
    default_hint = "Shorten the question, or ingest long material as a document."


class AnswerNotFound(NotFound):
    """No recorded answer has this id."""

    code = "answer_not_found"
    title = "Answer not found"
    default_hint = "`candor answers` lists the recorded answers."


class CorrectionUnknown(InvalidInput):
    """A correction names a document that the knowledge base does not have."""

    code = "correction_unknown"
    title = "No such document"
    default_hint = "`candor documents` lists the documents; ingest the one that is missing first."


class ChatNotFound(NotFound):
    """The caller has no chat with this id."""

    code = "chat_not_found"
    title = "Chat not found"
    default_hint = "Choose one of your chats, or start a new one, without a chat id."


class MessageNotFound(NotFound):
    """The chat has no such message, or nothing that could be asked again."""

    code = "message_not_found"
    title = "Message not found"
    default_hint = "Read the chat's messages for their ids."


class ChatBusy(Conflict):
    """An answer is being written in this chat."""

    code = "chat_busy"
    title = "The chat is busy"
    default_hint = "Wait for the running answer to end, or cancel it."


class AnswerLost(Unavailable):
    """The process that wrote an answer ended before it."""

    code = "answer_lost"
    title = "The answer was lost"
    default_hint = "Reload the chat, and ask again."


class ChatIdInvalid(InvalidInput):
    """A chat's id has a shape that no chat can have."""

    code = "chat_id_invalid"
    title = "Invalid chat id"
    default_hint = "Use up to 128 letters, digits, and - _ . : characters."


class TitleInvalid(InvalidInput):
    """A chat's title is empty or too long."""

    code = "title_invalid"
    title = "Invalid title"
    default_hint = "Give a title of 1 to 200 characters."
