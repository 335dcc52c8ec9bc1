"""Who sees which referral, and exactly which part of a child its receiver sees."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from portal import audit, clock
from portal.access.queries import is_attended, is_unattended
from portal.actor import Actor, Role
from portal.agencies.models import Agency
from portal.agencies.queries import get_agency
from portal.cases.labels import RIGHT
from portal.cases.models import Case, CaseAssignment, Priority, Right
from portal.cases.queries import (
    Asked,
    find_case,
    not_barred,
    own_cases,
    own_readable_cases,
    supervised_cases,
)
from portal.db import AnyColumns, acting, given, once, rows
from portal.errors import NotFound
from portal.family.labels import RELATION
from portal.family.models import Relation, Relative, RelativeChild
from portal.host.slots import HomeGroup, HomeItem, Tone
from portal.people import labels
from portal.people.models import Person, PersonDocument
from portal.people.queries import other_documents
from portal.people.rules import age_text, full_name, initials
from portal.places.queries import full_name_of
from portal.referrals.labels import STATUS
from portal.referrals.models import (
    OPEN,
    OWED,
    Outcome,
    Referral,
    ReferralAnswer,
    ReferralChild,
    ReferralStatus,
    Silence,
)
from portal.referrals.rules import IdentityField
from portal.texts import _, day_text, inline, msgid
from portal.users.models import User

Condition = sa.ColumnElement[bool]
PAGE = 50


def visible_referrals(actor: Actor) -> Condition:
    """Return the condition under which `Referral` rows are visible to the actor.

    The sender's people who see the case; the receiver's people while it is open, as those of the
    institution that passed it on to this unit of its own, and once it is closed those who see the
    case; and who reads the case whole. Leaving the case ends the sight of
    what was sent and of what is done with. Emergency access and a staff session open none.
    """
    if actor.is_system:
        return sa.true()
    if actor.agency_id is None or actor.staff_session_id is not None:
        return sa.false()
    of_case = col(Case.id) == col(Referral.case_id)
    on_case = sa.exists().where(of_case, own_cases(actor)).correlate(Referral)
    received = sa.and_(
        reaches(actor),
        receives(actor),
        not_barred(actor, col(Referral.case_id)),
        sa.or_(
            col(Referral.status).in_(OPEN),
            sa.and_(col(Referral.status) == ReferralStatus.CLOSED, on_case),
        ),
    )
    sent = sa.and_(col(Referral.from_agency_id) == actor.agency_id, on_case)
    whole = sa.exists().where(of_case, own_readable_cases(actor)).correlate(Referral)
    return sa.or_(received, sent, whole)


def belongs(case_id: sa.ColumnElement[UUID]) -> Condition:
    """Return which referrals are of a case, for who asks whether there are any at all."""
    return col(Referral.case_id) == case_id


def reaches(actor: Actor) -> Condition:
    """Return the condition that a referral is with the agency, or with a unit by its hand.

    It is never unknown: others ask for what does not reach them.
    """
    via = col(Referral.via_agency_id)
    return sa.or_(
        col(Referral.to_agency_id) == actor.agency_id,
        sa.and_(via.is_not(None), via == actor.agency_id),
    )


def receives(actor: Actor) -> Condition:
    """Return how the person's roles narrow what the agency receives.

    Coordinators and whoever is on duty see all of it, a caseworker what is assigned.
    """
    if actor.attends:
        return sa.true()
    if not actor.has_role(Role.CASEWORKER, Role.DUTY_OFFICER):
        return sa.false()
    return sa.exists().where(
        col(CaseAssignment.case_id) == col(Referral.case_id),
        col(CaseAssignment.agency_id) == actor.agency_id,
        col(CaseAssignment.user_id) == actor.user_id,
        col(CaseAssignment.until).is_(None),
    )


def get_referral(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """Return a visible referral and note the read; raises NotFound."""
    referral = session.scalar(
        sa.select(Referral).where(col(Referral.id) == referral_id, visible_referrals(actor))
    )
    if referral is None:
        raise NotFound
    audit.note_read(session, actor, "referrals.referral.read", referral.id, case=referral.case_id)
    return referral


@dataclass(frozen=True, slots=True)
class SharedChild:
    """A child as a referral shares it: initials, and the fields ticked for the act."""

    person_id: UUID
    initials: str
    facts: tuple[tuple[IdentityField, str], ...]


def shared_children(session: Session, referral: Referral) -> list[SharedChild]:
    """Return the children of a referral that was read already, with the ticked fields only."""
    ids = session.scalars(
        sa.select(col(ReferralChild.person_id)).where(col(ReferralChild.referral_id) == referral.id)
    ).all()
    case = session.get_one(Case, referral.case_id)
    return as_shared(session, case, ids, referral.identity_fields)


def as_shared(
    session: Session, case: Case, person_ids: Collection[UUID], fields: Collection[str]
) -> list[SharedChild]:
    """Return children exactly as a receiver sees them when these fields are ticked.

    The caller has read the case whole, or a referral of it.
    """
    people = session.scalars(
        sa.select(Person).where(col(Person.id).in_(person_ids)).order_by(col(Person.id))
    ).all()
    adults: dict[UUID, list[Adult]] = {}
    if not {IdentityField.PARENTS.value, IdentityField.CAREGIVER.value}.isdisjoint(fields):
        adults = _adults(session, case, person_ids)
    beside: Mapping[UUID, Sequence[PersonDocument]] = {}
    if IdentityField.DOCUMENT.value in fields:
        beside = other_documents(session, [person.id for person in people])
    return [
        share(
            person,
            fields,
            case.district,
            adults.get(person.id, ()),
            documents=beside.get(person.id, ()),
        )
        for person in people
    ]


Adult = tuple[Relative, Person]


def _adults(session: Session, case: Case, person_ids: Collection[UUID]) -> dict[UUID, list[Adult]]:
    """Return who stands with each child now; somebody named for no child is of all of them."""
    statement: AnyColumns = (
        sa.select(Relative, Person, col(RelativeChild.person_id))
        .join(Person, col(Person.id) == col(Relative.person_id))
        .join(RelativeChild, col(RelativeChild.relative_id) == col(Relative.id), isouter=True)
        .where(
            col(Relative.case_id) == case.id,
            col(Relative.struck_at).is_(None),
            sa.or_(col(Relative.until).is_(None), col(Relative.until) > clock.today()),
        )
        .order_by(col(Relative.recorded_at), col(Relative.id))
    )
    found: dict[UUID, list[Adult]] = defaultdict(list)
    for relative, person, child_id in rows(session, statement):
        for each in [child_id] if child_id else person_ids:
            found[each].append((relative, person))
    return found


def _documents(person: Person, others: Sequence[PersonDocument]) -> str:
    """Return the documents of a person, the main one first."""
    main = (
        f"{labels.DOCUMENT[person.document_kind]} {person.document_number}"
        if person.document_number
        else str(labels.DOCUMENT[person.document_kind])
    )
    return "; ".join(part for part in (main, labels.document_words(others)) if part)


def _named(person: Person) -> str:
    if not person.document_number:
        return full_name(person)
    kind = labels.DOCUMENT[person.document_kind]
    return f"{full_name(person)}, {kind} {person.document_number}"


def _parents(adults: Collection[Adult]) -> str:
    return "; ".join(
        f"{RELATION[relative.relation]}: {_named(person)}"
        for relative, person in adults
        if relative.relation in (Relation.MOTHER, Relation.FATHER)
    )


def _caregivers(adults: Collection[Adult]) -> str:
    return "; ".join(
        f"{full_name(person)} ({inline(RELATION[relative.relation])})"
        for relative, person in adults
        if relative.is_caregiver and not person.has_died
    )


def share(
    person: Person,
    fields: Collection[str],
    district: str,
    adults: Collection[Adult] = (),
    documents: Sequence[PersonDocument] = (),
) -> SharedChild:
    """Return what a receiver sees of a person when these fields are ticked."""
    day = clock.today()
    values = {
        IdentityField.NAMES: full_name(person),
        IdentityField.BIRTH: f"{person.born_on:%d/%m/%Y}"
        if person.born_on
        else age_text(person, day),
        IdentityField.SEX: str(labels.SEX[person.sex]),
        IdentityField.DOCUMENT: _documents(person, documents),
        IdentityField.LANGUAGE: person.language or _("Not known"),
        IdentityField.DISTRICT: full_name_of(district),
        IdentityField.PARENTS: _parents(adults) or _("Not known"),
        IdentityField.CAREGIVER: _caregivers(adults) or _("Not known"),
    }
    chosen = tuple((field, values[field]) for field in IdentityField if field.value in fields)
    return SharedChild(person.id, initials(person), chosen)


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """A referral in a list: code and agencies, never a name."""

    id: UUID
    case_code: str
    status: ReferralStatus
    right: Right
    priority: Priority
    due_on: date
    sent_at: datetime | None
    from_agency: str
    to_agency: str
    from_agency_id: UUID
    to_agency_id: UUID
    answered_at: datetime | None
    opened_at: datetime | None
    silence: Silence
    silence_at: datetime | None
    patient_until: date | None
    has_users: bool
    unattended: bool

    @property
    def waits_for_nobody(self) -> bool:
        """Tell whether the receiver, which owes an answer, has nobody in charge now."""
        return self.unattended and self.status in OWED

    @property
    def is_owed(self) -> bool:
        """Tell whether somebody owes an answer still."""
        return self.status in OWED

    @property
    def is_late(self) -> bool:
        """Tell whether the day of the answer has passed while somebody owes it."""
        return self.due_on < clock.today() and self.is_owed

    @property
    def url(self) -> str:
        """Return its address."""
        return f"/referrals/{self.id}"

    @property
    def title(self) -> str:
        """Return who is asked for which right."""
        return f"{self.to_agency} · {RIGHT[self.right]}"

    @property
    def line(self) -> str:
        """Return in one line where it stands and what follows, as its sender reads it."""
        if self.status not in OWED or self.waits_for_nobody:
            return self.note
        return " · ".join(part for part in (self._stands, self._follows) if part)

    @property
    def _stands(self) -> str:
        day = day_text(self.due_on)
        if self.status is ReferralStatus.ACCEPTED:
            if self.answered_at is not None:
                return self.note
            return _("Accepted; the answer is awaited until %(day)s", day=day)
        if not self.has_users:
            return _("Sent by official letter; the answer is awaited until %(day)s", day=day)
        if self.opened_at is not None:
            return _("Opened on %(day)s, not accepted yet", day=_of(self.opened_at))
        return _("Sent on %(day)s, not opened yet", day=_of(self.sent_at))

    @property
    def _follows(self) -> str:
        """Return how far its silence has led and what comes next."""
        if self.silence is Silence.COUNCIL:
            return _("for the council's next agenda since %(day)s", day=_of(self.silence_at))
        if self.patient_until is None:
            return ""
        until, since = day_text(self.patient_until), _of(self.silence_at)
        if self.silence is Silence.NONE:
            return _("if it stays silent, it is reminded after %(until)s", until=until)
        if self.silence is Silence.HEAD:
            return _(
                "official letter to its head on %(day)s; after %(until)s it goes to the council",
                day=since,
                until=until,
            )
        if self.silence is Silence.COORDINATOR:
            return _(
                "its coordination was told on %(day)s; after %(until)s an official letter goes to "
                "its head",
                day=since,
                until=until,
            )
        if not self.has_users:
            return _(
                "reminded on %(day)s; after %(until)s an official letter goes to its head",
                day=since,
                until=until,
            )
        return _(
            "reminded on %(day)s; after %(until)s its coordination is told",
            day=since,
            until=until,
        )

    @property
    def note(self) -> str:
        """Return how it stands."""
        if self.waits_for_nobody:
            return " · ".join((str(STATUS[self.status]), _("nobody in charge")))
        if self.status is ReferralStatus.ACCEPTED and self.answered_at is not None:
            return _("Answered in part, the rest is to come")
        return str(STATUS[self.status])


def _of(moment: datetime | None) -> str:
    return day_text(clock.local(moment).date()) if moment else ""


def _rows(actor: Actor, visible: Condition) -> AnyColumns:
    sender, receiver = aliased(Agency), aliased(Agency)
    return (
        sa.select(
            col(Referral.id),
            col(Case.code),
            col(Referral.status),
            col(Referral.right),
            col(Referral.priority),
            col(Referral.due_on),
            col(Referral.sent_at),
            col(sender.name),
            col(receiver.name),
            col(Referral.from_agency_id),
            col(Referral.to_agency_id),
            col(Referral.answered_at),
            col(Referral.opened_at),
            col(Referral.silence),
            col(Referral.silence_at),
            col(Referral.patient_until),
            is_attended(col(Referral.to_agency_id)),
            sa.and_(
                is_unattended(col(Referral.to_agency_id)),
                sa.or_(
                    col(Referral.from_agency_id) == actor.agency_id,
                    col(Case.lead_agency_id) == actor.agency_id,
                ),
            ),
        )
        .join(Case, col(Case.id) == col(Referral.case_id))
        .join(sender, col(sender.id) == col(Referral.from_agency_id))
        .join(receiver, col(receiver.id) == col(Referral.to_agency_id))
        .where(visible)
    )


def list_referrals(
    session: Session,
    actor: Actor,
    *,
    box: str = "in",
    status: ReferralStatus | None = None,
    is_open: bool = True,
    after: tuple[date, UUID] | None = None,
    limit: int = PAGE,
) -> list[ReferralRow]:
    """Return referrals that the agency received or sent, of a state, soonest answer first."""
    order = (col(Referral.due_on), col(Referral.id))
    statement = _listed(actor, box, limit, status, is_open=is_open)
    if after is not None:
        statement = statement.where(sa.tuple_(*order) > sa.tuple_(*after))
    found = rows(session, statement, acting(actor))
    return _noted(session, actor, [ReferralRow(*row) for row in found])


@once
def _listed(
    actor: Actor, box: str, limit: int, status: ReferralStatus | None, *, is_open: bool
) -> AnyColumns:
    mine = reaches(actor) if box == "in" else col(Referral.from_agency_id) == actor.agency_id
    order = (col(Referral.due_on), col(Referral.id))
    statement = _rows(actor, visible_referrals(actor)).where(mine).order_by(*order).limit(limit)
    if status is not None:
        return statement.where(col(Referral.status) == status)
    return statement.where(col(Referral.status).in_(OPEN)) if is_open else statement


def _noted(session: Session, actor: Actor, found: list[ReferralRow]) -> list[ReferralRow]:
    if found:
        audit.note_read(session, actor, "referrals.referral.list", *[row.id for row in found])
    return found


def list_for_case(session: Session, actor: Actor, case: Case) -> list[ReferralRow]:
    """Return the visible referrals of a case, the latest first."""
    found = rows(session, _of_case(actor), acting(actor, case_id=case.id))
    return [ReferralRow(*row) for row in found]


@once
def _of_case(actor: Actor) -> AnyColumns:
    return (
        _rows(actor, visible_referrals(actor))
        .where(col(Referral.case_id) == given("case_id"))
        .order_by(col(Referral.sent_at).desc(), col(Referral.id).desc())
        .limit(PAGE)
    )


def row_of(session: Session, actor: Actor, referral: Referral) -> ReferralRow:
    """Return a referral that was read already as lists show it."""
    found = rows(
        session, _rows(actor, visible_referrals(actor)).where(col(Referral.id) == referral.id)
    )
    return ReferralRow(*found[0])


def sent_on_as(session: Session, actor: Actor, referral: Referral) -> ReferralRow | None:
    """Return as what a returned referral was sent on, where it was and the actor sees it."""
    statement = _rows(actor, visible_referrals(actor)).where(
        col(Referral.follows_id) == referral.id
    )
    return next((ReferralRow(*row) for row in rows(session, statement)), None)


def states_for_case(session: Session, actor: Actor, case: Case) -> list[Asked]:
    """Return how the case's other referrals stand, to whoever supervises it (Ley 26520 art. 9)."""
    others = sa.and_(supervised_cases(actor), sa.not_(visible_referrals(actor)))
    statement = (
        _rows(actor, others)
        .where(
            col(Referral.case_id) == case.id,
            col(Referral.status).in_([*OPEN, ReferralStatus.CLOSED]),
        )
        .order_by(col(Referral.due_on), col(Referral.id))
        .limit(PAGE)
    )
    found = [ReferralRow(*row) for row in rows(session, statement)]
    return [Asked(row.title, f"{row.note} · {day_text(row.due_on)}") for row in found]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer as the page of its referral shows it: with who entered it."""

    at: datetime
    answer: str
    document: str
    dated: date | None
    outcome: Outcome | None
    appointment_on: date | None
    is_partial: bool
    restores: bool
    for_them: bool
    by: str
    agency: str


def list_answers(session: Session, referral: Referral) -> list[AnswerRow]:
    """Return the answers to a referral that was read already, in order."""
    statement = (
        sa.select(
            col(ReferralAnswer.at),
            col(ReferralAnswer.answer),
            col(ReferralAnswer.document),
            col(ReferralAnswer.dated),
            col(ReferralAnswer.outcome),
            col(ReferralAnswer.appointment_on),
            col(ReferralAnswer.is_partial),
            col(ReferralAnswer.restores),
            col(ReferralAnswer.for_them),
            sa.func.coalesce(col(User.name), ""),
            sa.func.coalesce(col(Agency.name), ""),
        )
        .join(User, col(User.id) == col(ReferralAnswer.by_id), isouter=True)
        .join(Agency, col(Agency.id) == col(ReferralAnswer.agency_id), isouter=True)
        .where(col(ReferralAnswer.referral_id) == referral.id)
        .order_by(col(ReferralAnswer.at), col(ReferralAnswer.id))
    )
    return [AnswerRow(*row) for row in rows(session, statement)]


def case_of(session: Session, actor: Actor, referral: Referral) -> Case | None:
    """Return the referral's case where the actor sees it."""
    return find_case(session, actor, referral.case_id)


