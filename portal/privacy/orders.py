"""Orders of an authority (mandatos): registered, agreed by a second person, or refused."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.queries import people_with
from portal.actor import CASE_ROLES, Actor, Role
from portal.cases.models import Case, CaseChild
from portal.cases.queries import access_to, get_case
from portal.db import AnyColumns, acting, once, rows
from portal.db.sealing import seal, unseal
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.notifications.services import tell
from portal.privacy.inputs import RegisterOrder
from portal.privacy.models import Decision, LegalOrder, OrderKind
from portal.privacy.rules import new_reference
from portal.texts import _, _l, msgid

Condition = sa.ColumnElement[bool]
TABLE = "portal_privacy_order"
PAGE = 50


def visible_orders(actor: Actor) -> Condition:
    """Return the condition under which `LegalOrder` rows are visible to the actor.

    The institution's coordinators and privacy officers, and who registered it.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None:
        return sa.false()
    own = col(LegalOrder.agency_id) == actor.agency_id
    if actor.has_role(Role.COORDINATOR, Role.PRIVACY_OFFICER):
        return own
    return sa.and_(own, col(LegalOrder.made_by) == actor.user_id)


def get_order(session: Session, actor: Actor, order_id: UUID) -> LegalOrder:
    """Return a visible order and note the read; raises NotFound."""
    order = session.scalar(
        sa.select(LegalOrder).where(col(LegalOrder.id) == order_id, visible_orders(actor))
    )
    if order is None:
        raise NotFound
    audit.note_read(session, actor, "privacy.order.read", order.id, case=order.case_id)
    return order


def led_case(session: Session, actor: Actor, code: str) -> Case:
    """Return a case that the acting institution leads and the actor reads; raises NotFound."""
    case = get_case(session, actor, code)
    if not access_to(session, actor, case).leads:
        raise NotFound
    return case


def register_order(session: Session, actor: Actor, code: str, given: RegisterOrder) -> LegalOrder:
    """Register what an authority asks; raises Invalid where the scope is not of this case."""
    case = led_case(session, actor, code)
    children = set(
        session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case.id)
        )
    )
    if not set(given.person_ids) <= children:
        raise Invalid(Problem("person_ids", _l("Choose among the children of this case.")))
    order = LegalOrder(
        number=new_reference("M"),
        kind=given.kind,
        authority=given.authority,
        order_number=given.order_number,
        dated=given.dated,
        agency_id=case.lead_agency_id,
        case_id=case.id,
        person_ids=[str(each) for each in given.person_ids],
        pieces=[each.value for each in given.pieces],
        since=given.since,
        until=given.until,
        asked_sealed=b"",
        made_by=actor.user_id,
        made_at=clock.now(),
    )
    order.asked_sealed = seal(session, order.id, TABLE, "asked_sealed", order.id, given.asked)
    if names := given.thirds:
        text = json.dumps(names)
        order.names_sealed = seal(session, order.id, TABLE, "names_sealed", order.id, text)
    session.add(order)
    session.flush()
    audit.record(session, actor, "privacy.order.register", order.id, case=case.id)
    _tell_approvers(session, order)
    return order


def _tell_approvers(session: Session, order: LegalOrder) -> None:
    others = {
        user_id
        for user_id, _name in people_with(
            session, order.agency_id, Role.COORDINATOR, Role.PRIVACY_OFFICER
        )
    }
    tell(
        session,
        others - {order.made_by} if order.made_by else others,
        agency_id=order.agency_id,
        origin=f"order:{order.id}",
        text=msgid("An authority asks for data: %(number)s waits for a second person"),
        facts={"number": order.number},
        url=f"/privacy/orders/{order.id}",
    )


def approve_order(session: Session, actor: Actor, order_id: UUID, *, reason: str) -> LegalOrder:
    """Agree to an order as another person than who registered it.

    A call without a written order is never agreed to. Where sealed pieces are within the scope a
    third person must agree as well: the first leaves it open. Raises Forbidden, saying who can.
    """
    order = to_decide(session, actor, order_id)
    if order.made_by == actor.user_id or order.first_by == actor.user_id:
        raise Forbidden(_l("Another coordinator of your institution decides: two people agree."))
    if order.kind is OrderKind.CALL or not order.order_number or order.dated is None:
        words = _l("Without the number and date of a written order nothing goes out. Refuse it.")
        raise Invalid(Problem("outcome", words))
    if order.names_what_is_sealed and order.first_by is None:
        order.first_by = actor.user_id
        session.flush()
        audit.record(
            session,
            actor,
            "privacy.order.agree",
            order.id,
            case=order.case_id,
            reason=reason,
        )
        return order
    return _decide(session, actor, order, Decision.GRANTED, reason)


