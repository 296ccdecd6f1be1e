"""Facts that change, told by the construction: present verbs of holding, orders, bare phrases.

Where `changing_facts.py` knows nouns, these rules know how a question is put: who *holds* what,
how many someone *has*, where something *ranks*, whether it *is doing* or *has been done*, what is
*more* than what, and what is asked without any verb. Each is undone by one reason against it.
"""

import re

from use_cases.advice.search_rules.changing_facts import OFFICE, SIZE_FACT
from use_cases.advice.search_rules.rule import PLAIN, Kind, TextRule, words_of

_HOLDING = words_of("""
    owns, controls, governs, runs, operates, carries, broadcasts, televises, sponsors, publishes,
    employs, manufactures, supplies, distributes, dominates, leads, heads, tops, manages, hosts,
    rules, represents, insures, funds, finances, edits, sells, offers, pays, charges, spends,
    exports, imports, produces the most, sells the most, makes the most, produces more, handles,
    attracts, receives, consumes, emits, recognizes, recognises, holds, presides over, chairs,
    commands, administers, oversees, stars in, trains, captains, coaches, streams, airs, presents,
    generates, serves, houses, boasts, gets the most, uses the most, has the most, enjoys, faces,
    govern, own, operate, control, carry, broadcast, recognize, recognise, accept, allow, ban, offer
""")
_OF_NATURE = words_of("""
    part, parts, organ, organs, hormone, nerve, vessel, vessels, gland, cell, cells, artery, vein,
    lobe, law, amendment, article, god, goddess, planet, force, particle, gas, element, enzyme,
    protein, muscle, character, branch, equation, bone, vitamin, chamber, hemisphere, sign, star,
    molecule, system, mineral, animal, bird, insect, plant, letter, key, unit, theory, principle
""")
_SERVING = words_of("""
    serves as, serves on, acts as, works as, reigns, reigns over, reigns in, sits on, sits as,
    sits in, occupies, is serving as, is acting as, presides over, commands, edits, heads up,
    is in charge of, performs as, plays as, stars in, is next in line, is on the, sits atop, is atop
""")
_HAVING = words_of("""
    have, hold, own, run, operate, employ, sell, produce, lead, control, possess, boast, manage,
    play, serve, offer, make, need, earn, follow, support, fly, ship, spend, build, export, import,
    use, field, supply, host, cover, charge, claim, govern
""")
_GENERIC = (
    r"an?|one|each|every|most|all|some|any|the (?:human|average|typical|word|standard|english)|you|we|i|it"
    r"|humans?|people|adults|children|babies|mammals|insects|spiders|birds|fish|cats|dogs|cows|horses"
)
_NO_QUESTION = (
    r"(?!(?:who|whose|what|which|when|where|why|how|in|on|at|if|of|by|is|are|was|were|do|does|did"
    r"|has|have|had|can|could|explain|define|describe|write|calculate|translate)\b)"
)
_PARTS = words_of("""
    side, sides, leg, legs, arms, bones, chromosomes, teeth, wings, eyes, ears, hearts, horns, toes,
    fingers, chambers, lungs, kidneys, moons, letters, vowels, strings, keys, valves, holes, faces,
    edges, vertices, degrees, inches, feet, ounces, grams, seconds, minutes, hours, days, weeks,
    months, years, times, protons, electrons, neutrons, muscles, ribs, stomachs, atoms, bits, bytes,
    cards, squares, stripes, stars, syllables, amendments, commandments, provinces, states, islands,
    time zones, brothers, sisters, siblings, acts, verses, stanzas, movements, cantos, lines, tails,
    petals, lobes, layers, dimensions, solutions, roots, dots, pieces, colors, colours, neighbors,
    neighbours, borders, coasts, oceans, official languages, counties, boroughs, wives, husbands,
    elements, rows, columns, periods, calories, carbs, floors, stories, storeys, rooms, steps,
    stairs, windows, arches, towers, pillars, planets, suns, voices, instruments, corners
""")
_MEMBERS = words_of("""
    members, players, drivers, riders, judges, justices, ministers, hosts, coaches, astronauts,
    cosmonauts, senators, governors, managers, owners, directors, executives, candidates, nominees,
    contestants, teams, clubs, parties, countries, companies, shareholders, sponsors, partners, cast,
    actors, crew, finalists, favorites, favourites, contenders, goalkeepers, defenders, riders
""")
_BODY = words_of("""
    team, squad, roster, cast, cabinet, government, coalition, council, board, committee, commission,
    court, senate, parliament, congress, panel, crew, lineup, line-up, band, league, division,
    conference, playoffs, final, finals, semifinals, group, tournament, championship, grid, station,
    race, running, starting eleven, party, union, alliance, index, running order, field, bench
""")
_COLLECTIVE = words_of("""
    army, navy, air force, military, fleet, workforce, staff, population, debt, deficit, economy,
    budget, membership, majority, lead, gap, backlog, crowd, market, fortune, endowment, fund,
    audience, following, fan base, community, diaspora, police force, arsenal, stockpile, network,
    sea ice, ice extent, sea ice extent, ice cap, snowpack, ozone hole, wildfire, fire, reservoir,
    portfolio, pay gap, surplus, wait, waiting list, queue, line, reward, bounty, prize, jackpot
""")
_PLACING = words_of("""
    first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, last, top, bottom,
    rock bottom, atop, ahead, clear, highest, lowest, joint first, joint top
""")
_NO_PROGRESS = words_of("""
    king, ring, wing, string, spring, thing, something, anything, nothing, everything, building,
    painting, wedding, morning, evening, ceiling, being, beijing, viking, sibling, pudding, during,
    boxing, swimming, cycling, sailing, skiing, fishing, bowling, wrestling, figure skating,
    amazing, interesting, surprising, boring, exciting, missing link, according, including,
    meaning, sterling, darling, lightning, clothing, flying fish, good-looking
""")
_CHANGE = words_of("""
    released, announced, cancelled, canceled, renewed, confirmed, signed, fired, sacked, elected,
    approved, passed, banned, legalized, legalised, arrested, charged, convicted, found, solved,
    fixed, proved, proven, resigned, retired, died, ended, started, begun, opened, reopened, closed,
    landed, arrived, launched, ratified, overturned, repealed, recovered, returned, aired, dropped,
    come out, gone up, gone down, stepped down, been out, out, over, finished, sold out, available
""")


