"""Finds text in a document that gives orders to an assistant: it is material, and never an answer.

Unlike a message (`services/models/offline/refusals.py`), a document speaks to people most of the
time: a runbook may well say "print the environment variables" or "delete all rules". So an order
counts only where no person can be meant: it is about an assistant's own instructions, role or
answers. Where one stands, all of its paragraph is left out, because its author wrote the rest too.
"""

import re
from collections.abc import Iterator

from use_cases.kernel.model import Span
from use_cases.kernel.text.disguises import plain

_MODEL = (
    r"(?:(?:ai|a\.i\.|artificial intelligence|llm|language model|virtual)(?:[ -](?:assistant|model|agent|system|chatbot|bot)s?|s)?|"
    r"chatbots?|chatgpt|gpt-?\d?|copilot|assistants? (?:reading|who reads?|that reads?|processing|summari[sz]ing|answering|parsing|indexing))"
)
_RULES = r"(?:instructions?|prompts?|directives?|guidelines?|guardrails?|programming|training|safety rules|rules)"
_BEFORE = r"(?:previous|prior|earlier|above|preceding|foregoing|existing|original|initial|system|safety|given)"

_PATTERNS = tuple(
    (tuple(words.split("|")), re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for words, pattern in (
        # Drop your rules.
        (
            "ignor|forget|disregard|overrid|bypass|violat|neglect",
            rf"\b(?:ignore|forget|disregard|override|bypass|violate|neglect)\s+(?:(?:now|completely|all|any|every|of|about|the|these|those)\s+)*"
            rf"(?:your|{_BEFORE})\s+(?:(?:{_BEFORE}|own|other|and|system)\s+)*{_RULES}\b(?! (?:for|about|on|of|in|regarding|concerning)\b)",
        ),
        (
            "ignor|forget|disregard",
            r"\b(?:ignore|forget|disregard)\s+(?:everything|all|anything|whatever)\b.{0,25}\b(?:you (?:were|have been) (?:told|given)|you know|(?:told|said|written) (?:above|before))\b",
        ),
        (
            "follow|obey",
            r"\b(?:do not|don'?t|no longer|stop) (?:follow|obey)(?:ing)? (?:your|any previous|the previous|the system)\b.{0,20}\b(?:instructions?|rules|guidelines?|prompt)\b",
        ),
        # Show your set-up.
        (
            "prompt|message|instruction",
            r"\b(?:your|the (?:assistant|bot|chatbot|ai|model)'?s) (?:(?:full|whole|entire|exact|complete|own|hidden|initial|secret|original|current) )*"
            r"(?:system ?(?:prompt|message|instructions?)|(?:hidden|initial|secret) (?:prompt|instructions?))\b",
        ),
        (
            "prompt|instruction|key",
            r"\b(?:show|print|reveal|output|repeat|display|leak|dump|disclose|return|write)\b.{0,30}\byour (?:\w+ ){0,2}(?:prompt|instructions|api ?keys?|secret keys?)\b",
        ),
        (
            "key",
            r"\bapi ?key\b.{0,12}\byou (?:were|are|have been) (?:started|given|configured|run)\b",
        ),
        # To the assistant that reads this.
        (
            "ai|a.i|artificial|llm|language|gpt|chatbot|copilot|assistant|virtual",
            rf"\b(?:note|notice|message|instructions?|attention|reminder|order|command|important|warning)\b.{{0,15}}\b(?:to|for)\b[^.:!?]{{0,25}}\b{_MODEL}\b",
        ),
        (
            "ai|artificial|llm|language|gpt|chatbot|copilot|assistant|virtual",
            rf"\b(?:dear|attention|hey|hello),? (?:any |all |the )?{_MODEL}\b|\b{_MODEL} (?:reading|processing|summari[sz]ing|parsing|indexing|evaluating|that reads?|who reads?)\b|^\W*{_MODEL}\s*[:,]\s*(?:please|you|ignore|do not|don't|always|never|must|answer|reply|say|tell|respond)\b",
        ),
        (
            "if you",
            r"\bif you(?:'re| are) (?:an? )?(?:ai\b|llm\b|(?:large )?language model|(?:ai |virtual |automated |digital )assistant|chatbot|bot\b)",
        ),
        # Decide its answers.
        (
            "answer |respond to |reply to ",
            r"\b(?:answer|respond to|reply to) (?:every|all|any|each) (?:\w+ )?(?:questions?|quer(?:y|ies)|messages?|prompts?|requests?)\b[^.]{0,30}\b(?:with|by (?:saying|stating))(?: only| just)? (?:[\"'“‘]|the (?:word|phrase|sentence|text|string)s?\b)",
        ),
        (
            "from now on",
            r"\bfrom now on,? (?:you (?:are|will|must|shall|have to|should)(?: only| always| never)? (?:answer|respond|reply|say|act|speak|pretend|claim|ignore)|(?:always |only |never )?(?:answer|respond|reply|say|claim|pretend)\b)",
        ),
        (
            "cite|mention|reveal|disclose|show",
            r"\b(?:do not|don'?t|never) (?:cite|mention|reveal|disclose|show)\b.{0,20}\b(?:any sources?|your sources?|sources or|citations?|this (?:notice|instruction|order|prompt)|these instructions)\b",
        ),
        # Be somebody else.
        (
            "now|no longer",
            r"\byou(?:'re| are) (?:now|no longer) (?:(?:in )?(?:developer|debug|god|jailbreak|dan) ?mode|dan\b|(?:an? )?(?:unrestricted|unfiltered|uncensored|evil|jailbroken)|bound by|restricted by|limited by|the administrator)",
        ),
        (
            "pretend|imagine|dan mode|do anything",
            r"\b(?:pretend|imagine) (?:that )?you(?:'re| are) (?:an? |the )?(?:\w+ )?(?:ai|assistant|model|chatbot|hacker|administrator)\b|\bdo anything now\b|(?-i:\bDAN mode\b)",
        ),
        # Frames that only a provider may write.
        (
            "<|[|system",
            r"<\|?/?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<</?SYS>>|</?source\b[^>]*>|(?:^|[\n>]\s*)#*\s*(?:new|updated|real|override) system (?:instructions?|prompt|message)\b|"
            r"(?:^|[\s>*#])system(?: (?:notice|message|prompt|override|instruction))?\s*:\s*(?:you\b|ignore|new|override|forget|disregard|reveal|show|print|output|obey|tell|answer|reply|say)",
        ),
        # German, French, Spanish.
        (
            "ignorier|vergiss|vergessen|missacht|umgeh|übergeh",
            r"\b(?:ignorier|vergiss|vergessen sie|missacht|umgeh|übergeh)\w*\b(?: bitte| sie| jetzt)*(?: alle[ns]?| die| deine[n]?| ihre[n]?| sämtliche[n]?)+ (?:\w+e[nrs]? ){0,2}(?:vorherige|bisherige|obige|deine|ihre)?\w* ?(?:anweisungen|instruktionen|systemprompt)\b",
        ),
        (
            "system|hinweis",
            r"\b(?:dein|ihr)(?:en|em|e)? (?:\w+en )?system[- ]?(?:prompt|anweisung|nachricht)\w*|\bhinweis an (?:die|den|das|alle) (?:ki|sprachmodell|chatbot|assistenzsystem)\w*",
        ),
        (
            "ignore|oublie|système",
            r"\b(?:ignore[zr]?|oublie[zr]?)\b(?: toutes?| tous)*(?: les| tes| vos) (?:\w+ )?(?:instructions|consignes|directives)(?: (?:précédentes|antérieures|ci-dessus|initiales|système)|\W*$)|\b(?:ton|votre) (?:prompt|invite) (?:de )?système\b",
        ),
        (
            "ignor|olvid|sistema",
            r"\b(?:ignor[ae]n?|olvid[ae]n?)\b(?: todas?)*(?: las| tus| sus) (?:\w+ )?(?:instrucciones|órdenes)(?: (?:anteriores|previas|iniciales|del sistema)|\W*$)|\b(?:tu|su) prompt (?:de(?:l)? )?sistema\b",
        ),
    )
)
"""Each with the words that it needs at least one of: most text has none, and looking for them is quick."""

_BLOCK = re.compile(r"(?:^[^\n]*\S[^\n]*(?:\n|\Z))+", re.MULTILINE)
_ROW = re.compile(r"^\s*\|", re.MULTILINE)


def orders(text: str) -> Iterator[Span]:
    """The paragraphs of a text, and the rows of its tables, that give orders to an assistant."""
    if not gives_orders(text):
        return
    for block in _BLOCK.finditer(text):
        if not gives_orders(block.group()):
            continue
        if _ROW.match(block.group()):
            yield from _rows(text, Span(*block.span()))
        else:
            yield Span(*block.span())


def gives_orders(text: str) -> bool:
    """Whether a text gives orders to an assistant."""
    reading = " ".join(text.replace("\n>", "\n").split())
    if not (reading.isascii() and reading.isprintable()):
        reading = plain(reading)
    lowered = reading.lower()
    return any(
        any(word in lowered for word in words) and pattern.search(reading)
        for words, pattern in _PATTERNS
    )


def _rows(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for line in block.cut(text).splitlines(keepends=True):
        if gives_orders(line):
            yield Span(start, start + len(line))
        start += len(line)
