"""Dates as inputs write them, to ISO 8601, never more precise than the input."""

from __future__ import annotations

import re

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)

_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_NAMED = rf"(?P<name>{MONTH})\b\.?"
_SEPARATOR = r"(?:,\s*|\s+)"
# 04/05/2024 is left out on purpose: nobody can tell its day from its month.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"^(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?(?:\.0+)?(?=$|[T\s])",
        r"^--(?P<month>\d{2})(?:-(?P<day>\d{2}))?$",
        rf"^(?:[a-z]{{3,9}},\s*)?{_DAY}\s+{_NAMED}(?:{_SEPARATOR}(?P<year>\d{{4}}))?\b",
        rf"^{_NAMED}\s+{_DAY}(?:{_SEPARATOR}(?P<year>\d{{4}}))?\b",
        rf"^{_NAMED}{_SEPARATOR}(?P<year>\d{{4}})\b",
    )
)


def iso_date(text: str) -> str | None:
    """The date at the start of `text` in ISO 8601: `2024-04-25`, `2024-04`, `2024`, `--04-25` without a year.

    A time of day is dropped. None where no date is recognised or where it cannot exist (month 13).
    """
    for form in _FORMS:
        if match := form.search(text.strip()):
            return _iso(match.groupdict())
    return None


def _iso(part: dict[str, str | None]) -> str | None:
    name = part.get("name")
    month = MONTHS.index(name[:3].lower()) + 1 if name else int(part.get("month") or 0)
    day = int(part.get("day") or 0)
    year = part.get("year")
    if month > 12 or day > 31 or (day and not month):
        return None
    numbers = "".join(f"-{number:02d}" for number in (month, day) if number)
    return (year or "-") + numbers
