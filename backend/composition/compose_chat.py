"""Chat: questions answered from knowledge, and what was said."""

from typing import TYPE_CHECKING

from backend.composition.foundation import Composition, Inner, Part

if TYPE_CHECKING:
    from use_cases.chat.chat_target import TryInstructions
    from use_cases.chat.chat_turn import AskQuestion
    from use_cases.chat.live_answers import LiveAnswers
    from use_cases.chat.manage_chats import ManageChats
    from use_cases.chat.read_answers import JudgeAnswer, ReadAnswers
    from use_cases.kernel.runs.inflight import InFlight


class ChatComposition(Composition):
    """Ask, and read what was said."""

    within = "use_cases.chat"

    ask: "Part[AskQuestion]" = Part(".chat_turn:AskQuestion")
    read_answers: "Part[ReadAnswers]" = Part(".read_answers:ReadAnswers")
    judge_answer: "Part[JudgeAnswer]" = Part(".read_answers:JudgeAnswer")
    manage_chats: "Part[ManageChats]" = Part(".manage_chats:ManageChats")
    inflight: "Part[InFlight]" = Part("use_cases.kernel.runs.inflight:InFlight")

    live_answers: "Part[LiveAnswers]" = Part(".live_answers:LiveAnswers", closing=True)

    try_instructions: "Part[TryInstructions]" = Part(".chat_target:TryInstructions")

    built_in = Inner(".agent:ChatPrompts")
    target = Inner(".chat_target:ChatTarget")
    recorded_questions = Inner(".read_answers:ChatQuestions")
    unrecorded_ask = Inner(
        ".chat_turn:AskQuestion",
        transcript="unrecorded_transcript",
        inflight="unstored_inflight",
        live_answers=None,
        listeners=None,
        recollect=None,
    )
    unrecorded_transcript = Inner(".chat_target:UnrecordedTranscript")
    unstored_inflight = Inner("use_cases.kernel.runs.inflight:InFlight", leases="unstored_keeper")
    unstored_keeper = Inner("use_cases.kernel.runs.inflight:LeaseKeeper", leases="unstored_leases")
    unstored_leases = Inner(".chat_target:UnstoredLeases")

    agent = Inner(".agent:build_agent", capabilities="instruments")
    bounds = Inner(".chat_turn:TurnPolicy")
    answers = Inner("services.store.stored_answers:SqlAnswers")
    chats = Inner("services.store.chats:SqlChats")
    relay = Inner("services.store.relay:SqlRelay")
    transcript = Inner("services.store.transcript:SqlTranscript")
    recollect = Inner(".recollect:Recollect")
    said_messages = Inner("services.store.said_messages:SqlSaidMessages")
