"""Decisions of retention without a database: which rule holds, when a record's term has passed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.actor import AgencyKind
from portal.retention.models import CountedFrom, RecordKind, RetentionRule

MAJORITY_YEARS = 18


@dataclass(frozen=True, slots=True)
class Due:
    """The first day on which a record may be erased, and the rule that says so."""

    on: date
    rule: RetentionRule


@dataclass(frozen=True, slots=True)
class Birth:
    """What is known of a child's birth: the date, or an age estimated on a day."""

    born_on: date | None = None
    estimated_age: int | None = None
    estimated_on: date | None = None

    def comes_of_age(self) -> date | None:
        """Return the day of majority, the latest possible where the age was estimated."""
        if self.born_on is not None:
            return plus_years(self.born_on, MAJORITY_YEARS)
        if self.estimated_age is None or self.estimated_on is None:
            return None
        return plus_years(self.estimated_on, MAJORITY_YEARS - self.estimated_age)


def plus_years(day: date, years: int) -> date:
    """Return the same day so many years on; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def applying(
    rules: Iterable[RetentionRule],
    record: RecordKind,
    agency_id: UUID,
    kind: AgencyKind | None,
) -> list[RetentionRule]:
    """Return the rules that hold for an agency's records: the narrowest scope that has any."""
    mine = [rule for rule in rules if rule.record is record and rule.withdrawn_at is None]
    return (
        [rule for rule in mine if rule.agency_id == agency_id]
        or [
            rule for rule in mine if rule.agency_id is None and rule.agency_kind is kind is not None
        ]
        or [rule for rule in mine if rule.agency_id is None and rule.agency_kind is None]
    )


def due(rules: Sequence[RetentionRule], closed_on: date, births: Sequence[Birth]) -> Due | None:
    """Return from when a record may be erased: by the rule that keeps it longest.

    None without a rule, and where a rule counts from majority and the age of a child is not known.
    """
    days = [(_day(rule, closed_on, births), rule) for rule in rules]
    known = [Due(day, rule) for day, rule in days if day is not None]
    if not days or len(known) < len(days):
        return None
    return max(known, key=lambda each: each.on)


def _day(rule: RetentionRule, closed_on: date, births: Sequence[Birth]) -> date | None:
    if rule.counted_from is CountedFrom.CLOSING:
        return plus_years(closed_on, rule.years)
    adults = [birth.comes_of_age() for birth in births]
    of_age = [day for day in adults if day is not None]
    if not adults or len(of_age) < len(adults):
        return None
    # A case that closes after its youngest child came of age is kept its years from then.
    return plus_years(max(*of_age, closed_on), rule.years)
