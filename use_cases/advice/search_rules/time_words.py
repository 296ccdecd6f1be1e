"""Words that point at the present moment or beyond it: rules that suffice by themselves.

They are classes of the language, not topics: adverbs of now, "latest" and its kin, spans of the
calendar around today, the last and the next of a series, ages, the future. Uses of the same words
that point nowhere (`electric current`, `next to`, `what is now`) are excluded where they stand.
"""

import re

from use_cases.advice.search_rules.rule import STRONG, Kind, TextRule, words_of

_SPAN = words_of("""
    second, minute, hour, day, night, morning, afternoon, evening, week, weekend, month, quarter,
    semester, term, year, season, summer, winter, spring, autumn, fall, gameweek, matchday, round,
    monday, tuesday, wednesday, thursday, friday, saturday, sunday, january, february, march,
    april, may, june, july, august, september, october, november, december, christmas, offseason,
    election cycle, fiscal year, transfer window, school year
""")
_NO_LAST = words_of("""
    name, names, surname, letter, letters, word, words, digit, digits, supper, emperor, empress,
    tsar, czar, tsarina, pharaoh, shogun, kaiser, king, queen, sultan, shah, ruler, monarch,
    dynasty, ice age, glacial, chapter, verse, line, page, stanza, syllable, element, planet, resort,
    rites, stand, survivor, living, surviving, dinosaur, mammoth, universal, common, battle, judgment,
    two, three, four, few letters, message, answer, reply, response, question, paragraph, sentence,
    part, step, long, longer, for, until, through, to, person, man, woman, people, of
""")
_NO_LAST_RULER = words_of("""
    emperor, empress, tsar, czar, tsarina, pharaoh, shogun, kaiser, king, queen, sultan, shah, ruler,
    monarch, dynasty, battle, ice age, inca, viceroy, caliph, khan, apostle, prophet, wonder
""")
_NO_NEXT = words_of(
    "to, of, after, door, in line, in the, number, letter, prime, term in, element, line"
)
_EVENT_VERB = words_of("""
    win, won, play, played, score, scored, host, hosted, visit, visited, meet, met, lose, lost,
    release, released, qualify, qualified, reach, reached, make, made, beat, change, changed, update,
    updated, happen, happened, hold, held, appear, appeared, see, seen, erupt, erupted, raise, raised,
    cut, tour, toured, face, faced, post, posted, tweet, tweeted, finish, finished, elect, elected,
    have, had, occur, occurred, compete, competed, increase, increased, fight, fought, hit, land,
    landed, fly, flew, launch, launched, speak, spoke, defeat, defeated, trade, traded, start, started
""")


def _strong(name: str, pattern: str, reason: str) -> TextRule:
    return TextRule(name, Kind.FRESH, STRONG, re.compile(pattern), reason)


