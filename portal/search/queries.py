"""What is found among what one may see, and why; the cap comes after the rule, one's own first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.actor import Actor
from portal.alerts.models import WAITING, Alert, AlertChild
from portal.alerts.queries import visible_alerts
from portal.cases.listing import ORDER, CaseFilter, walk
from portal.cases.models import Case, CaseAssignment, CaseChild, CaseStatus, Worklist
from portal.cases.queries import readable_cases, visible_cases
from portal.db import AnyColumns
from portal.family.models import Relative
from portal.people.finding import Likeness, Sought, bearers, likenesses, seek
from portal.people.models import Person, PersonName
from portal.people.queries import numbered
from portal.search.inputs import LookFor, State
from portal.search.rules import Typed, read_typed
from portal.search.written import nearby, opened_tonight, written

Condition = sa.ColumnElement[bool]
MOST = 2000
PAGE = 20
# A name costs up to nine for each of six words; what is found otherwise stands before or after.
EXACT, WRITTEN, PLAIN = 0, 200, 201


@dataclass(frozen=True, slots=True)
class Why:
    """Why something was found: by its code, a document, a name, what was written, the details."""

    kind: str
    likeness: Likeness | None = None
    person_id: UUID | None = None
    text: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A case or an alert that was found, with its place in the order."""

    kind: str
    id: UUID
    rank: int
    why: tuple[Why, ...]

    @property
    def key(self) -> tuple[int, int, str]:
        """Return the place in the order: the likest first, of equals the latest."""
        return self.rank, -(self.id.int >> 80), str(self.id)


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found in order, and whether there was more than is ranked."""

    hits: list[Hit]
    is_capped: bool


def find(session: Session, actor: Actor, wanted: LookFor) -> Found:
    """Return what fits all that is wanted among what the actor may see, the likest first.

    Names are looked for where the actor reads them in full; code, place, age and state among all
    that is visible.
    """
    if actor.agency_id is None or actor.staff_session_id is not None:
        return Found([], is_capped=False)
    ways: list[list[Hit]] = []
    if wanted.text:
        ways.append(list(_typed(session, actor, wanted)))
    if wanted.words:
        ways.append(list(_written(session, actor, wanted)))
    if not ways:
        ways.append(list(_by_details(session, actor, wanted)))
    hits = _joined(ways)
    return Found(sorted(hits, key=lambda hit: hit.key)[:MOST], is_capped=len(hits) >= MOST)


def _joined(ways: Sequence[list[Hit]]) -> list[Hit]:
    """Return what every way found, each once, with all the reasons and the best place."""
    common = set.intersection(*({hit.id for hit in hits} for hits in ways))
    found: dict[UUID, Hit] = {}
    for hit in (hit for hits in ways for hit in hits if hit.id in common):
        known = found.get(hit.id)
        if known is None:
            found[hit.id] = hit
        else:
            why = tuple(dict.fromkeys((*known.why, *hit.why)))
            found[hit.id] = Hit(hit.kind, hit.id, min(known.rank, hit.rank), why)
    return list(found.values())


def _typed(session: Session, actor: Actor, wanted: LookFor) -> Iterator[Hit]:
    """Yield what the text finds: codes and documents exactly, names as they are half remembered."""
    typed = read_typed(wanted.text)
    if typed.is_exact:
        yield from _exact(session, actor, wanted, typed)
    sought = seek(session, typed.name)
    if sought is not None:
        yield from _named(session, actor, wanted, sought)


def _exact(session: Session, actor: Actor, wanted: LookFor, typed: Typed) -> Iterator[Hit]:
    """Yield the records with a code, and those of whoever has a document number."""
    has = col(Person.id).in_(numbered([typed.document]))
    child_of_case = (
        sa.select(col(CaseChild.case_id), sa.literal("case"), sa.literal("document"))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .where(has, readable_cases(actor), *_of_case(actor, wanted))
    )
    child_of_alert = (
        sa.select(col(AlertChild.alert_id), sa.literal("alert"), sa.literal("document"))
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .join(Person, col(Person.id) == col(AlertChild.person_id))
        .where(has, visible_alerts(actor), *_of_alert(actor, wanted))
    )
    case = sa.select(col(Case.id), sa.literal("case"), sa.literal("code")).where(
        sa.or_(col(Case.code) == typed.code, _ends_in(actor, typed.tail)),
        visible_cases(actor),
        *_of_case(actor, wanted),
    )
    alert = sa.select(col(Alert.id), sa.literal("alert"), sa.literal("code")).where(
        col(Alert.code) == typed.code, visible_alerts(actor), *_of_alert(actor, wanted)
    )
    some = [part.limit(MOST).subquery() for part in (case, alert, child_of_case, child_of_alert)]
    for one, kind, way in session.execute(sa.union_all(*[sa.select(part) for part in some])):
        yield Hit(kind, one, EXACT, (Why(way),))


def _ends_in(actor: Actor, tail: str) -> Condition:
    """Return that a case, of those nearest to the actor's work, has a code with this end."""
    if not tail:
        return sa.false()
    return sa.and_(col(Case.code).like(f"%-{tail}"), col(Case.id).in_(nearby(actor)))