def refuse_order(session: Session, actor: Actor, order_id: UUID, *, reason: str) -> LegalOrder:
    """Refuse an order with its reason; the answer can be printed."""
    return _decide(session, actor, to_decide(session, actor, order_id), Decision.REFUSED, reason)


def to_decide(session: Session, actor: Actor, order_id: UUID) -> LegalOrder:
    """Return an order that waits for a decision, to a coordinator; its form asks this first."""
    order = get_order(session, actor, order_id)
    if not actor.has_role(Role.COORDINATOR):
        raise Forbidden(_l("A coordinator of your institution decides this."))
    if order.decision is not Decision.OPEN:
        raise Conflict(_l("This was decided already."))
    return order


def _decide(
    session: Session, actor: Actor, order: LegalOrder, decision: Decision, reason: str
) -> LegalOrder:
    order.decision, order.decided_by, order.decided_at = decision, actor.user_id, clock.now()
    order.reason_sealed = seal(session, order.id, TABLE, "reason_sealed", order.id, reason)
    session.flush()
    audit.record(
        session,
        actor,
        "privacy.order.decide",
        order.id,
        case=order.case_id,
        reason=reason,
        decision=decision.value,
    )
    return order


def words_of(session: Session, actor: Actor, order: LegalOrder) -> dict[str, str]:
    """Return what is asked and on what it was decided; the officer reads neither."""
    if not actor.has_role(*CASE_ROLES):
        return {"asked": "", "reason": ""}
    return {
        name: unseal(session, order.id, TABLE, f"{name}_sealed", order.id, cell)
        if (cell := getattr(order, f"{name}_sealed"))
        else ""
        for name in ("asked", "reason")
    }


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list."""

    id: UUID
    number: str
    kind: OrderKind
    authority: str
    code: str
    decision: Decision
    made_at: datetime
    made_by: UUID | None
    first_by: UUID | None


def list_orders(
    session: Session, actor: Actor, *, decision: Decision | None = None, limit: int = PAGE
) -> list[OrderRow]:
    """Return visible orders, the newest first."""
    statement = _listed(actor, limit)
    if decision is not None:
        statement = statement.where(col(LegalOrder.decision) == decision)
    found = [OrderRow(*row) for row in rows(session, statement, acting(actor))]
    if found:
        audit.note_read(session, actor, "privacy.order.list", *[row.id for row in found])
    return found


@once
def _listed(actor: Actor, limit: int) -> AnyColumns:
    return (
        sa.select(
            col(LegalOrder.id),
            col(LegalOrder.number),
            col(LegalOrder.kind),
            col(LegalOrder.authority),
            col(Case.code),
            col(LegalOrder.decision),
            col(LegalOrder.made_at),
            col(LegalOrder.made_by),
            col(LegalOrder.first_by),
        )
        .join(Case, col(Case.id) == col(LegalOrder.case_id))
        .where(visible_orders(actor))
        .order_by(col(LegalOrder.made_at).desc())
        .limit(limit)
    )


def lines(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return for the home page the orders that wait for the actor to agree or refuse."""
    if actor.agency_id is None or not actor.has_role(Role.COORDINATOR):
        return []
    waiting = list_orders(session, actor, decision=Decision.OPEN, limit=limit)
    return [_line(row) for row in waiting if actor.user_id not in (row.made_by, row.first_by)]


def _line(row: OrderRow) -> HomeItem:
    return HomeItem(
        when=clock.local(row.made_at).date(),
        tone=Tone.DUE_SOON,
        title=_("Order %(number)s", number=row.number),
        note=_("%(authority)s asks for data: a second person decides", authority=row.authority),
        url=f"/privacy/orders/{row.id}",
        action_label=_("Decide"),
        group=HomeGroup.TERMS,
    )
