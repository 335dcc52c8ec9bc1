"""The field sheet (ficha de campo): what is to be done, on paper, for where there is no line.

It names children by their first name and age only, and says where they are only to who may read
that and asks for it. Each print is written down; the sheet says who made it and what becomes of it.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal import audit, clock, paper
from portal.actor import Actor
from portal.agencies.queries import names_of
from portal.cases.models import Case
from portal.cases.queries import access_to_act, children_of, whereabouts_of
from portal.cases.rules import Access
from portal.errors import NotFound
from portal.people.rules import age_text, initials
from portal.plans.models import Activity, Plan, Progress, Visit
from portal.plans.queries import get_plan, list_parts
from portal.plans.rules import standing
from portal.texts import _, day_text, moment_text

MOST_VISITS = 3


def draw(
    session: Session, actor: Actor, case: Case, plan_ids: Collection[UUID], *, where: bool
) -> bytes:
    """Return the field sheet of plans of a case in force as PDF; raises NotFound without any."""
    plans = [get_plan(session, actor, case, plan_id) for plan_id in dict.fromkeys(plan_ids)]
    if not plans or not all(plan.is_in_force for plan in plans):
        raise NotFound
    access = access_to_act(session, actor, case)
    for plan in plans:
        audit.note_read(
            session, actor, "plans.sheet.print", plan.id, case=case.id, whereabouts=int(where)
        )
    told = content(session, actor, case, plans, access if where else None)
    return paper.draw("ficha.typ", told)


def content(
    session: Session, actor: Actor, case: Case, plans: Sequence[Plan], where: Access | None
) -> dict[str, Any]:
    """Return the texts of the sheet in the reader's language; whereabouts if `where`."""
    by_child = {plan.person_id: plan for plan in plans}
    children = [
        row for row in children_of(session, [case.id])[case.id] if row.person_id in by_child
    ]
    places = whereabouts_of(session, actor, case, where) if where is not None else {}
    today = clock.today()
    named = {row.person_id: row.given_names.partition(" ")[0] or initials(row) for row in children}
    visits = _visits(session, plans)
    return {
        "agency": actor.agency_name,
        "title": _("Field sheet"),
        "case": _("Case %(code)s", code=case.code),
        "warning": _(
            "Reserved (DL 1297 art. 5.i; Ley 29733). Do not copy it or leave it with anybody. Once "
            "the visit is recorded in the portal, return this sheet to the file or destroy it."
        ),
        "children_title": _("Whom it is about"),
        "children": [
            [f"{named[row.person_id]}, {age_text(row, today)}", places.get(row.person_id, "")]
            for row in children
        ],
        "acts_title": _("Activities to carry out"),
        "acts_head": [
            _("Activity"),
            _("Who answers"),
            _("Term"),
            _("Done: yes or no, and on which day"),
            _("What came of it"),
        ],
        "acts": _acts(session, plans, named),
        "no_acts": _("No activity is pending."),
        "visits_title": _("Visit"),
        "visits": [
            " · ".join(part for part in (day_text(visit.planned_on), visit.purpose) if part)
            for visit in visits
            if visit.planned_on is not None
        ]
        or [_("not planned")],
        "date": _("Date"),
        "hour": _("Hour"),
        "visitor": _("Who made the visit (name and post)"),
        "found": _("Who was found, and what they are to the child"),
        "notes": _("What was seen and agreed"),
        "signature": _("Signature of who received the visit"),
        "fingerprint": _("Fingerprint"),
        "visitor_signature": _("Signature of who made the visit"),
        "printed": _(
            "Printed by %(name)s, %(agency)s, %(day)s",
            name=actor.name,
            agency=actor.agency_name,
            day=moment_text(clock.local(clock.now())),
        ),
        "page": _("page"),
    }


def _acts(session: Session, plans: Sequence[Plan], named: dict[UUID, str]) -> list[list[str]]:
    """Return the pending activities of the versions in force: act, who answers, term."""
    numbers = {plan.id: plan.number for plan in plans}
    children = {plan.id: plan.person_id for plan in plans}
    written = list_parts(session, Activity, numbers)
    found = [
        each
        for plan_id, number in numbers.items()
        for each in standing([line for line in written if line.plan_id == plan_id], number)
        if each.progress is Progress.PENDING
    ]
    names = names_of(session, {each.agency_id for each in found})
    several = len(plans) > 1
    return [
        [
            f"{named.get(children[each.plan_id], '')}: {each.act}" if several else each.act,
            " · ".join(part for part in (names[each.agency_id], each.person) if part),
            day_text(each.due_on),
        ]
        for each in sorted(found, key=lambda each: each.due_on)
    ]


def _visits(session: Session, plans: Sequence[Plan]) -> list[Visit]:
    """Return the next visits that were planned, soonest first."""
    written = list_parts(session, Visit, [plan.id for plan in plans])
    waiting = [
        each
        for each in written
        if each.progress is Progress.PENDING and each.planned_on is not None
    ]
    return sorted(waiting, key=lambda each: str(each.planned_on))[:MOST_VISITS]
