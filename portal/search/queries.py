"""What is found among what one may see, and why; the cap comes after the rule, one's own first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
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
from portal.db import AnyColumns, acting, given, once, plain_rows
from portal.family.models import Relative
from portal.people.finding import (
    Likeness,
    Meant,
    bearers,
    bearers_among,
    counted,
    counting,
    in_order,
    likeness,
    meanings,
)
from portal.people.models import Person
from portal.people.queries import numbered
from portal.search.inputs import LookFor, State
from portal.search.reach import (
    has_few,
    may_be_read,
    nearby,
    opened_tonight,
    own_counts,
    people_in_reach,
)
from portal.search.rules import Typed, read_typed
from portal.search.written import written

Condition = sa.ColumnElement[bool]
# So many are found by details or words; of a name fewer, whose likeness is weighed one by one.
MOST, MOST_NAMED = 2000, 100
# So many bearers of a name are first looked for among records.
FIRST_BEARERS = 400
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
    most: int = MOST


@dataclass(frozen=True, slots=True)
class Asked:
    """Which details are asked for: the shape of a statement, whose values are given later."""

    state: State | None
    has_district: bool
    has_agency: bool
    mine: bool
    has_age_from: bool
    has_age_to: bool


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
    hits = sorted(_joined(ways), key=lambda hit: hit.key)
    most = MOST_NAMED if wanted.text else MOST
    return Found(hits[:most], is_capped=len(hits) >= most, most=most)


def _joined(ways: Sequence[list[Hit]]) -> list[Hit]:
    """Return what every way found, each once, with all the reasons and the best place."""
    found: dict[UUID, Hit] = {}
    for hit in _common(ways):
        known = found.get(hit.id)
        if known is None:
            found[hit.id] = hit
        else:
            why = tuple(dict.fromkeys((*known.why, *hit.why)))
            found[hit.id] = Hit(hit.kind, hit.id, min(known.rank, hit.rank), why)
    return list(found.values())


def _common(ways: Sequence[list[Hit]]) -> Iterator[Hit]:
    if len(ways) == 1:
        yield from ways[0]
        return
    common = set.intersection(*({hit.id for hit in hits} for hits in ways))
    yield from (hit for hits in ways for hit in hits if hit.id in common)


def _typed(session: Session, actor: Actor, wanted: LookFor) -> Iterator[Hit]:
    """Yield what the text finds: codes and documents exactly, names as they are half remembered."""
    typed = read_typed(wanted.text)
    if typed.is_exact:
        yield from _exact(session, actor, wanted, typed)
    if meant := meanings(session, typed.name):
        yield from _named(session, actor, wanted, meant)


def _exact(session: Session, actor: Actor, wanted: LookFor, typed: Typed) -> Iterator[Hit]:
    """Yield the records with a code, and those of whoever has a document number."""
    if typed.tail:
        details = _asked(wanted)
        statement = _coded(actor, details, _ends_in(actor, typed.tail))
    else:
        statement = _known(actor, _asked(wanted))
    values = _values(actor, wanted, code=typed.code, document=typed.document)
    for one, kind, way in session.execute(statement, values):
        yield Hit(kind, one, EXACT, (Why(way),))


def _coded(actor: Actor, asked: Asked, ends: Condition) -> Any:
    """Return what has a code or whose child has a document number; `ends` is how a code may end."""
    has = col(Person.id).in_(numbered([given("document", col(Person.document_number))]))
    child_of_case = (
        sa.select(col(CaseChild.case_id), sa.literal("case"), sa.literal("document"))
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .join(Person, col(Person.id) == col(CaseChild.person_id))
        .where(has, readable_cases(actor), *_of_case(actor, asked))
    )
    child_of_alert = (
        sa.select(col(AlertChild.alert_id), sa.literal("alert"), sa.literal("document"))
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .join(Person, col(Person.id) == col(AlertChild.person_id))
        .where(has, visible_alerts(actor), *_of_alert(actor, asked))
    )
    case = sa.select(col(Case.id), sa.literal("case"), sa.literal("code")).where(
        sa.or_(col(Case.code) == given("code", col(Case.code)), ends),
        visible_cases(actor),
        *_of_case(actor, asked),
    )
    alert = sa.select(col(Alert.id), sa.literal("alert"), sa.literal("code")).where(
        col(Alert.code) == given("code", col(Alert.code)),
        visible_alerts(actor),
        *_of_alert(actor, asked),
    )
    some = [part.limit(MOST).subquery() for part in (case, alert, child_of_case, child_of_alert)]
    return sa.union_all(*[sa.select(part) for part in some])


@once
def _known(actor: Actor, asked: Asked) -> Any:
    return _coded(actor, asked, sa.false())


def _ends_in(actor: Actor, tail: str) -> Condition:
    """Return that a case, of those nearest to the actor's work, has a code with this end."""
    return sa.and_(col(Case.code).like(f"%-{tail}"), col(Case.id).in_(nearby(actor)))