def _named(session: Session, actor: Actor, wanted: LookFor, sought: Sought) -> Iterator[Hit]:
    """Yield the records in which a name like the one sought is read in full."""
    borne: AnyColumns = bearers(sought)
    of_cases = (
        borne.join(CaseChild, col(CaseChild.person_id) == col(PersonName.person_id))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(readable_cases(actor), *_of_case(actor, wanted))
    )
    in_all = of_cases.add_columns(col(Case.id), col(Case.status), sa.literal("case"))
    own = in_all.where(col(Case.id).in_(_assigned(actor)))
    of_alerts = (
        borne.join(AlertChild, col(AlertChild.person_id) == col(PersonName.person_id))
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .where(visible_alerts(actor), *_of_alert(actor, wanted))
        .add_columns(col(Alert.id), sa.literal(CaseStatus.OPEN.value), sa.literal("alert"))
    )
    of_relatives = (
        borne.join(Relative, col(Relative.person_id) == col(PersonName.person_id))
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(readable_cases(actor), col(Relative.struck_at).is_(None), *_of_case(actor, wanted))
        .add_columns(col(Case.id), col(Case.status), sa.literal("case"))
    )
    parts = [
        sa.select(part.limit(MOST).subquery(), sa.literal(number))
        for number, part in enumerate((own, in_all, of_alerts, of_relatives))
    ]
    found = dict.fromkeys(tuple(row) for row in session.execute(sa.union_all(*parts)))
    like = likenesses(session, sought, {row[0] for row in found})
    for person_id, one, status, kind, way in found:
        near = like[person_id]
        rank = EXACT + 1 + near.cost
        is_later = way or status != CaseStatus.OPEN
        yield Hit(kind, one, 2 * rank + bool(is_later), (Why("name", near, person_id),))


def _assigned(actor: Actor) -> "sa.Select[UUID]":
    return sa.select(col(CaseAssignment.case_id)).where(
        col(CaseAssignment.user_id) == actor.user_id,
        col(CaseAssignment.agency_id) == actor.agency_id,
        col(CaseAssignment.until).is_(None),
    )


def _written(session: Session, actor: Actor, wanted: LookFor) -> Iterator[Hit]:
    """Yield the records in which the words were written and that fit the details."""
    found = list(written(session, actor, wanted.words))
    ids = {each.id for each in found}
    cases = sa.select(col(Case.id)).where(col(Case.id).in_(ids), *_of_case(actor, wanted))
    alerts = sa.select(col(Alert.id)).where(col(Alert.id).in_(ids), *_of_alert(actor, wanted))
    fitting = set(session.scalars(sa.union_all(cases, alerts)))
    for each in found:
        if each.id in fitting:
            why = Why("written", text=each.text, on=each.on)
            yield Hit(each.kind, each.id, WRITTEN, (why,))


