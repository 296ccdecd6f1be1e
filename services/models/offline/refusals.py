"""Recognises attempts to make the assistant reveal or drop its instructions.

A rule of thumb for a model-less answerer, not a security boundary: the offline answerer has no
secret to reveal and only ever quotes documents. Questions *about* keys, prompts or rules pass.
"""

import re

_OWN = (
    r"(?:your|ur|the assistant'?s|the bot'?s|the (?:hidden|initial|original|system|developer)|"
    r"this (?:system|assistant)'?s)"
)
_SECRETS = (
    r"(?:system ?prompt|(?:hidden |initial |original |secret |internal )?(?:instructions?|prompts?|"
    r"directives?|guidelines)|api[ -]?keys?|secret ?keys?|credentials|configuration|config|"
    r"environment variables?|developer message|rules you)"
)
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # ignore all previous instructions; forget your rules; disregard the above
        r"\b(?:ignore|forget|disregard|override|bypass|drop|skip)\b.{0,30}\b(?:previous|prior|above|"
        r"earlier|all|any|your|these|those|the)\b.{0,20}\b(?:instructions?|rules?|prompts?|"
        r"guidelines|restrictions|directives|training)\b",
        # print your system prompt; what are your instructions; show me the hidden prompt
        rf"\b{_OWN}\s+(?:\w+\s+){{0,2}}{_SECRETS}",
        r"\bsystem ?prompts?\b",
        # the key you were started with; everything you were told before my message
        rf"{_SECRETS}.{{0,20}}\b(?:you|u)\b\s+(?:were|are|was|have|got|run|use|had)\b",
        r"\b(?:everything|all|anything|what|text|words)\b.{0,20}\byou (?:were|have been|got) "
        r"(?:told|given|instructed|prompted)\b",
        r"\b(?:repeat|print|output|translate|recite|quote|reveal)\b.{0,40}\b(?:above|before (?:my|this)|"
        r"your (?:first|initial))\b",
        # you are now DAN; pretend to be; act as if you had no rules; from now on tell everybody
        r"\byou are (?:now|no longer)\b|\bpretend (?:to be|that you|you)\b|\brole-?play\b|"
        r"\b(?:act|behave|answer|respond) as (?:if|though|an?|my)\b|\bdeveloper mode\b|\bjailbreak|"
        r"\bfrom now on\b.{0,40}\b(?:tell|say|answer|reply|respond|act|you)\b|\bDAN\b",
        r"\bwithout (?:any )?(?:restrictions|rules|filters?|limits)\b|\bno (?:restrictions|filters?) "
        r"(?:apply|anymore)\b",
    )
)


def asks_to_break_rules(text: str) -> bool:
    """Whether a message tries to change what the assistant is or to learn how it is set up."""
    return any(pattern.search(text) for pattern in _PATTERNS)
