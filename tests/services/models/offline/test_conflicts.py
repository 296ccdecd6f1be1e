"""When two documents of one standing disagree on what is asked, and when they speak of two things."""

import pytest

from services.models.offline.extractive_answer import compose
from tests.fakes.search import passage
from tests.services.models.offline.making import entry, findings, quote_title
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.citations.verification import sources
from use_cases.kernel.model import Passage

Side = tuple[str, str, str]
Case = tuple[str, Side, Side]
"""A question, and title, heading and text of two documents."""

CONFLICTS: tuple[Case, ...] = (
    (
        "How thick must the concrete pad under the tank be?",
        (
            "Site preparation guide",
            "Floor",
            "The concrete pad under the tank must be at least 150 mm thick.",
        ),
        (
            "Installer handbook",
            "Floor",
            "The concrete pad under the tank must be at least 180 mm thick.",
        ),
    ),
    (
        "How often must passwords be rotated?",
        ("Security policy", "Passwords", "Passwords must be rotated every 90 days."),
        ("Onboarding guide", "First week", "Passwords must be rotated every 60 days."),
    ),
    (
        "How often are backups made?",
        ("Operations", "Backups", "Backups are made daily."),
        ("Recovery plan", "Backups", "Backups are made weekly."),
    ),
    (
        "Is smoking allowed in the vans?",
        ("Vehicle policy", "Smoking", "Smoking is allowed in the vans."),
        ("Fleet rules", "Smoking", "Smoking is not allowed in the vans."),
    ),
    (
        "When is the tax return due?",
        ("Finance calendar", "", "The tax return is due on 31 March."),
        ("Accounting", "Dates", "The tax return is due on 30 April."),
    ),
    (
        "When does the help desk open?",
        ("IT", "Help desk", "The help desk opens at 8:00."),
        ("Welcome", "Help desk", "The help desk opens at 9:30."),
    ),
    (
        "How long are the camera pictures kept?",
        ("Data retention", "Cameras", "Pictures of the gatehouse camera are kept for 14 days."),
        ("Works agreement", "Cameras", "Pictures of the gatehouse camera are kept for 4 weeks."),
    ),
    (
        "How much is the meal allowance?",
        ("Travel expenses", "Meals", "The meal allowance is EUR 41 a day."),
        ("Employee handbook", "Travel", "The meal allowance is EUR 36 a day."),
    ),
    (
        "How many days of notice must a tenant give?",
        ("Lease", "Notice", "A tenant must give 30 days of notice."),
        ("House rules", "Leaving", "A tenant must give 60 days of notice."),
    ),
    (
        "On which day is the waste collected?",
        ("Office guide", "Waste", "The waste is collected on Tuesday."),
        ("Facilities", "Waste", "The waste is collected on Thursdays."),
    ),
    (
        "May visitors take photographs in the hall?",
        ("Visitors", "Hall", "Visitors may take photographs in the hall."),
        ("Safety rules", "Visitors", "Visitors must not take photographs in the hall."),
    ),
    (
        "Is a second signature required for a payment?",
        ("Payments", "", "A second signature is required for a payment."),
        ("Accounting", "Payments", "A second signature is not required for a payment."),
    ),
    (
        "What is the torque for the wheel bolts?",
        ("Workshop manual", "Wheels", "Tighten the wheel bolts with 110 Nm."),
        ("Service sheet", "Wheels", "Tighten the wheel bolts with 140 Nm."),
    ),
    (
        "What is the deposit for a key?",
        ("Reception", "Keys", "The deposit for a key is $20."),
        ("Tenants", "Keys", "The deposit for a key is $50."),
    ),
    (
        "How many parking spaces are there?",
        ("Site plan", "Parking", "The site has 40 parking spaces for cars."),
        ("Visitor guide", "Arrival", "The site has 52 parking spaces for cars."),
    ),
    (
        "How quickly must a leave request be answered?",
        ("Leave", "Requests", "Requests must be answered within 3 days."),
        ("Leave for managers", "Requests", "Leave requests must be answered within 10 days."),
    ),
    (
        "What is the late fee?",
        ("Terms", "Payment", "The late fee is 2 per cent a month."),
        ("Invoices", "Payment", "The late fee is 5% a month."),
    ),
    (
        "When was the association founded?",
        ("History", "", "The association was founded in 1952."),
        ("Statutes", "", "The association was founded in 1954."),
    ),
    (
        "How warm may the vaccine fridge become?",
        ("Pharmacy", "Cold chain", "The vaccine fridge may become at most 8 degrees warm."),
        ("Clinic handbook", "Cold chain", "The vaccine fridge may become at most 6 degrees warm."),
    ),
    (
        "How long is the probation period?",
        ("Contracts", "Probation", "The probation period lasts six months."),
        ("HR guide", "Probation", "The probation period lasts 3 months."),
    ),
    (
        "When must the grant report be submitted?",
        ("Grants", "Report", "The grant report must be submitted by 2026-06-30."),
        ("Calendar", "June", "The grant report must be submitted by 15 June 2026."),
    ),
    (
        "Are dogs allowed in the office?",
        ("Office rules", "Animals", "Dogs are allowed in the office."),
        ("Lease", "Animals", "Dogs are forbidden in the office."),
    ),
    (
        "How many litres does the fire pond hold?",
        ("Fire plan", "", "The fire pond holds 90,000 litres of water."),
        ("Site data", "Water", "The fire pond holds 120,000 litres of water."),
    ),
    (
        "Up to what amount may a team leader approve purchases?",
        ("Purchasing", "", "A team leader may approve purchases of up to EUR 500."),
        ("Roles", "Team leader", "A team leader may approve purchases up to EUR 1,000."),
    ),
    (
        "How far apart must the shelves stand?",
        ("Warehouse", "Shelves", "The shelves must stand at least 1.2 m apart."),
        ("Fire safety", "Warehouse", "The shelves must stand at least 90 cm apart."),
    ),
    (
        "until when can I cancel a course",
        ("Courses", "Cancelling", "You can cancel a course until 14 days before it begins."),
        ("Booking", "Cancelling", "You can cancel a course until 7 days before it begins."),
    ),
    (
        "Is the fire door to be locked at night?",
        ("Security", "Night", "The fire door must be locked at night."),
        ("Fire plan", "Doors", "The fire door must not be locked at night."),
    ),
    (
        "What is the maximum speed of the conveyor belt?",
        ("Plant", "Conveyor", "The maximum speed of the conveyor belt is 2 m a second."),
        ("Safety", "Conveyor", "The maximum speed of the conveyor belt is 3 m a second."),
    ),
    (
        "How many people may ride in the goods lift?",
        ("Lifts", "", "Four people may ride in the goods lift."),
        ("Warehouse", "Lift", "Two people may ride in the goods lift."),
    ),
    (
        "When is the pool closed?",
        ("Pool", "", "The pool is closed on Mondays."),
        ("Sports", "Pool", "The pool is closed on Wednesdays."),
    ),
    (
        "Does the warranty cover the compressor?",
        ("Warranty", "", "The warranty covers the compressor."),
        ("Sales sheet", "Warranty", "The warranty does not cover the compressor."),
    ),
    (
        "Do I have to wear a helmet in the yard?",
        ("Yard", "", "A helmet is mandatory in the yard."),
        ("Visitors", "Yard", "A helmet is optional in the yard."),
    ),
)