def _by_construction(name: str, pattern: str, reason: str, weight: int = PLAIN) -> TextRule:
    return TextRule(name, Kind.FRESH, weight, re.compile(pattern), reason)


PRESENT_FACTS = (
    _by_construction(
        "holder in the present",
        rf"\b(?:which|what) (?!(?:is|are|does|do)\b)(?!(?:[\w'-]+ ){{0,3}}?{_OF_NATURE}\b)(?:[\w'&-]+ ){{1,4}}?(?:currently )?(?P<word>{_HOLDING})\b"
        rf"(?! (?:through|into|about|a |an |water|light|blood|oxygen))"
        rf"|\bwho (?:currently )?(?P<serving>{_SERVING})\b"
        r"|\bwho (?P<plays>(?:plays|pitches|starts|bats|kicks|bowls|rides|drives|races|sings|writes) (?:[\w-]+ ){0,3}?(?:for|at))\b"
        r"|\b(?:which|what) (?:[\w-]+ )?(?:countries|states|companies|teams|clubs|players|cities|airlines|banks|firms|parties|provinces) (?P<several>use|have|belong to|support|require|still|own|play|compete)\b(?! (?:an? |the )?(?:land|coast|border|short|long|common|red|white|blue|star|union|same|shared))"
        rf"|\bwho (?:is|are) (?P<side>on the (?:board|cover|bench|team|panel|roster|ballot|committee|council)|behind the wheel|at the helm)\b",
        "Who holds or does something in the present may be another tomorrow.",
    ),
    _by_construction(
        "how many someone has",
        rf"\bhow many (?!(?:[\w'-]+ ){{0,3}}?{_PARTS}\b)(?P<word>[\w.'&#-]+(?: [\w.'&#-]+){{0,4}}?) (?:does|do) "
        rf"(?!(?:{_GENERIC})\b)(?:[\w.'&-]+ ){{1,6}}?{_HAVING}\b"
        rf"|\b(?P<number>(?:what|the) (?:total |exact )?number of [\w'-]+(?: [\w'-]+)?) (?:who |that )?(?:compete|play|live|work|exist|take part|participate|attend|have|has|are|own|use)\b",
        "What someone has can be counted anew each year.",
        weight=2,
    ),
    _by_construction(
        "state in the world",
        r"\b(?:how (?:many|much)|which|what|who|is|are)\b.{1,60}?\b(?P<word>in (?:circulation|orbit|service|operation|existence|custody|captivity|the wild|force|first place|the lead|the running|space|foreclosure|a relationship|a coma|rehab|remission|talks|recession|office|parliament|congress)"
        r"|aboard the|afloat|behind bars|at large|on the run|on track|on hold|on schedule|on the injury list|on death row|on the ballot|under (?:construction|investigation|sanctions|arrest|threat|review|lockdown)|up for (?:sale|election|re-election)|registered|imprisoned|held hostage|deployed|stationed|docked|moored|stranded|detained|in drought|under water|unemployed|homeless|displaced|infected|vaccinated|endangered)\b",
        "How things stand is asked, and it may change.",
    ),
    _by_construction(
        "size of what grows",
        rf"\bhow (?:large|big|strong|long|high|small|wide|deep) (?:is|are) (?!an? )(?:[\w.'&-]+ ){{0,5}}?(?P<word>{_COLLECTIVE})\b",
        "Its size changes.",
    ),
    _by_construction(
        "place in an order",
        rf"\b(?P<word>(?:sits?|stands?|lies|lie|is|are|ranks?|placed|comes?) (?:in )?{_PLACING} (?:in|of|on|at|among|for|with|place)\b(?!(?: the)?(?: \w+)? (?:line|alphabet|bible|periodic))"
        rf"|(?:at|near|in) the (?:top|bottom|head) of (?:the |\w+'s )?[\w' -]{{0,40}}?(?:list|(?<!periodic )table|charts?|league|rankings?|standings|division|group|conference|poll|polls|leaderboard|box office|bracket)"
        rf"|where (?:does|do) .{{1,60}} (?:rank|(?:stand|sit|place) (?:in|on|among) (?:the )?[\w' -]{{0,30}}(?:table|league|rankings?|standings|polls?|charts?|world))\b|how (?:high|highly) (?:is|does|do) .{{1,40}} (?:rank|ranked|rated|seeded)"
        rf"|(?:what|which) (?:place|position|spot|rank|seed|seat) (?:is|are|does|do)|is (?:in the|on) pole\b)",
        "Ranks change.",
    ),
    _by_construction(
        "member of a body",
        rf"\b(?:name|list|show|give me|tell me|who are|who is|which|what)\b(?: [\w'-]+){{0,4}}? (?P<word>{_MEMBERS}) (?:are |who are |that are |play |currently |competing |still )?(?:of|on|in|at|for|aboard|from) (?:the |an? )?(?:[\w.'&-]+ ){{0,6}}?{_BODY}\b"
        rf"|^(?:please )?(?:name|list)\b(?: (?:the|all|every|each|of|any|\d+|two|three|four|five))* (?:[\w'-]+ ){{0,2}}?(?P<listed>members|players|drivers|justices|ministers|judges|hosts|driver|player|member|minister) (?:of|on|in|at)\b"
        rf"|\bwho(?: is|'s| are)(?: all)? (?P<inside>in|on) (?:the )?(?:[\w.'&-]+ ){{0,5}}?(?:team|squad|roster|cast|cabinet|panel|crew|lineup|line-up|band|board|council)\b",
        "Members come and go.",
    ),
    _by_construction(
        "bare phrase",
        rf"^{_NO_QUESTION}(?:the )?(?:[\w.'&-]+ ){{0,3}}?(?P<word>{SIZE_FACT}|weather) (?:of|in|for|at) (?!an? )[^?]{{2,60}}\??$"
        rf"|^{_NO_QUESTION}(?:the |name of (?:the )?)?(?:[\w.'&-]+ ){{0,1}}?(?P<office>{OFFICE}) of (?!an? |the year)[^?]{{2,50}}\??$"
        rf"|^{_NO_QUESTION}(?:[\w.'&-]+ ){{1,4}}(?P<after>share price|stock price|stock|price|prices|net worth|population|weather|score|scores|standings|schedule|fixtures|ranking|rankings|results|roster|lineup|line-up|ceo|age|salary|odds|rate|rates|tickets|release date|start time|kick-?off time|followers|subscribers|market cap)(?: (?:in|of|for) [^?]{{2,40}})?\??$",
        "A fact that changes is named without a verb.",
    ),
    _by_construction(
        "progressive",
        rf"^(?:is|are|isn't|aren't) (?!an? |it |there |this |that |these |the (?:universe|earth|sun|moon))(?:[\w.'&-]+ ){{1,5}}?(?!{_NO_PROGRESS}\b)(?P<word>[a-z]{{2,}}ing)\b"
        r"(?=\s*\?*$| (?:in|on|at|for|to|the|an?|with|from|his|her|their|its|into|up|down|out|off|back|away|this|again|about|against|over|or|and|by|as|between|new)\b)",
        "The words ask whether something is under way.",
    ),
    _by_construction(
        "change that may have come",
        rf"^(?:has|have|hasn't|haven't) (?!there\b)[^?,]{{2,70}}? (?P<word>(?:been )?{_CHANGE})(?=\s*\?*$|,| (?:in|on|for|to|by|at|from)\b)(?! (?:from|by) an?\b)"
        r"|^(?:is|are|isn't|aren't) (?!there\b)[^?,]{2,70}? (?P<state>out|over|finished|sold out|available|cancelled|canceled|renewed|confirmed|solved|resolved|done)\s*\?*$",
        "The words ask whether it has come about by now.",
        weight=4,
    ),
    _by_construction(
        "more than another",
        r"\b(?:does|do) (?!an?\b|the (?:human|average)|most\b)(?:[\w.'&-]+ ){1,6}?(?:have|earn|make|sell|produce|spend|own|cost|get|use|export|employ|pay|score)s? (?P<word>(?:more|fewer|less|an? (?:higher|lower|larger|bigger|better)))\b(?! (?:legs|arms|bones|teeth|moons|mass|lakes|islands|coastline|letters|strings|keys|calories|time zones)).{1,60}\bthan\b"
        r"|\b(?:who|which(?: [\w'-]+){0,2}) (?:has|have|gets|earns|makes|sells|owns|pays|produces|leads|uses) (?P<which>more|fewer|less|the (?:higher|lower|larger|bigger|better|greater))\b(?! (?:legs|arms|bones|teeth|moons|sides|protons|electrons|letters|mass|strings|keys|calories|eyes|wings))"
        r"|\b(?P<worth>worth (?:more|less)(?! than an?\b)|(?:more|less) (?:valuable|popular|populous|expensive|successful|profitable)|richer|wealthier|(?:higher|lower|better)[ -](?:ranked|paid|rated)|ranked (?:higher|lower|above|below)|ahead of|outsells?|outearns?)\b"
        r"|\bare there (?:now )?(?P<there>more|fewer) (?!bones|stars|atoms|cells|teeth|letters|legs|muscles|grains|trees)",
        "Which is ahead may change.",
    ),
    _by_construction(
        "what a firm or state does",
        r"^(?:does|do|can|is) (?!an?\b|the word|it\b|light\b|water\b)(?:[\w.'&-]+ ){1,6}?(?P<word>sell|offer|ship|recogni[sz]e|accept|charge|sponsor|employ|own|ban|deliver to|fly to|use the (?:euro|dollar|pound)|have (?:a|an|any) (?:store|office|hub|app|monarch|king|queen|president|prime minister|visa|nuclear|death penalty|deal|contract|injury|girlfriend|boyfriend|wife|husband|job|show|podcast|team|franchise))\b",
        "Who does or offers what may change.",
    ),
    _by_construction(
        "progress of a work",
        r"\b(?P<word>how far along|(?:what|which) (?:stage|phase) (?:is|are)|how (?:complete|advanced|far advanced) (?:is|are))\b(?! an? )",
        "The words ask how far something has come.",
    ),
    _by_construction(
        "lead in a contest",
        r"\b(?:who|which|what)\b.{0,60}?\b(?P<word>(?:leads?|tops?|trails?|heads?) the (?:[\w'-]+ ){0,3}?(?:championship|league|table|standings|polls?|race|charts?|scoring|rankings?|classification|division|conference|pack|field|leaderboard))\b",
        "The lead changes hands.",
    ),
    _by_construction(
        "force of nature at work",
        r"\b(?:which|what|where|is|are)\b.{0,60}?\b(?P<word>(?:is|are) (?:erupting|burning|flooding|melting fastest|raging|spreading|in bloom)|erupting|in bloom)\b(?! (?:because|when|at \d))",
        "It will be over, or elsewhere, another day.",
    ),
    _by_construction(
        "level of a price",
        r"\b(?:do|does|is|are|has|have)\b.{1,40}?\b(?P<word>(?:trade|trading|priced|valued|hover|hovering) (?:above|below|over|under|at|near|around))\b",
        "Prices, sizes and rates move.",
    ),
    _by_construction(
        "share of those there are",
        r"\bwhat (?:percentage|percent|share|proportion|fraction) of (?:the |all |new )?(?:[\w'-]+ ){0,3}?(?P<word>cars|vehicles|households|people|adults|voters|homes|students|workers|women|men|teenagers|population|smartphones|websites|energy|electricity|power|sales|users|emissions|exports|gdp|workforce|citizens|residents|companies)\b.{0,40}?\b(?:is|are|do|does|use|uses|own|live|work|have|has|come|comes|speak|support)\b",
        "Shares change from year to year.",
        weight=2,
    ),
)
"""Each asks, by its construction, how things stand."""