def lead_of(session: Session, referral: Referral) -> Agency:
    """Return who is in charge of the referral's case: what every receiver may know."""
    return get_agency(session, session.get_one(Case, referral.case_id).lead_agency_id)


def due_days(session: Session, actor: Actor, until: date) -> Collection[date]:
    """Return the days up to one on which the agency owes an answer; no referral is named."""
    return session.scalars(
        sa.select(col(Referral.due_on))
        .distinct()
        .where(
            col(Referral.to_agency_id) == actor.agency_id,
            col(Referral.status).in_(OWED),
            col(Referral.due_on) <= until,
            visible_referrals(actor),
        )
    ).all()


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return what waits for the agency: to accept or return, to answer, and answers that came."""
    if actor.agency_id is None:
        return []
    received = list_referrals(session, actor, box="in", limit=limit)
    owed = [
        row
        for row in received
        if row.status is not ReferralStatus.ANSWERED and row.to_agency_id == actor.agency_id
    ]
    return [_owed(row) for row in owed] + [_back(row) for row in _came_back(session, actor, limit)]


def _came_back(session: Session, actor: Actor, limit: int) -> list[ReferralRow]:
    """Return what the agency sent and now waits for its word.

    Answered, returned and not settled, or so silent that the head of the receiver is written to.
    """
    found = rows(session, _waiting_back(actor, limit), acting(actor))
    return _noted(session, actor, [ReferralRow(*row) for row in found])


@once
def _waiting_back(actor: Actor, limit: int) -> AnyColumns:
    returned = sa.and_(
        col(Referral.status) == ReferralStatus.RETURNED, col(Referral.settled_at).is_(None)
    )
    to_head = sa.and_(
        col(Referral.status).in_(OWED), col(Referral.silence).in_([Silence.HEAD, Silence.COUNCIL])
    )
    return (
        _rows(actor, visible_referrals(actor))
        .where(
            col(Referral.from_agency_id) == actor.agency_id,
            sa.or_(col(Referral.status) == ReferralStatus.ANSWERED, returned, to_head),
        )
        .order_by(col(Referral.due_on), col(Referral.id))
        .limit(limit)
    )


def _owed(row: ReferralRow) -> HomeItem:
    waits = row.status is ReferralStatus.SENT
    days = (row.due_on - clock.today()).days
    tone = Tone.OVERDUE if days < 0 else Tone.DUE_SOON if days <= 1 or waits else Tone.IN_TIME
    return HomeItem(
        when=row.due_on,
        tone=tone,
        title=_(
            "%(code)s · referral: %(right)s", code=row.case_code, right=inline(RIGHT[row.right])
        ),
        note=_("asked by %(agency)s", agency=row.from_agency),
        url=row.url,
        action_label=_("Accept or return") if waits else _("Answer the referral"),
        group=HomeGroup.REFERRALS,
    )


# What waits for the sender by how it stands: the line, and what is done there.
_BACK = {
    ReferralStatus.RETURNED: (
        msgid("%(code)s · %(agency)s returned the referral"),
        msgid("Send it on"),
    ),
    ReferralStatus.ANSWERED: (msgid("%(code)s · %(agency)s answered"), msgid("Read the answer")),
}
_SILENT = (msgid("%(code)s · %(agency)s does not answer"), msgid("See the letter to its head"))


def _back(row: ReferralRow) -> HomeItem:
    told, action = _BACK.get(row.status, _SILENT)
    is_silent = row.status in OWED
    return HomeItem(
        when=None,
        tone=Tone.IN_TIME if row.status is ReferralStatus.ANSWERED else Tone.DUE_SOON,
        title=_(told, code=row.case_code, agency=row.to_agency),
        note=row.line if is_silent else str(RIGHT[row.right]),
        url=row.url,
        action_label=_(action),
        group=HomeGroup.REFERRALS,
    )