LOOKALIKES: tuple[Case, ...] = (
    (
        "How quickly must a leave request be answered?",
        ("Leave", "Requests", "Leave requests must be answered within 3 days."),
        ("Expenses", "Requests", "Expense requests must be answered within 10 days."),
    ),
    (
        "How quickly must a leave request be answered?",
        ("Leave", "Requests", "Requests must be answered within 3 days."),
        ("Expenses", "Requests", "Requests must be answered within 10 days."),
    ),
    (
        "How often must passwords be rotated?",
        ("Security", "Staff", "Passwords must be rotated every 90 days."),
        ("Access", "Guests", "Passwords must be rotated every 30 days."),
    ),
    (
        "How often must passwords be rotated?",
        ("Security", "", "Passwords must be rotated every 90 days."),
        ("Servers", "", "Passwords of service accounts must be rotated every 30 days."),
    ),
    (
        "At what level is the alarm a warning?",
        ("Disk", "", "The alarm is a warning at 70% of the disk and critical at 90%."),
        ("Inodes", "", "The alarm is a warning at 5% of the inodes and critical at 3%."),
    ),
    (
        "How many seats does the New York office have?",
        ("New York", "Office", "The office has 12 seats and a kitchen."),
        ("San Francisco", "Office", "The office has 40 seats and a kitchen."),
    ),
    (
        "How long may a password be?",
        ("Security", "", "A password must have at least 14 characters."),
        ("Systems", "", "A password must have at most 64 characters."),
    ),
    (
        "How long is a certificate valid?",
        ("Certificates", "", "A certificate is valid for 3 months."),
        ("Renewal", "", "A certificate is valid for 90 days."),
    ),
    (
        "When must the form be sent?",
        ("Travel", "", "Send the form 3 days before the journey."),
        ("Expenses", "", "Send the form 10 days after the journey."),
    ),
    (
        "Which fuse does the SK-600 need?",
        ("Sales", "", "The SK-600 needs a fuse of 16 A."),
        ("Works", "", "The SK-1200 needs a fuse of 25 A."),
    ),
    (
        "Who signs form 5?",
        ("Forms", "", "Form 5 is signed by the works manager."),
        ("Forms of finance", "", "Form 7 is signed by the works manager."),
    ),
    (
        "Who approves a purchase?",
        ("Purchasing", "", "The manager approves a purchase over EUR 500."),
        ("Finance", "", "The manager approves a purchase over EUR 5,000."),
    ),
    (
        "How fast may a van drive on a motorway?",
        ("Fleet", "", "Vans may drive at 115 km/h on a motorway."),
        ("Yard", "", "Vans may drive at 10 km/h in the yard."),
    ),
    (
        "May contractors use the canteen?",
        ("Canteen", "", "Employees may use the canteen."),
        ("Site", "", "Contractors may not use the canteen."),
    ),
    (
        "When does the depot open on Friday?",
        ("North depot", "", "On Friday the depot opens at 8:00."),
        ("South depot", "", "On Saturday the depot opens at 9:00."),
    ),
    (
        "How much is the allowance?",
        ("Rules", "", "In 2025 the allowance is EUR 30."),
        ("News", "", "In 2026 the allowance is EUR 41."),
    ),
    (
        "How much does parking cost?",
        ("Town", "", "Parking costs EUR 2 an hour."),
        ("Airport", "", "Parking costs EUR 12 a day."),
    ),
    (
        "How long does a transfer take?",
        ("Banks", "", "A transfer from Norway to Spain takes 3 days."),
        ("Finance", "", "A transfer from Spain to Norway takes 5 days."),
    ),
    (
        "How many days of leave do I get?",
        ("Leave", "", "Employees get 27 days of paid leave."),
        ("Interns", "", "Interns get 12 days of paid leave."),
    ),
    (
        "Is smoking allowed?",
        ("Office", "", "Smoking is not allowed in the office."),
        ("Garden", "", "Smoking is allowed in the garden."),
    ),
    (
        "What does the outside aerial cost?",
        ("Prices", "", "The outside aerial costs EUR 84."),
        ("Service", "", "The outside aerial costs EUR 84 and is fitted in 2 hours."),
    ),
    (
        "How long must the room be aired?",
        ("Propane", "", "The room must be aired for 10 minutes."),
        ("Painting", "", "The room must be aired for 10 minutes before 18:00."),
    ),
    (
        "When is the meeting?",
        ("Sales", "", "The meeting of the sales team is on Monday."),
        ("Works", "", "The meeting of the works team is on Tuesday."),
    ),
    (
        "How many employees has the company?",
        ("About", "", "The company has 85 employees."),
        ("History", "", "The company had 85 employees and 3 depots."),
    ),
    (
        "What is to be done within a day?",
        ("Faults", "", "Level 2 faults are mended within 1 day."),
        ("Other faults", "", "Level 3 faults are mended within 5 days."),
    ),
    (
        "Where are the keys?",
        ("Reception", "", "The keys hang in the office, 2 m from the door."),
        ("Works", "", "The keys hang in the office, 5 m from the door."),
    ),
    (
        "Is a helmet required on the roof?",
        ("Roof", "", "A helmet is required on the roof."),
        ("Cellar", "", "A helmet is not required in the cellar."),
    ),
    (
        "How many characters must a password have at least?",
        ("Security", "", "A password must have at least 14 characters."),
        ("Guide", "", "A password has 16 characters."),
    ),
    (
        "How often is the boiler serviced?",
        ("Heating", "", "The boiler is serviced once a year."),
        ("Contract", "", "The boiler is serviced every 12 months."),
    ),
    (
        "What does the parental allowance amount to?",
        ("Benefits", "", "The meal allowance is EUR 41 a day."),
        ("Other benefits", "", "The meal allowance is EUR 36 a day."),
    ),
    (
        "How long do refunds for HEY take?",
        ("HEY", "Refunds", "Refunds are paid within 5 days after the request."),
        ("Basecamp", "Refunds", "Refunds are paid within 30 days after the request."),
    ),
    (
        "When must a manager decide on leave?",
        ("Leave", "", "The request must reach the manager 14 days before the leave."),
        ("Training", "", "The request must reach the manager 30 days before the course."),
    ),
    (
        "How many days may I work from home?",
        ("Remote work", "", "You may work from home 2 days a week."),
        ("Summer", "", "You may work from home 10 days a year."),
    ),
    (
        "How long is the guarantee on paint?",
        ("Paint", "", "The guarantee lasts 2 years."),
        ("Tyres", "", "The guarantee lasts 5 years."),
    ),
)


