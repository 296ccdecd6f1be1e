"""The analysis of a question: the kind of value it asks for, and the words that carry it.

The kinds are those that a reader checks first: "how often" asks for an interval, "who" for a person
or a role, "which command" for something to type. The patterns are general English, of no domain.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from use_cases.kernel.text.words import content


class AnswerKind(StrEnum):
    """The kind of value that a question asks for."""

    COMMAND = "command"
    FREQUENCY = "frequency"
    MONEY = "money"
    DURATION = "duration"
    PERSON = "person"
    TIME = "time"
    QUANTITY = "quantity"
    PLACE = "place"
    REASON = "reason"
    PERMISSION = "permission"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """An analysed question.

    `words` are content stems, each once, in order; none after "how" ("how *soon*"), which is no subject. `names` are its lower-cased names: identifiers
    (`SK-450`, `kube-proxy-2`), years, acronyms, capitalised words. `steps`: it asks
    for a procedure, from the first step to the last. `inherited` are the words of a follow-up that only
    the question before it has.
    """

    text: str
    asked: AnswerKind
    words: tuple[str, ...]
    names: tuple[str, ...]
    steps: bool = False
    inherited: frozenset[str] = frozenset()


_NUMBER = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty|ninety|hundred|thousand|half|quarter|third|dozen|several)"
)
_UNIT = r"(?:second|minute|hour|day|week|month|quarter|year|night|fiscal year)s?"
_MONEY_WORDS = (
    r"cost|price|fee|paid|pay|charge|refund|allowance|budget|salary|turnover|dollars?|euros?|money|"
    r"reimburse[sd]?|spend"
)
_ROLES = (
    r"manager|director|leader|lead|head|officer|team|administrator|admin|owner|supervisor|engineer|"
    r"coordinator|specialist|technician|dispatcher|planner|department|support|founder|president|"
    r"representative|committee|person|colleague|employee|responder|approver|desk"
)
_ASKED: tuple[tuple[AnswerKind, str], ...] = (
    (AnswerKind.COMMAND, r"\bcommands?\b|what (?:do|should|must) i (?:run|type)|\bcli\b|sysctl"),
    (
        AnswerKind.FREQUENCY,
        r"how (?:often|frequently|regularly)|how many times|at what interval|what interval",
    ),
    (AnswerKind.QUANTITY, r"how long (?:must|should|may|can|shall|is|are)\b[^?]*\bbe\b"),
    (AnswerKind.TIME, r"\b(?:until|since|from) when\b"),
    (
        AnswerKind.DURATION,
        rf"how (?:long|soon|quickly|far ahead)|(?:how many|number of|within how many|after how many)"
        rf"(?: \w+)? {_UNIT}\b|deadline|by when|(?:how much|how far) (?:time|notice|warning|ahead)",
    ),
    (AnswerKind.PERSON, r"\bwho(?:m|se)?\b|which (?:person|team|role|department|vendor|company)"),
    (
        AnswerKind.MONEY,
        rf"how much\b.*\b(?:{_MONEY_WORDS})\b|what\b.*\b(?:{_MONEY_WORDS})\b.*\?|(?:{_MONEY_WORDS}) of|"
        r"up to what amount|what amount|how expensive",
    ),
    (
        AnswerKind.QUANTITY,
        r"how (?:many|much|big|large|thick|wide|high|deep|fast|heavy|far|old|hot|cold|loud|tall)|percent|%|"
        r"what (?:is the )?(?:share|maximum|minimum|limit|threshold|number|size|torque|temperature|level)|"
        r"maximum|minimum|\bmost\b|\bleast\b|greatest|smallest|biggest|what age|what value|target",
    ),
    (AnswerKind.TIME, r"\bwhen\b|what (?:date|time|day|year|month)|which (?:date|day|year|month)"),
    (AnswerKind.PLACE, r"\bwhere\b|which (?:city|site|place|office|country|room|depot|location)"),
    (AnswerKind.REASON, r"\bwhy\b|what (?:is|was) the reason|how come"),
    (
        AnswerKind.PERMISSION,
        r"^(?:can|may|must|should|do|does|is|are|am|will|could|would|has|have)\b|"
        r"(?:can|may|should|must) (?:i|we|you|it|he|she|they|somebody|someone|a|an|the)\b|allowed|permitted|okay to",
    ),
)
_HOLDS: dict[AnswerKind, str] = {
    AnswerKind.FREQUENCY: rf"\b(?:every|each|daily|weekly|monthly|quarterly|annually|annual|yearly|hourly|"
    rf"once|twice|per|nightly|regularly|continuously)\b|{_NUMBER} times|\ba (?:day|week|month|year)\b",
    AnswerKind.MONEY: r"[$€£¥]\s?\d|\d[\d.,]*\s?(?:€|\$|£|eur|usd|gbp|chf|dollars?|euros?|cents?|per ?cent|%)|"
    r"(?:eur|usd|gbp|chf)\s?\d|\b(?:free|no (?:charge|fee|cost)|full price|\d+x)\b",
    AnswerKind.DURATION: rf"\b{_NUMBER}(?:\s*(?:-|–|to|and)\s*{_NUMBER})?[\s-]*(?:\w+[\s-]+)?{_UNIT}\b|\b\d+\s?(?:h|min|d|s|ms)\b|"
    r"immediately|at once|same day|straight away|\b(?:hourly|daily|until|by) \d",
    AnswerKind.QUANTITY: rf"\b{_NUMBER}\b|\d",
    AnswerKind.TIME: r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|"
    rf"\b(?:before|after|until|by|within|on|once|when|as soon as|at)\b|\b{_NUMBER} {_UNIT}",
    AnswerKind.PERSON: rf"\b(?:{_ROLES})s?\b|@|\b[A-ZÀ-Þ][\w'’-]+ [A-ZÀ-Þ][\w'’-]+",
    AnswerKind.PLACE: r"\b(?:in|at|on|to|under|from|near|inside|into|via|through)\b|https?:|/",
    AnswerKind.REASON: r"\b(?:because|since|so that|in order|due to|reason|caused?|therefore|as|means?|otherwise|to)\b",
    AnswerKind.COMMAND: r"`|\$ |--|\b\w+ctl\b|\bsudo\b|^\s*[a-z][\w.-]* -",
    AnswerKind.PERMISSION: r"\b(?:may|can|cannot|can't|must|not|never|only|allowed|permitted|prohibited|required|"
    r"should|yes|no|need|avoid|forbidden|unless|if|entitled|okay|possible|will|won't|always)\b",
}
_CASED = {AnswerKind.PERSON}
_ASKED_PATTERNS = tuple((asked, re.compile(p, re.IGNORECASE)) for asked, p in _ASKED)
_HOLDS_PATTERNS = {
    asked: re.compile(p if asked in _CASED else f"(?i:{p})") for asked, p in _HOLDS.items()
}


_NAME = re.compile(
    r"\b(?:[A-Za-z]+(?:-[A-Za-z]+)*-?\d[\w.-]*|(?:19|20)\d\d|[A-Z]{2,}[\w-]*)\b"
    r"|(?<!^)(?<![.?!:]\s)\b[A-ZÀ-Þ][a-zß-ÿ]+\b"
)
_MEASURE = re.compile(
    r"\bhow (soon|quickly|fast|frequently|regularly|often|long|far|early|late|old|big|large|high|deep|heavy)\b",
    re.IGNORECASE,
)
_WHO = r"(?:i|we|you|one|they|people|someone|somebody|an?\b[\w\s-]+?|the\b[\w\s-]+?|my\b[\w\s-]+?|[\w-]+s)"
_STEPS = re.compile(
    rf"\bhow (?:do|can|should|must|would|could|may|might|shall) {_WHO} (?!know\b|tell\b|recogni[sz]e\b|"
    r"feel\b|differ\b|compare\b|work\b|mean\b)\w+|\bhow to \w+|"
    r"\bhow (?:is|are|was|were) [\w\s-]+? (?:\w{2,}ed|done|made|set up|run|taken|given|sent|built|brought|put|"
    r"drawn|written|shut down|begun)\b|"
    rf"\bwhat (?:do|should|must|can|shall|has|have) {_WHO} (?:(?:have |need |has |supposed )?to )?(?:do|try)\b|\bwhat (?:needs|has|is) to be done\b|\bwhat to do\b|"
    r"\bwhat(?:'s| is| are) the (?:\w+ )?(?:steps?|procedure|process|instructions|way|right way|order|sequence|checklist|stages|phases)\b|\bin (?:what|which) order\b|"
    r"\b(?:steps?|procedure|instructions|checklist|process) (?:to|for|of|when|if|in case)\b|\bwalk me through\b|"
    r"\bwhat (?:now|next)\b|\bstep[ -]by[ -]step\b|\bhow (?:do|does) [\w\s-]+? go about\b",
    re.IGNORECASE,
)
"""A question for a procedure, or for the reaction to an event."""


def parse_question(text: str, before: str = "") -> ParsedQuestion:
    """Analyses a question; a follow-up to the question `before` includes its words."""
    asked = _asked(text)
    if asked is AnswerKind.OTHER and before:
        asked = _asked(before)
    both = f"{before} {text}".strip()
    return ParsedQuestion(
        text=both,
        asked=asked,
        words=tuple(dict.fromkeys(content(_MEASURE.sub("how", both)))),
        names=tuple(dict.fromkeys(m.group().lower().rstrip(".") for m in _NAME.finditer(both))),
        inherited=frozenset(content(before)) - set(content(text)),
        steps=asked is not AnswerKind.COMMAND and _STEPS.search(text) is not None,
    )


_WRITE = re.compile(
    r"\s*(?:(?:please|now|and|then|ok(?:ay)?|so|(?:can|could|would|will) you(?: please)?|i (?:want|need|would like) you to|"
    r"help me(?: to)?|let(?:'s| us))[\s,]+)*(?:summari[sz]e|sum up|write|rewrite|re-?phrase|reword|translate|"
    r"draft|compose|continue|go on|carry on|shorten|expand|improve|proofread|correct|brainstorm|suggest|"
    r"generate|create|design|imagine|invent|convert|turn (?:it|this|that)|make (?:it|this|that|me|a|an)|"
    r"explain|elaborate|outline|plan|code|implement|refactor|debug|calculate|compare|"
    r"give me (?:a|an|another|some|more|\w+ (?:ideas?|names?|examples?))|(?:what|any) (?:else )?ideas?)\b",
    re.IGNORECASE,
)


def asks_to_write(text: str) -> bool:
    """Returns whether a message asks for a text that has to be written, rather than for one to find."""
    return _WRITE.match(text) is not None


_SUMMARY = re.compile(
    r"\s*(?:(?:please|can you|could you|would you|give me|show me|write|make|i (?:need|want)|what(?:'s| is))\s+)*"
    r"(?:(?:briefly |quickly )?(?:summari[sz]e|sum up|outline)|"
    r"(?:an? |the )?(?:short |brief |quick )?(?:summary|overview|outline|gist) (?:of|on|about))\s+(?P<of>\S.*?)"
    r"(?:\s+(?:document|file|page|text))?\W*$",
    re.IGNORECASE | re.DOTALL,
)


def summarised(text: str) -> str:
    """Returns what a text asks a summary of, as it is written; empty for any other text."""
    asked = _SUMMARY.match(text)
    return asked["of"] if asked else ""


def contains_value(asked: AnswerKind, text: str) -> bool:
    """Returns whether a text contains a value of the asked kind."""
    pattern = _HOLDS_PATTERNS.get(asked)
    return pattern is None or pattern.search(text) is not None


def _asked(text: str) -> AnswerKind:
    last = _last_question(text)
    return next((a for a, pattern in _ASKED_PATTERNS if pattern.search(last)), AnswerKind.OTHER)


def _last_question(text: str) -> str:
    """Returns the question of a message that first describes its circumstances."""
    parts = [part.strip() for part in re.split(r"(?<=[.?!])\s+|\n+", text) if part.strip()]
    asking = [part for part in parts if part.endswith("?")]
    return (asking or parts or [text])[-1]
