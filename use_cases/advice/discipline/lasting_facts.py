"""What speaks against a search: the dated past, facts that last, tasks that need no facts.

The weight of a reason is what it takes away from the strongest reason for freshness.
"""

import re

from use_cases.advice.discipline.rule import PLAIN, STRONG, Kind, TextRule, words_of

_SIZE = words_of("""
    biggest, largest, smallest, tallest, highest, longest, shortest, oldest, fastest, slowest,
    strongest, heaviest, hottest, coldest, deepest, brightest, densest, lightest, hardest, closest,
    nearest, farthest, furthest, widest, loudest, softest, rarest, lowest, driest, wettest, saltiest,
    most abundant, most common, most massive, most poisonous, most venomous, most reactive, most distant,
    most electronegative, least dense, most dense, most intelligent, largest known, oldest known, smallest known
""")
_NATURE = words_of("""
    planet, dwarf planet, planets, mountain, mountains, mountain range, peak, summit, river, rivers,
    ocean, oceans, sea, lake, desert, island, peninsula, continent, continents, country, nation,
    state, canadian province, province, animal, animals, land animal, mammal, bird, fish, insect, reptile, snake,
    spider, whale, shark, cat, feline, bear, primate, ape, monkey, dinosaur, species, bone, bones, organ, muscle,
    gland, joint, artery, vein, nerve, cell, blood type, tooth, element, elements, metal, gas, mineral,
    substance, material, liquid, rock, gemstone, star, galaxy, moon, moons, constellation, comet,
    asteroid, waterfall, volcano, canyon, trench, cave, reef, rainforest, forest, tree, plant, flower,
    fruit, seed, number, prime, prime number, integer, digit, word, letter, vowel, organelle, molecule,
    atom, particle, force, point, place, layer, part, side, angle, ocean trench, strait, bay, gulf,
    wavelength, color, colour, string, note, chess piece, piece, bird egg, egg, rodent, amphibian, lizard,
    crustacean, mollusc, arthropod, bat, seal, dog breed, breed, horse breed, crystal, isotope, noble gas, period, era
""")
_STATIC = words_of("""
    capital, capital city, currency, official language, national anthem, national animal, national flower,
    chemical symbol, chemical formula, atomic number, atomic mass, atomic weight, boiling point,
    melting point, freezing point, speed of light, speed of sound, square root, cube root, derivative,
    integral, formula, plural, singular, opposite, synonym, antonym, etymology, origin, meaning,
    definition, founder, founders, co-founder, inventor, discoverer, author, composer, painter, creator,
    creators, screenwriter, director, main character, protagonist, antagonist, narrator, setting, plot,
    first name, last name, middle name, maiden name, real name, birth name, full name, nickname, birthplace, date of birth,
    birthday, hometown, alma mater, mother tongue, motto, flag, colors, colours, diameter, radius, circumference, mass, density,
    surface area, half-life, wavelength, distance between, distance from, area of, height of, length of, depth of,
    powerhouse, function of, purpose of, cause of, scientific name, latin name, zodiac sign, time zone,
    country code, area code, roman numeral, value of pi
""")
_MATHS = words_of("""
    square root, cube root, divided by, multiplied by, times, plus, minus, derivative, integral,
    factorial, percent of, sum of, product of, quotient, hypotenuse, logarithm, modulo, remainder,
    prime factors, greatest common divisor, least common multiple, convert, simplify, solve for
""")
_POETRY = words_of("""
    poem, haiku, limerick, sonnet, story, short story, tale, bedtime story, lyrics, rap, song, joke,
    joke about, riddle, slogan, tagline, tongue twister, fairy tale, screenplay, monologue, dialogue,
    toast, pun, acrostic, rhyme, novel, love letter, birthday card, metaphor, plot twist, backstory
""")


def _against(kind: Kind, name: str, weight: int, pattern: str, reason: str) -> TextRule:
    return TextRule(name, kind, weight, re.compile(pattern), reason)