def _named(
    session: Session, actor: Actor, wanted: LookFor, meant: Sequence[Meant]
) -> Iterator[Hit]:
    """Yield the records in which a name like the one sought is read in full, to the cap or beyond.

    The bearers of a name are walked no further than it takes: in portions, each as many again.
    """
    # What must have been written too is looked for among all that was found by name.
    enough = MOST if wanted.words else MOST_NAMED
    values = acting(actor, **counting(meant))
    counts = dict(plain_rows(session, _counts(actor, len(meant)), values))
    sought = in_order(meant, counts)
    statement = _bearing(actor, sought.shape, _asked(wanted), few=has_few(counts))
    like = cache(lambda names: likeness(sought, names))
    found, walked, most = 0, 0, FIRST_BEARERS
    while True:
        values = _values(actor, wanted, walked=walked, most=most, **sought.given)
        *hits, (_person_id, _names, _record, _kind, borne) = plain_rows(session, statement, values)
        for person_id, names, one, kind, is_later in hits:
            near = like(names)
            rank = EXACT + 1 + near.cost
            yield Hit(kind, one, 2 * rank + is_later, (Why("name", near, person_id),))
        found, walked = found + len(hits), walked + borne
        if found >= enough or borne < most:
            return
        most = walked


@once
def _counts(actor: Actor, words: int) -> "sa.Select[int, int]":
    """Return how many bear each word, and how much the acting agency has: both up to a bound."""
    return counted(words, own_counts(actor))


@once
def _bearing(actor: Actor, shape: str, asked: Asked, *, few: bool) -> AnyColumns:
    """Return who bears the words and stands in a record that the actor reads, and if it is later.

    Later than others of equal likeness are a case that is not one's own or closed, and an alert.
    `most` bearers are looked at after those `walked` already; the last row tells how many were.
    """
    borne = (
        _walk(actor, shape, few=few)
        .limit(sa.bindparam("most", type_=sa.Integer()))
        .offset(sa.bindparam("walked", type_=sa.Integer()))
        .cte("borne")
        .prefix_with("MATERIALIZED")
    )
    is_own = sa.and_(col(Case.id).in_(_assigned(actor)), col(Case.status) == CaseStatus.OPEN)

    def found(record: Any, kind: str, is_later: Any) -> Any:
        return sa.select(
            borne.c.person_id,
            borne.c.names,
            record.label("record"),
            sa.literal(kind).label("kind"),
            sa.cast(is_later, sa.Integer).label("number"),
        ).select_from(borne)

    of_case = [readable_cases(actor), *_of_case(actor, asked)]
    children = (
        found(col(Case.id), "case", ~is_own)
        .join(CaseChild, col(CaseChild.person_id) == borne.c.person_id)
        .join(Case, col(Case.id) == col(CaseChild.case_id))
        .where(may_be_read(actor, col(CaseChild.case_id)), *of_case)
    )
    of_alerts = (
        found(col(Alert.id), "alert", sa.true())
        .join(AlertChild, col(AlertChild.person_id) == borne.c.person_id)
        .join(Alert, col(Alert.id) == col(AlertChild.alert_id))
        .where(visible_alerts(actor), *_of_alert(actor, asked))
    )
    relatives = (
        found(col(Case.id), "case", sa.true())
        .join(Relative, col(Relative.person_id) == borne.c.person_id)
        .join(Case, col(Case.id) == col(Relative.case_id))
        .where(
            may_be_read(actor, col(Relative.case_id)), *of_case, col(Relative.struck_at).is_(None)
        )
    )
    none: Any = sa.null()
    counted = sa.select(
        sa.cast(none, sa.Uuid), none, sa.cast(none, sa.Uuid), none, sa.func.count()
    ).select_from(borne)
    some = [part.limit(MOST).subquery() for part in (children, of_alerts, relatives)]
    every = sa.union_all(*[sa.select(part) for part in some], counted).subquery()
    return sa.select(*every.c)


def _walk(actor: Actor, shape: str, *, few: bool) -> Any:
    """Return who bears the words: of the acting agency where it has few, else one's own first."""
    if few:
        return bearers_among(shape, people_in_reach(actor))
    own = sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id).in_(_assigned(actor)))
    return sa.union_all(bearers_among(shape, own), *bearers(shape).selects)


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
    asked = _asked(wanted)
    cases = sa.select(col(Case.id)).where(col(Case.id).in_(ids), *_of_case(actor, asked))
    alerts = sa.select(col(Alert.id)).where(col(Alert.id).in_(ids), *_of_alert(actor, asked))
    fitting = set(session.scalars(sa.union_all(cases, alerts), _values(actor, wanted)))
    for each in found:
        if each.id in fitting:
            why = Why("written", text=each.text, on=each.on)
            yield Hit(each.kind, each.id, WRITTEN, (why,))


