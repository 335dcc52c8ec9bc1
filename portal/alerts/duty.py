"""The duty to report: an alert's age against the term of whoever sends it (DL 1297 art. 17; R 23).

The kind of the sending institution gives the term, with its norm, from the catalogue; where none is
set for it, it reports at once. It is counted from when the sender knew of it, where that was said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from flask_babel import format_timedelta
from sqlmodel import Session, col

from portal import clock
from portal.actor import AgencyKind
from portal.agencies.models import Agency
from portal.alerts.models import Sign
from portal.deadlines import DeadlineRule, Due, Unit, due, rules
from portal.deadlines.labels import length_of
from portal.deadlines.queries import as_decided, calendar_for, list_readings
from portal.texts import _, _n, day_text

AT_ONCE = "DL 1297 art. 17; R 23.1"
TERMS = {
    AgencyKind.EDUCATION: "core.report.school",
    AgencyKind.HEALTH: "core.report.health",
    AgencyKind.DEMUNA: "core.report.demuna",
    AgencyKind.PROSECUTOR: "core.report.prosecutor",
}
STREET, STREET_PROGRAMMES = "core.report.street", (AgencyKind.SOCIAL_PROGRAMME, AgencyKind.INABIF)
CUSTODY, CUSTODIANS = "core.report.custody", (AgencyKind.PRISON, AgencyKind.JUVENILE_JUSTICE)
MALTREATMENT = frozenset({Sign.INJURIES.value, Sign.SEXUAL_VIOLENCE.value})


class Sent(Protocol):
    """What the count needs of an alert: the alert itself, or its row in a list."""

    @property
    def id(self) -> UUID: ...
    @property
    def sender_id(self) -> UUID: ...
    @property
    def learned_at(self) -> datetime | None: ...
    @property
    def sent_at(self) -> datetime | None: ...
    @property
    def signs(self) -> Collection[str]: ...
    @property
    def is_here(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Duty:
    """When the sender knew, when it reported, and its term: the rule and its end, or at once."""

    learned_at: datetime
    reported_at: datetime
    rule: DeadlineRule | None = None
    due: Due | None = None

    @property
    def is_late(self) -> bool:
        """Tell whether it was reported after its term; what is owed at once has no day to miss."""
        return self.due is not None and self.reported_at > self.due.at

    @property
    def source(self) -> str:
        """Return the norm that gives the term."""
        return self.rule.source if self.rule else AT_ONCE

    @property
    def said(self) -> str:
        """Return how old it was against its term, in words: within it, or late by how much."""
        if self.due is None or self.rule is None:
            took = format_timedelta(self.reported_at - self.learned_at)
            return _("reported %(time)s after it was known; it is owed at once", time=took)
        if not self.is_late:
            return _("reported within its term, until %(end)s", end=self.end)
        if self.rule.unit is Unit.HOURS:
            over = format_timedelta(self.reported_at - self.due.at)
            return _("reported %(time)s late; its term ended %(end)s", time=over, end=self.end)
        days = (clock.local(self.reported_at).date() - self.due.day).days
        return _n(
            "reported %(num)s day late; its term ended %(end)s",
            "reported %(num)s days late; its term ended %(end)s",
            days,
            end=self.end,
        )

    @property
    def end(self) -> str:
        """Return the end of the term in words: its day, with the hour where it runs in hours."""
        if self.due is None or self.rule is None:
            return ""
        hour = f" {clock.local(self.due.at):%H:%M}" if self.rule.unit is Unit.HOURS else ""
        return f"{day_text(self.due.day)}{hour}"

    @property
    def explanation(self) -> str:
        """Return the term in words, its norm and how it was counted."""
        if self.due is None or self.rule is None:
            return _(
                "Whoever knows of a child in danger reports it at once (%(norm)s).", norm=AT_ONCE
            )
        told = _(
            "%(title)s: %(length)s (%(norm)s). %(steps)s",
            title=self.rule.title,
            length=length_of(self.rule),
            norm=self.rule.source,
            steps=self.due.explanation,
        )
        return f"{told}. {self.rule.doubt}" if self.rule.doubt else told


def term_of(kind: AgencyKind, signs: Collection[str], *, is_here: bool) -> str:
    """Return the code of the term for an alert of a kind of agency; empty where it owes it at once.

    Programmes for children in the street owe it of those (R 23.7); prisons and youth centres the
    maltreatment of a child who lives in them (R 23.4).
    """
    if kind in STREET_PROGRAMMES and Sign.STREET.value in signs:
        return STREET
    if kind in CUSTODIANS and is_here and not MALTREATMENT.isdisjoint(signs):
        return CUSTODY
    return TERMS.get(kind, "")


def duties(session: Session, alerts: Sequence[Sent]) -> Mapping[UUID, Duty]:
    """Return the duty of each alert whose sender said when it knew, in three queries at most."""
    said = [alert for alert in alerts if alert.learned_at is not None]
    if not said:
        return {}
    ids = {alert.sender_id for alert in said}
    senders = session.scalars(sa.select(Agency).where(col(Agency.id).in_(ids)))
    agencies = {agency.id: agency for agency in senders}
    readings = list_readings(session)
    found = {}
    for alert in said:
        learned, agency = alert.learned_at, agencies[alert.sender_id]
        if learned is None:
            continue
        reported = alert.sent_at or clock.now()
        code = term_of(agency.kind, alert.signs, is_here=alert.is_here)
        if not code:
            found[alert.id] = Duty(learned, reported)
            continue
        rule = as_decided(rules.get(code, clock.local(learned).date()), readings.get(code))
        ends = due(rule, learned, calendar_for(session, agency, rule))
        found[alert.id] = Duty(learned, reported, rule, ends)
    return found