def documents(case: Case) -> list[Passage]:
    """The two documents, which are of one date and authority."""
    return [
        quote_title(passage(text, number=number, name=f"{number}.md", section=heading), title)
        for number, (title, heading, text) in enumerate((case[1], case[2]), 1)
    ]


def said(case: Case) -> str:
    return compose(findings(documents(case), question=case[0], gap=0.1))


def name(case: Case) -> str:
    return case[1][2]


@pytest.mark.parametrize("case", CONFLICTS, ids=name)
def test_different_values_of_what_is_asked_are_a_conflict(case: Case) -> None:
    assert said(case).startswith("[conflict] ")


@pytest.mark.parametrize("case", LOOKALIKES, ids=name)
def test_sentences_that_share_most_words_and_no_subject_are_none(case: Case) -> None:
    assert "[conflict]" not in said(case)


@pytest.mark.parametrize("case", CONFLICTS, ids=name)
def test_neither_side_of_a_conflict_is_a_weak_citation(case: Case) -> None:
    entries = {n: entry(found, n) for n, found in enumerate(documents(case), 1)}
    cited = sources(said(case).removeprefix("[conflict] "), entries, CitationPolicy())
    quotes = [quote for source in cited for quote in source.quotes]
    assert [(quote.support, quote.weak) for quote in quotes] == [(1.0, False)] * 2


FUSES = "| Model | Supply | Fuse |\n| --- | --- | --- |\n| SK-2500 | 400 V | 32 A (slow) |"


@pytest.mark.parametrize(
    ("question", "other", "conflict"),
    [
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (slow) |",
            True,
        ),
        (
            "Which supply for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-1200 | 40 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 32 A (slow) |",
            False,
        ),
        (
            "Which fuse for an SK-2500?",
            "| Model | Fuse |\n| --- | --- |\n| SK-2500 | 40 A (quick) |",
            False,
        ),
        ("Which fuse for an SK-2500?", "The SK-2500 needs a fuse of 40 A.", False),
    ],
    ids=["same column", "other column", "other row", "same value", "other words", "no table"],
)
def test_rows_of_one_thing_disagree_in_the_column_that_is_asked_for(
    question: str, other: str, *, conflict: bool
) -> None:
    case = (question, ("Sales", "", FUSES), ("Works", "", other))
    assert said(case).startswith("[conflict] ") is conflict