def _by_details(session: Session, actor: Actor, wanted: LookFor) -> Iterator[Hit]:
    """Yield what fits the details alone: cases in the order of work, then the latest alerts."""
    asked = _asked(wanted)
    cases = [
        walk(actor, CaseFilter(status=status, mine=wanted.mine))
        .join(Case, col(Case.id) == col(Worklist.case_id))
        .where(*_of_case(actor, asked))
        .add_columns(sa.literal("case"))
        .order_by(*ORDER)
        for status in CaseStatus
    ]
    tonight = sa.select(col(Case.id), sa.literal("case")).where(
        col(Case.id).in_(opened_tonight(actor)), visible_cases(actor), *_of_case(actor, asked)
    )
    alerts = (
        sa.select(col(Alert.id), sa.literal("alert"))
        .where(visible_alerts(actor), *_of_alert(actor, asked))
        .order_by(col(Alert.id).desc())
    )
    some = [part.limit(MOST).subquery() for part in (*cases, tonight, alerts)]
    statement = sa.union_all(*[sa.select(part) for part in some])
    found = session.execute(statement, _values(actor, wanted))
    for place, (one, kind) in enumerate(dict.fromkeys(tuple(row) for row in found)):
        yield Hit(kind, one, PLAIN + place, ())


def _asked(wanted: LookFor) -> Asked:
    return Asked(
        state=wanted.state,
        has_district=bool(wanted.district),
        has_agency=wanted.agency_id is not None,
        mine=wanted.mine,
        has_age_from=wanted.age_from is not None,
        has_age_to=wanted.age_to is not None,
    )


def _values(actor: Actor, wanted: LookFor, **more: Any) -> Mapping[str, Any]:
    """Return who asks and the values of the details, some of which no statement may ask for."""
    age_from, age_to = wanted.age_from or 0, wanted.age_to or 0
    return acting(
        actor,
        district=wanted.district,
        at_agency=wanted.agency_id,
        age_from=age_from - 1,
        age_to=age_to + 1,
        born_by=_years_ago(age_from),
        born_after=_years_ago(age_to + 1),
        year=clock.today().year,
        **more,
    )


def _of_case(actor: Actor, asked: Asked) -> Iterator[Condition]:
    """Yield what the details ask of a case."""
    if asked.state is State.WAITING:
        yield sa.false()
    elif asked.state is not None:
        yield col(Case.status) == CaseStatus(asked.state.value)
    if asked.has_district:
        yield col(Case.district) == given("district", col(Case.district))
    if asked.has_agency:
        yield col(Case.lead_agency_id) == given("at_agency")
    if asked.mine:
        yield col(Case.id).in_(_assigned(actor))
    if aged := _aged(asked):
        of_child = col(CaseChild.person_id) == col(Person.id)
        yield sa.exists().where(of_child, col(CaseChild.case_id) == col(Case.id), *aged)


def _of_alert(actor: Actor, asked: Asked) -> Iterator[Condition]:
    """Yield what the details ask of an alert."""
    if asked.state is State.WAITING:
        yield col(Alert.status).in_(WAITING)
    elif asked.state is not None:
        yield sa.false()
    if asked.has_district:
        yield col(Alert.district) == given("district", col(Alert.district))
    if asked.has_agency:
        sides = (col(Alert.sender_id), col(Alert.authority_id))
        yield sa.or_(*[side == given("at_agency") for side in sides])
    if asked.mine:
        yield col(Alert.author_id) == actor.user_id
    if aged := _aged(asked):
        of_child = col(AlertChild.person_id) == col(Person.id)
        yield sa.exists().where(of_child, col(AlertChild.alert_id) == col(Alert.id), *aged)


def _aged(asked: Asked) -> list[Condition]:
    """Return what an age asks of a person today; an estimate may be a year off either way."""
    found: list[Condition] = []
    born, age = col(Person.born_on), col(Person.estimated_age)
    estimated = age + given("year", age) - sa.extract("year", col(Person.estimated_on))
    if asked.has_age_from:
        known = sa.and_(born.is_not(None), born <= given("born_by", born))
        guessed = sa.and_(born.is_(None), estimated >= given("age_from", age))
        found.append(sa.or_(known, guessed))
    if asked.has_age_to:
        known = sa.and_(born.is_not(None), born > given("born_after", born))
        guessed = sa.and_(born.is_(None), estimated <= given("age_to", age))
        found.append(sa.or_(known, guessed))
    return found


def _years_ago(years: int) -> date:
    today = clock.today()
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return today.replace(year=today.year - years, day=28)
