"""Legal terms as data, and the register in which the core and the modules enter theirs."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from portal import clock
from portal.actor import AgencyKind
from portal.errors import NotFound
from portal.texts import _l


class Unit(StrEnum):
    """How a term is counted.

    Hours run on the clock; business days leave out what the calendar leaves out (TUO 134.1);
    calendar days only where the law says so (TUO 139); months go from date to date (TUO 134.3).
    """

    HOURS = "hours"
    BUSINESS_DAYS = "business_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class CalendarKind(StrEnum):
    """Whose calendar counts: the administration's, or the Judiciary's own."""

    ADMINISTRATIVE = "administrative"
    JUDICIARY = "judiciary"


class Need(StrEnum):
    """What must be entered before an extension is granted."""

    REASON = "reason"
    RESOLUTION = "resolution"
    DECREE = "decree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """A longer term that the law allows: its whole length, when, on what article, with what."""

    length: int
    unit: Unit
    when: Any
    source: str
    needs: tuple[Need, ...] = (Need.REASON,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a term that the law leaves open."""

    length: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRule:
    """A legal term: how long, from what, counted how, what is owed, by whom, on what article.

    `code` is `core.…`, or `<slug>.…` for a module's rule. `owed_by` are the kinds of agency that
    owe the act; empty where the family or anyone does. `warn_length` is the shorter term of a law
    that contradicts itself: it warns, the longer one expires. `doubt` says what is not confirmed;
    an instance may then choose another of the `readings`. A rule of an amended law stays, with its
    dates, for the terms that began under it: `valid_until` is the first day on which it no longer
    holds.
    """

    code: str
    title: Any
    starts_on: Any
    length: int
    unit: Unit
    act_owed: Any
    source: str
    calendar: CalendarKind = CalendarKind.ADMINISTRATIVE
    owed_by: frozenset[AgencyKind] = frozenset()
    extensions: tuple[Extension, ...] = ()
    warn_length: int | None = None
    doubt: Any = ""
    readings: tuple[Reading, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None

    def extended(self, extension: Extension) -> "DeadlineRule":
        """Return this rule with the whole length of an extension that was granted."""
        return replace(
            self,
            length=extension.length,
            unit=extension.unit,
            source=f"{self.source}; {extension.source}",
            warn_length=None,
        )

    def read_as(self, reading: Reading) -> "DeadlineRule":
        """Return this rule as an instance reads it."""
        return replace(self, length=reading.length, unit=reading.unit)

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the rule is in force on a day."""
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_until is None or day < self.valid_until)


_register: dict[str, list[DeadlineRule]] = {}


def register(*rules: DeadlineRule) -> None:
    """Enter rules; one of the same code and first day replaces, so that loading twice is harmless.

    Several versions of a code, with dates that do not overlap, tell an amended law.
    """
    for rule in rules:
        others = [
            each for each in _register.get(rule.code, ()) if each.valid_from != rule.valid_from
        ]
        _register[rule.code] = [*others, rule]


def get(code: str, on: date | None = None) -> DeadlineRule:
    """Return the rule of a code in force on a day (today); raises NotFound."""
    day = on or clock.today()
    for rule in _register.get(code, ()):
        if rule.is_valid_on(day):
            return rule
    raise NotFound(_l("There is no legal term “%(code)s” on that day.", code=code))


def known(code: str, on: date | None = None) -> DeadlineRule:
    """Return a rule for showing a term that runs: the version of that day, else the newest.

    Never raises: where the module that brought the rule is gone, its terms still stand on the case,
    under their code.
    """
    day = on or clock.today()
    versions = _register.get(code, ())
    return next(
        (rule for rule in versions if rule.is_valid_on(day)),
        max(versions, key=lambda each: each.valid_from or date.min, default=_missing(code)),
    )


def _missing(code: str) -> DeadlineRule:
    return DeadlineRule(
        code=code,
        title=_l("Term of a module that is not loaded (%(code)s)", code=code),
        starts_on="",
        length=0,
        unit=Unit.CALENDAR_DAYS,
        act_owed="",
        source="",
    )


def list_rules() -> list[DeadlineRule]:
    """Return every rule in the order of entry, that of the procedure; newest versions first."""
    return [
        rule
        for versions in _register.values()
        for rule in sorted(versions, key=lambda each: each.valid_from or date.min, reverse=True)
    ]
