"""What a place of care says elsewhere: lines of the home page, reasons against a transition."""

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.sdk import (
    Actor,
    HomeGroup,
    HomeItem,
    Objection,
    Tone,
    _,
    _n,
    clock,
    list_residents,
    rows,
    settings_of,
    visible_case_ids,
)
from portal_shelter import queries
from portal_shelter.inputs import Settings
from portal_shelter.models import Bed, OverCapacity, Place, Stay
from portal_shelter.terms import STAY


def home(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the stays and the decisions beyond capacity that end soon, soonest first.

    A stay whose case the actor sees is left out: its term stands among the core's lines already.
    """
    if not actor.may("shelter.census.read"):
        return []
    settings = settings_of(session, "shelter", actor.agency_id)
    days = settings.warn_days if isinstance(settings, Settings) else Settings().warn_days
    until = clock.today() + timedelta(days=days)
    found = [*_stays(session, actor, until), *_decisions(session, actor, until)]
    return sorted(found, key=lambda item: str(item.when))[:limit]


def _stays(session: Session, actor: Actor, until: date) -> list[HomeItem]:
    statement = (
        sa.select(Stay, col(Bed.label))
        .join(Bed, col(Bed.id) == col(Stay.bed_id))
        .join(Place, col(Place.id) == col(Stay.place_id))
        .where(
            col(Place.agency_id) == actor.agency_id,
            col(Stay.left_at).is_(None),
            col(Stay.expected_on) <= until,
            col(Stay.case_id).not_in(visible_case_ids(actor)),
        )
        .order_by(col(Stay.expected_on))
    )
    ending = rows(session, statement)
    residents = list_residents(session, actor) if ending else {}
    return [
        HomeItem(
            when=stay.expected_on,
            tone=_tone(stay.expected_on),
            title=_("%(name)s, bed %(bed)s", name=residents[stay.person_id].label, bed=label),
            note=_(
                "Business day %(day)s of %(length)s in care (%(source)s)",
                day=min(queries.day_of(stay.counted, stay.expected_on), STAY.length),
                length=STAY.length,
                source=STAY.source,
            ),
            url=f"/p/shelter/stays/{stay.id}",
            action_label=_("See the stay"),
            group=HomeGroup.CARE,
        )
        for stay, label in ending
        if stay.person_id in residents
    ]


def _decisions(session: Session, actor: Actor, until: date) -> list[HomeItem]:
    if not actor.may("shelter.capacity.decide"):
        return []
    statement = (
        sa.select(OverCapacity, col(Bed.label))
        .join(Bed, col(Bed.decision_id) == col(OverCapacity.id))
        .join(Place, col(Place.id) == col(OverCapacity.place_id))
        .join(
            Stay,
            sa.and_(col(Stay.bed_id) == col(Bed.id), col(Stay.left_at).is_(None)),
            isouter=True,
        )
        .where(
            queries.still_there(),
            col(Place.agency_id) == actor.agency_id,
            col(OverCapacity.ended_at).is_(None),
            col(OverCapacity.until) <= until,
            col(OverCapacity.case_id).in_(visible_case_ids(actor)),
        )
        .order_by(col(OverCapacity.until))
    )
    return [
        HomeItem(
            when=decision.until,
            tone=_tone(decision.until),
            title=_("Temporary place %(bed)s: the decision beyond capacity ends", bed=label),
            url="/p/shelter/",
            action_label=_("See the census"),
            group=HomeGroup.CARE,
        )
        for decision, label in rows(session, statement)
    ]


def _tone(day: date | None) -> Tone:
    if day is None or day > clock.today() + timedelta(days=1):
        return Tone.IN_TIME
    return Tone.OVERDUE if day < clock.today() else Tone.DUE_SOON


def against_switching_off(session: Session, actor: Actor, agency_id: UUID) -> list[Objection]:
    """Return how many children stay at an agency's place, and where the shift's sheet is."""
    count = queries.count_staying(session, agency_id=agency_id)
    if not count:
        return []
    place = queries.find_place(session, agency_id)
    text = _n(
        "%(num)s child stays here. Discharge, or print the census for the shift first",
        "%(num)s children stay here. Discharge, or print the census for the shift first",
        count,
    )
    reads = actor.agency_id == agency_id and actor.may("shelter.census.read")
    where = "/p/shelter/print" if reads else place.name if place else ""
    return [Objection(text=text, where=where)]


def against_closing(session: Session, actor: Actor, case_id: UUID) -> list[Objection]:
    """Return how many children of a case stay in care, naming neither them nor the place."""
    count = len(queries.staying(session, case_id))
    if not count:
        return []
    text = _n(
        "%(num)s child of the case is in a place of care: discharge first",
        "%(num)s children of the case are in a place of care: discharge first",
        count,
    )
    own = actor.agency_id is not None and queries.count_staying(
        session, case_id=case_id, agency_id=actor.agency_id
    )
    return [Objection(text=text, where="/p/shelter/" if own else "")]
