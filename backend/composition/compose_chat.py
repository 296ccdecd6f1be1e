"""Chat: questions answered from knowledge, and what was said."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.chat.chat_turn import AskQuestion
    from use_cases.chat.live_answers import LiveAnswers
    from use_cases.chat.manage_chats import ManageChats
    from use_cases.chat.read_answers import JudgeAnswer, ReadAnswers
    from use_cases.kernel.runs.inflight import InFlight


class ChatComposition(Composition):
    """Ask, and read what was said."""

    ask: "Part[AskQuestion]" = Part("use_cases.chat.chat_turn:AskQuestion")
    read_answers: "Part[ReadAnswers]" = Part("use_cases.chat.read_answers:ReadAnswers")
    judge_answer: "Part[JudgeAnswer]" = Part("use_cases.chat.read_answers:JudgeAnswer")
    manage_chats: "Part[ManageChats]" = Part("use_cases.chat.manage_chats:ManageChats")
    inflight: "Part[InFlight]" = Part("use_cases.kernel.runs.inflight:InFlight")

    live_answers: "Part[LiveAnswers]" = Part(
        "use_cases.chat.live_answers:LiveAnswers", grace="resume_seconds"
    )

    built_in = Inner("use_cases.chat.agent:ChatPrompts")
    target = Inner("use_cases.chat.chat_target:ChatTarget")
    recorded_questions = Inner("use_cases.chat.read_answers:ChatQuestions")
    unrecorded_ask = Inner(
        "use_cases.chat.chat_turn:AskQuestion",
        transcript="unrecorded_transcript",
        inflight="unstored_inflight",
        live_answers=None,
        listeners=None,
        recollect=None,
    )
    unrecorded_transcript = Inner("use_cases.chat.chat_target:UnrecordedTranscript")
    unstored_inflight = Inner("use_cases.kernel.runs.inflight:InFlight", leases="unstored_keeper")
    unstored_keeper = Inner("use_cases.kernel.runs.inflight:LeaseKeeper", leases="unstored_leases")
    unstored_leases = Inner("use_cases.chat.chat_target:UnstoredLeases")

    agent = Inner("use_cases.chat.agent:build_agent", capabilities="instruments")
    bounds = Inner(
        "use_cases.chat.chat_turn:TurnPolicy",
        request_limit=None,
        tool_calls_limit=None,
        patience=None,
    )
    answers = Inner("services.store.stored_answers:SqlAnswers")
    chats = Inner("services.store.chats:SqlChats")
    relay = Inner("services.store.relay:SqlRelay")
    transcript = Inner("services.store.transcript:SqlTranscript")
    recollect = Inner("use_cases.chat.recollect:Recollect")
    said_messages = Inner("services.store.said_messages:SqlSaidMessages")
