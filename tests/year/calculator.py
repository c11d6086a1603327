"""Which reminders a year asks for: counted here by hand and by other means than the bot's, from the rules as written.

It shares nothing with the bot: the bank holidays were typed from gov.uk, the steps from the documents, and days are
counted on a list of working days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, timedelta

BANK_HOLIDAYS = {
    date(2026, 8, 31), date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1), date(2027, 3, 26),
    date(2027, 3, 29), date(2027, 5, 3), date(2027, 5, 31), date(2027, 8, 30), date(2027, 12, 27), date(2027, 12, 28),
}  # fmt: skip
_FIRST = date(2026, 6, 1)
_DAYS = [_FIRST + timedelta(days=number) for number in range(700)]
WORKING = [day for day in _DAYS if day.isoweekday() <= 5 and day not in BANK_HOLIDAYS]


def working_days(day: date, number: int) -> date:
    """Return the working day that lies so many before (negative) or after a day; 0 is the day or the last before it."""
    if number > 0:
        return WORKING[bisect_right(WORKING, day) + number - 1]
    if number < 0:
        return WORKING[bisect_left(WORKING, day) + number]
    return WORKING[bisect_right(WORKING, day) - 1]


def days(day: date, number: int) -> date:
    """Return the day that lies so many days before or after one, or the last working day before it."""
    return WORKING[bisect_right(WORKING, day + timedelta(days=number)) - 1]