def _by_details(session: Session, actor: Actor, wanted: LookFor) -> Iterator[Hit]:
    """Yield what fits the details alone: cases in the order of work, then the latest alerts."""
    cases = [
        walk(actor, CaseFilter(status=status, mine=wanted.mine))
        .join(Case, col(Case.id) == col(Worklist.case_id))
        .where(*_of_case(actor, wanted))
        .add_columns(sa.literal("case"))
        .order_by(*ORDER)
        for status in CaseStatus
    ]
    tonight = sa.select(col(Case.id), sa.literal("case")).where(
        col(Case.id).in_(opened_tonight(actor)), visible_cases(actor), *_of_case(actor, wanted)
    )
    alerts = (
        sa.select(col(Alert.id), sa.literal("alert"))
        .where(visible_alerts(actor), *_of_alert(actor, wanted))
        .order_by(col(Alert.id).desc())
    )
    some = [part.limit(MOST).subquery() for part in (*cases, tonight, alerts)]
    found = session.execute(sa.union_all(*[sa.select(part) for part in some]))
    for place, (one, kind) in enumerate(dict.fromkeys(tuple(row) for row in found)):
        yield Hit(kind, one, PLAIN + place, ())


def _of_case(actor: Actor, wanted: LookFor) -> Iterator[Condition]:
    """Yield what the details ask of a case."""
    if wanted.state is State.WAITING:
        yield sa.false()
    elif wanted.state is not None:
        yield col(Case.status) == CaseStatus(wanted.state.value)
    if wanted.district:
        yield col(Case.district) == wanted.district
    if wanted.agency_id:
        yield col(Case.lead_agency_id) == wanted.agency_id
    if wanted.mine:
        yield col(Case.id).in_(_assigned(actor))
    if aged := _aged(wanted):
        of_child = col(CaseChild.person_id) == col(Person.id)
        yield sa.exists().where(of_child, col(CaseChild.case_id) == col(Case.id), *aged)


def _of_alert(actor: Actor, wanted: LookFor) -> Iterator[Condition]:
    """Yield what the details ask of an alert."""
    if wanted.state is State.WAITING:
        yield col(Alert.status).in_(WAITING)
    elif wanted.state is not None:
        yield sa.false()
    if wanted.district:
        yield col(Alert.district) == wanted.district
    if wanted.agency_id:
        sides = (col(Alert.sender_id), col(Alert.authority_id))
        yield sa.or_(*[side == wanted.agency_id for side in sides])
    if wanted.mine:
        yield col(Alert.author_id) == actor.user_id
    if aged := _aged(wanted):
        of_child = col(AlertChild.person_id) == col(Person.id)
        yield sa.exists().where(of_child, col(AlertChild.alert_id) == col(Alert.id), *aged)


def _aged(wanted: LookFor) -> list[Condition]:
    """Return what an age asks of a person today; an estimate may be a year off either way."""
    found: list[Condition] = []
    born, year = col(Person.born_on), sa.extract("year", col(Person.estimated_on))
    estimated = col(Person.estimated_age) + clock.today().year - year
    if wanted.age_from is not None:
        latest = _years_ago(wanted.age_from)
        known = sa.and_(born.is_not(None), born <= latest)
        found.append(sa.or_(known, sa.and_(born.is_(None), estimated >= wanted.age_from - 1)))
    if wanted.age_to is not None:
        earliest = _years_ago(wanted.age_to + 1)
        known = sa.and_(born.is_not(None), born > earliest)
        found.append(sa.or_(known, sa.and_(born.is_(None), estimated <= wanted.age_to + 1)))
    return found


def _years_ago(years: int) -> date:
    today = clock.today()
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)