TIME_WORDS = (
    _strong(
        "now",
        r"(?<!what is )(?<!what's )(?<!of what are )(?<!that is )(?<!which is )(?<!known )(?<!called )(?<!used )(?<!named )(?<!spoken )"
        r"\b(?P<word>right now|as of now|up to now|until now|now|nowadays|these days|at the moment"
        r"|at present|presently|currently|today|tonight|tomorrow|yesterday|so far|to date"
        r"|as of today|as we speak|anymore|any more|lately|recently|already|at this (?:time|point|moment)"
        r"|real[ -]time|up[ -]to[ -]date|trending|breaking news|as things stand|year to date)\b"
        r"(?!-| (?:known|called|named|part of|extinct|defunct|famous|considered|modern|(?:the )?(?:headquarters|capital|seat|site|location|home) of))",
        "The words speak of the present moment.",
    ),
    _strong(
        "current",
        r"(?<!electric )(?<!electrical )(?<!alternating )(?<!direct )(?<!ocean )(?<!eddy )(?<!sea )"
        r"(?<!induced )(?<!of )(?<!between )"
        r"\b(?:the |a |her |his |its |their |'s |our |my )?"
        r"(?P<word>current|present|ongoing|incumbent|reigning|defending|sitting|latest|newest|upcoming"
        r"|forthcoming|most recent(?:ly)?|up-and-coming|soon-to-be)\b"
        r"(?! (?:day|headquarters|capital of|and voltage|flow|flows|through|density|passing|in an? |perfect|tense|participle"
        r"|value of|moment of inertia)|-day)",
        "The words ask for the current or the latest of its kind.",
    ),
    _strong(
        "of current",
        r"\b(?:of|between|by|to) (?:the )?(?P<word>current|present) (?!and\b|in\b|flow|through|density|or\b)",
        "The words ask for the current one of its kind.",
    ),
    _strong(
        "recent",
        r"\b(?P<word>recent|(?<=\bthe )new|brand[ -]new)\b"
        r"(?! (?:world|deal|testament|wave|year's|stone|common|or older|york|zealand|jersey|orleans|mexico"
        r"|england|hampshire|delhi|guinea|kingdom|republic|order|age|model army)\b)",
        "The words ask for something recent.",
    ),
    _strong(
        "someone's new",
        r"(?:'s?|\b(?:his|her|its|their|any|a)) (?P<word>new) (?:album|single|song|movie|film|book|novel"
        r"|show|series|season|game|phone|car|model|job|team|club|coach|manager|boss|ceo|girlfriend"
        r"|boyfriend|wife|husband|partner|house|contract|deal|law|rule|policy|version|product|baby"
        r"|single|tour|company|stadium|president|leader|restaurant)s?\b",
        "The words ask for something new.",
    ),
    _strong(
        "this span of time",
        rf"\b(?P<word>(?:this|(?:earlier|later) this|the current|these) (?:past |coming |upcoming |last )?"
        rf"{_SPAN}s?)\b(?! of the plot)",
        "The words name a span of time around today.",
    ),
    _strong(
        "last or next span of time",
        rf"\b(?P<word>(?<!the )(?:last|next|past|coming) {_SPAN}"
        rf"|(?:in|over|during|within|for) the (?:last|past|next|coming) "
        rf"(?:(?:\d+|few|several|couple of|two|three|four|five|six|ten|twelve) )?{_SPAN}s?"
        rf"|(?:\d+|a|an|few|several|two|three) (?:{_SPAN})s? (?:ago|from now))\b",
        "The words name a span of time counted from today.",
    ),
    _strong(
        "last of a series",
        rf"(?:\b(?:the|(?<!\w)'s|\w+'s|\w+s'|his|her|its|their|my|our) )(?P<word>last|previous)"
        rf" (?!(?:[\w'-]+ ){{0,2}}?{_NO_LAST_RULER}\b)(?!{_NO_LAST}\b)(?!\w+ (?:of|in) the .*\b(?:series|trilogy|saga|bible|alphabet|testament)\b)[\w\"]"
        rf"|\b(?P<again>last (?:time|{_EVENT_VERB}))\b|\bwhen did .{{1,60}} last [a-z]|\b(?:came|come) out last\b|\b(?:when|where|who|what) .{{0,60}}\blast\?*$",
        "The words ask for the last of a series, which goes on.",
    ),
    _strong(
        "next of a series",
        rf"\b(?P<word>next) (?!{_NO_NEXT}\b)(?!(?:[\w'-]+ ){{1,5}}after\b)\w|\bcoming next\b|\b(?:when|where|who|what).{{0,60}}\bnext\?*$",
        "The words ask for the next of a series.",
    ),
    _strong(
        "still, yet",
        r"(?<!stood )(?P<word>\bstill\b(?! (?:standing|stands|exists?|surviv\w+|extant|visible|remains?|in existence|life|image|images|water|photography|picture|frame|waters))"
        r"|\bno longer\b|\byet\b(?=\s*[?.!]*$| (?:to|been|released|announced|won|out|available))"
        r"|\bas of (?:this|late|the moment|the latest|\w+ this)\b|\bany ?more\b)",
        "The words ask whether a state goes on.",
    ),
    _strong(
        "age",
        r"\b(?P<word>how old(?: is|'s| are)|how old .{0,80}\b(?:is|are)\s*\?*$|(?:what is|what's) .{1,50}'s age\b"
        r"|(?:what is|what's) the (?:current )?age of (?!the (?:universe|earth|sun|moon|solar|milky|rocks?)|consent|majority|retirement)"
        r"|(?:at )?what age (?:is|are) (?!considered|required|allowed|legal))\b"
        r"(?! (?:the )?(?:universe|earth|planet earth|sun|moon|solar system|milky way|you have to|(?:[\w'-]+ )*(?:wall|temple|church|cathedral|tower|castle|palace|bridge"
        r"|monument|statue|building|university|language|religion|rocks?|fossils?|tree|city|pyramid|sphinx|painting)\b|you have|you need|pyramids?|big bang))",
        "An age changes with every year.",
    ),
    _strong(
        "countdown",
        r"\b(?P<word>how (?:many|much) (?:more )?(?:days|weeks|months|years|hours|minutes|time)"
        r"(?: \w+){0,3}? (?:until|till|to go|left|away|remaining|since|before the (?:next|end))"
        r"|how (?:long|soon|far away) (?:until|till|is it (?:until|till|since)|ago)|countdown"
        r"|how long ago|what time is it|what(?:'s| is) the (?:time|date)(?= in\b|\?|$)"
        r"|(?:what|which) (?:day|date|month|year|season|week|weekday|day of the week) (?:is it|are we in|is today|is this))\b",
        "The count depends on today's date.",
    ),
    _strong(
        "news",
        r"\b(?P<word>(?<!good )news(?!paper|reel|\w)|headlines?|happening|going on (?:in|with|at|between)"
        r"|any updates?|updates? on|live (?:score|scores|results|stream|updates)"
        r"|rumou?rs? (?:about|on|that|of|around)|(?:any|transfer|trade) rumou?rs?|developments?(?= (?:in|on|about|with)))\b",
        "News is what happened of late.",
    ),
    TextRule(
        "future",
        Kind.FRESH,
        STRONG,
        re.compile(
            r"\b(?P<word>(?:who|what|which|when|where|how|how (?:many|much|long))(?: [\w'-]+){0,6}? (?:will|shall)"
            r"|^(?:will|won't) (?!(?:an?|the|water|ice|it|my|this|that|i|you) )|(?:is|are|am|'s) (?:going|expected|scheduled|set|due"
            r"|projected|planned|slated|planning|predicted|likely|forecast|about|supposed|poised|favou?red) to"
            r"|(?:is|are) (?:\S+ ){1,6}(?:going|expected|scheduled|set|due|projected|planned|slated|planning"
            r"|predicted|likely|forecast|poised|favou?red) to"
            r"|(?:is|are) (?:\S+ ){0,6}?(?:scheduled|planned|slated|due)(?= (?:for|in|on|out)|\?|$)"
            r"|(?:when|(?:what|which) (?:time|day|date|month|week|weekend)) (?:does|do|is|are) (?!an? |water |ice )(?!the (?:story|novel|film|play|word|action) ).{1,70}\b(?:kick off|go back|go live|reopen|come|coming|comes|be|start|begin|return|open|close|premiere|release"
            r"|released|launch|end|expire|air|drop|play|playing|take place|kick off|out|back|due|available|retire|retiring|resume|face|finish|leave))\b"
            r"(?!.*\bif\b)"
        ),
        "The words ask for what has not happened yet.",
    ),
)
"""Each says by itself that the answer depends on when the question is asked."""
