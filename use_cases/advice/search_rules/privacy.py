"""Data in a question that must not leave for a search engine: a small, documented set of patterns.

Found are e-mail addresses, payment card numbers (with a valid check digit), bank accounts (IBAN),
US social security numbers, phone numbers, and keys: of Candor, of well-known providers, tokens,
private keys, and whatever follows `password:`. Names and postal addresses are not: no pattern tells
them from a public person's. What was found is never repeated, only its kind. Linear in the text.
"""

import re

from use_cases.advice.search_rules.verdict import FiredRule

_PATTERNS = (
    ("e-mail address", re.compile(r"(?<=[\w.+-])@(?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,}")),
    (
        "key",
        re.compile(
            r"\b(?:sk|pk|rk)[-_][\w-]{16,}|\bcndr_\w{6,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}"
            r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bxox[abprs]-[\w-]{10,}|\bxai-\w{20,}|\bhf_\w{20,}"
            r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}|-----BEGIN [A-Z ]{0,20}PRIVATE KEY"
        ),
    ),
    (
        "password",
        re.compile(
            r"\b(?:password|passwort|passphrase|api[ _-]?key|secret|token) ?(?:is ?)?[:=] ?\S{6,}",
            re.IGNORECASE,
        ),
    ),
    ("social security number", re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")),
    (
        "phone number",
        re.compile(
            r"(?<![\w+])(?:\+\d{1,3}(?:[ ().-]{0,2}\d){7,12}|\(\d{3}\) ?\d{3}[ -]\d{4}"
            r"|\d{3}[-. ]\d{3}[-. ]\d{4}|0\d(?:[ .-]\d{2}){4})(?!\d)"
        ),
    ),
)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b")
_IBAN_IN_ONE = re.compile(r"\b[a-z]{2}\d{2}[a-z\d]{11,30}\b", re.IGNORECASE)
_ACCOUNTS = (_IBAN, _IBAN_IN_ONE)
_LETTERS = {chr(ord("A") + i): str(10 + i) for i in range(26)}


def private_data(query: str) -> tuple[FiredRule, ...]:
    """Returns one fired rule for each kind of private data in the query; `matched` names the kind only."""
    kinds = [kind for kind, pattern in _PATTERNS if pattern.search(query)]
    if any(_has_check_digit(found[0]) for found in _CARD.finditer(query)):
        kinds.append("payment card number")
    if any(_is_account(found[0]) for form in _ACCOUNTS for found in form.finditer(query)):
        kinds.append("bank account")
    reason = "Private data are not sent to a search engine."
    return tuple(FiredRule("private data", kind, reason) for kind in kinds)


def _has_check_digit(number: str) -> bool:
    """Checks Luhn's sum, which a date or an order number meets once in ten."""
    digits = [int(digit) for digit in reversed(number) if digit.isascii() and digit.isdigit()]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return any(digits) and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_account(number: str) -> bool:
    """Checks ISO 7064: the account, its country at the end and letters as numbers, is 1 modulo 97."""
    bare = number.replace(" ", "").upper()
    digits = "".join(_LETTERS.get(sign, sign) for sign in bare[4:] + bare[:4])
    return digits.isascii() and digits.isdigit() and int(digits) % 97 == 1