LASTING_FACTS = (
    _against(
        Kind.DATED,
        "dated past",
        PLAIN,
        r"\b(?P<word>(?:1[0-9]|[2-9])\d0s|'?\d0s|(?:\d{1,2}(?:st|nd|rd|th)|nineteenth|eighteenth|seventeenth|sixteenth|twentieth)[ -]century"
        r"|\d+ ?(?:bc|bce|ad|ce)|world war|civil war|cold war|middle ages|antiquity|stone age|bronze age|iron age"
        r"|ancient|medieval|renaissance|victorian|prehistoric|roman empire|ottoman empire|soviet union|ww[12i]+)\b"
        r"(?<!21st century)(?<!21st-century)",
        "The words name a time long past.",
    ),
    _against(
        Kind.DATED,
        "numbered edition",
        2,
        r"\b(?P<word>(?:season|series|part|chapter|volume|episode|book|act|scene|phase) (?:\d{1,3}\b|one|two|three|four|five|six|[ivx]+\b)"
        r"|(?:first|second|third|fourth|fifth|sixth) (?:season|series|episode|installment|instalment|volume|chapter|book)"
        r"|\d{1,3}(?:st|nd|rd|th) (?!birthday|place|most|largest|biggest|highest|richest|century|time|anniversary|ranked|best|overall)\w)",
        "A numbered edition is a finished thing.",
    ),
    _against(
        Kind.PAST,
        "first of its kind",
        PLAIN,
        r"\b(?P<word>first|original|originally|earliest|debut|very first|inaugural|initially|pioneer(?:ed)?)\b"
        r"(?! (?:lady|in line|in the|place|half|quarter|round|week|gentleman|minister|time home|responders?|aid|game of|match of|day of))",
        "Who or what was first stays first.",
    ),
    _against(
        Kind.LASTING,
        "nature or history",
        PLAIN,
        rf"\b(?P<word>{_SIZE}(?: [\w-]+){{0,2}}? {_NATURE})\b(?! (?:by (?:population|gdp)|park|plan|prices?|stations?|company|producer|shop|team|club|that has))"
        r"|\b(?P<near>(?:closest|nearest) to (?:the|earth)|highest possible|possible (?:in|with|to))\b|(?P<possible>\w+est \w+ possible)\b"
        r"|\b(?P<founded>oldest (?:[\w-]+ )?(?:university|church|building|temple|book|language|city|religion|company|restaurant|pyramid|bridge|library|museum|bank|newspaper|hotel|school|college|park|brewery|republic|democracy|civilization|civilisation|continuously \w+ \w+))\b"
        r"|\b(?P<opinion>most (?:famous|widely|important|notable|influential|often|likely|accurate|closely))\b"
        rf"|\bhow (?:old|far|big|tall|high|long|deep|hot|fast|heavy|large) (?:is|are) (?:the )?(?P<thing>{_NATURE}|sun|earth|universe|solar system)\b",
        "Nature and history change too slowly for news.",
    ),
    _against(
        Kind.LASTING,
        "fixed fact",
        PLAIN,
        rf"\b(?:what|who|which|where)(?: is| are|'s)(?: \S+)? (?:the |a |an |\S+'s )?(?:[\w-]+ ){{0,2}}?(?P<word>{_STATIC})\b"
        r"|\bhow many (?P<parts>sides|legs|bones|chromosomes|teeth|wings|eyes|hearts|planets|continents|oceans|letters|vowels|strings|keys|holes"
        r"|faces|edges|vertices|degrees|inches|feet|ounces|grams|milliliters|seconds|minutes|hours|days|weeks|months|protons|electrons|neutrons"
        r"|elements|muscles|ribs|stomachs|atoms|bits|bytes|players are on|cards|squares|colors|colours|stripes|syllables|moons|amendments|commandments) (?:are|is|do|does|in|can)\b"
        r"|\bhow (?P<build>tall|far|deep|wide|heavy) (?:is|are)\b",
        "The fact is fixed.",
    ),
    _against(
        Kind.LASTING,
        "definition or explanation",
        PLAIN,
        r"(?P<word>^(?:please )?(?:define|explain|describe what)\b|\bwhat (?:does|do) .{1,60}\b(?:mean|stand for)\b|\bthe (?:meaning|definition) of\b"
        r"|\bwhat(?: is|'s) (?:an? )(?!good|fair|safe|reasonable|better)[\w' -]{2,40}\??$|\bthe difference between\b|^what (?:is|are) (?:an? )?(?!.*(?:prices|rates|odds|standings|scores)\b)[\w-]+(?: [\w-]+)?\s*\??$|^how (?:do|does|can|to|would)\b(?! (?:the )?(?:current|latest))"
        r"|^why (?:is|are|do|does|did|was|were|can|can't|don't)\b|\bwhat (?:causes|happens (?:if|when))\b|\bhow (?:is|are) .{1,40} (?:made|calculated|formed|defined|measured|pronounced|spelled|cooked)\b)",
        "A definition or an explanation does not go stale.",
    ),
    _against(
        Kind.LASTING,
        "arithmetic",
        STRONG,
        rf"(?P<word>\d ?[+*×÷^%] ?\d|\d [-x/] \d|(?:what is|what's|calculate|compute) \(?\d[\d.]*[-/]\d|\b{_MATHS} (?:of )?\(?-?\d|\d\s+{_MATHS}\b|\b(?:convert .{{0,40}}|how many [\w-]+(?: [\w-]+)? (?:are (?:there )?|is |make up |go )?)\b(?:to|in|into|per) "
        r"(?:an? |one )?(?:celsius|fahrenheit|kelvin|meters?|metres?|kilometers?|kilometres?|miles?|feet|foot|yards?|inch(?:es)?|grams?|kilograms?|kilos?"
        r"|pounds?|ounces?|liters?|litres?|gallons?|cups?|hours?|minutes?|days?|weeks?|dozen|kilobytes?|megabytes?|gigabytes?)\b)",
        "It can be computed.",
    ),
    _against(
        Kind.LASTING,
        "rules of a game",
        PLAIN,
        r"\b(?P<word>the (?:offside|castling|icing|infield fly|en passant|scoring) rule|rules? (?:of|for|in) (?:chess|a game|the game|poker|football|soccer|baseball|cricket|tennis|golf|rugby|basketball|hockey|go|bridge)"
        r"|how many (?:points is|points for|players (?:are )?(?:on|in|per)|innings|holes|periods|quarters|sets|rounds are) )",
        "The rules of a game are settled.",
    ),
    _against(
        Kind.TASK,
        "creative task",
        STRONG + 1,
        rf"^(?:please |can you |could you |would you )?(?:write|compose|create|make up|invent|draft|tell|give|generate|sing|make|imagine|help me write)\b[^?.]{{0,30}}?\b(?P<word>{_POETRY})\b",
        "Invention needs no facts.",
    ),
    _against(
        Kind.TASK,
        "work on a given text",
        STRONG + 1,
        r"(?P<word>\b(?:the|this|that|my|your) (?:text|passage|paragraph|sentence|essay|email|e-mail|letter|code|snippet|excerpt|quote|draft|list|table|answer|reply|response|message|poem|summary)"
        r"(?: (?:above|below|here|again))?(?=\s*[:.?!]?$| (?:above|below|i (?:sent|gave|pasted|wrote)|you (?:gave|wrote|sent)|to|into|in|and|again|as|shorter|more|so)\b|:)"
        r"|^(?:please |can you |could you )?(?:translate|rephrase|paraphrase|proofread|rewrite|shorten|reword|correct the (?:grammar|spelling))\b"
        r"|\b(?:what|as) (?:did )?(?:you|i) (?:just )?(?:said|say|wrote|mean|mentioned)\b|\bthe (?:text|passage|conversation|document|paragraph) (?:above|below)\b"
        r"|^(?:summari[sz]e|translate|explain) (?:this|that|it|the above|the following)\b(?! (?:week|month|year|season|morning)))",
        "The text it is about is given.",
    ),
)
"""Each takes its weight away from what speaks for freshness."""
