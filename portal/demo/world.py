"""The demonstration's data, made by the services that people use, under a clock of its own."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock, events, host
from portal.access.models import DutyShift
from portal.access.services import grant_role
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.agencies.models import Accreditation, Agency, Coverage
from portal.alerts import services as alerts
from portal.alerts.inputs import SendAlert
from portal.cases import services as cases
from portal.cases.inputs import CloseCase, EndChild
from portal.cases.models import (
    CaseChild,
    CaseEnding,
    Circle,
    EntryKind,
    Level,
    Right,
    RightState,
)
from portal.commitments import services as commitments
from portal.commitments.models import Source
from portal.db import Database
from portal.demo.council import make_council
from portal.demo.documents import make_documents
from portal.demo.duplicates import make_duplicates
from portal.demo.duties import make_duties
from portal.demo.family import make_families
from portal.demo.interviews import make_interviews
from portal.demo.lists import make_lists
from portal.demo.people import (
    ACCOUNTS,
    AGENCIES,
    CENTRE,
    COVERED_PROVINCES,
    FIRST,
    GIVEN,
    PASSWORD,
    SECOND,
)
from portal.demo.plans import make_plans
from portal.demo.privacy import make_privacy
from portal.demo.staff import make_staff
from portal.host import services as modules
from portal.host.slots import World
from portal.referrals import services as referrals
from portal.referrals.inputs import AnswerReferral, SendReferral
from portal.settings import Settings
from portal.users.services import create_user

SEED = 1297
HELD_DAYS = 150
MODULES = {
    "shelter": ("UPE-SM", "CAR-MOR"),
    "procedure": ("UPE-SM", "DEM-LAM", "DEM-TAR", "JUZ-RIO"),
    "defensoria": ("DP-TAR",),
}


class Builder:
    """What was made so far, and who acts when."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db, self.settings = db, settings
        self.draw = random.Random(SEED)
        self.agencies: dict[str, UUID] = {}
        self.kinds: dict[str, AgencyKind] = {}
        self.actors: dict[str, Actor] = {}
        self.cases: dict[str, UUID] = {}

    @contextmanager
    def acting(self, username: str, at: datetime) -> Iterator[tuple[Session, Actor]]:
        """Let somebody act at an hour, in a transaction of its own; events are delivered after."""
        with clock.at(at):
            with self.db.write() as session:
                yield session, self.actors[username]
            events.deliver(self.db, session)


def ago(days: float, hour: int = 9) -> datetime:
    """Return an hour of a day before today in Lima, never in the future."""
    day = clock.today() - timedelta(days=int(days))
    moment = datetime.combine(day, time(hour), tzinfo=clock.LIMA)
    return min(moment, clock.now() - timedelta(minutes=30))


def build(db: Database, settings: Settings) -> None:
    """Make institutions, people, modules and two dozen cases in different states."""
    made = Builder(db, settings)
    _institutions(made)
    _people(made)
    _modules(made)
    for script in _scripts():
        script(made)
    make_families(made)
    _module_data(made)
    make_council(made)
    _close(made)
    make_privacy(made)
    make_staff(made)
    make_lists(made)
    make_duplicates(made)
    make_duties(made)
    make_interviews(made)
    make_plans(made)
    make_documents(made)


def _institutions(made: Builder) -> None:
    since = date(2026, 3, 2)
    with made.db.write() as session:
        for code, name, kind, district, telephone in AGENCIES:
            agency = Agency(code=code, name=name, kind=kind, district=district, telephone=telephone)
            if code == "UPE-SM":
                agency.operates_from = since
            session.add(agency)
            made.agencies[code], made.kinds[code] = agency.id, kind
        session.flush()
        code, name, parent, district, telephone = CENTRE
        unit = Agency(
            code=code,
            name=name,
            kind=AgencyKind.HEALTH,
            parent_id=made.agencies[parent],
            district=district,
            telephone=telephone,
        )
        session.add(unit)
        made.agencies[code], made.kinds[code] = unit.id, AgencyKind.HEALTH
        for province in COVERED_PROVINCES:
            session.add(Coverage(agency_id=made.agencies["UPE-SM"], province=province, since=since))
        session.add(
            Accreditation(
                agency_id=made.agencies["DEM-LAM"],
                resolution="Demostración 001-2026",
                since=since,
                recorded_at=clock.now(),
            )
        )


def _people(made: Builder) -> None:
    for account in ACCOUNTS:
        with made.db.write() as session:
            user = create_user(
                session,
                system_actor(),
                username=account.username,
                name=account.name,
                password=PASSWORD,
                weak_hash=True,
            )
            agency_id = made.agencies.get(account.agency)
            for role in account.roles:
                grant_role(
                    session,
                    system_actor(),
                    user_id=user.id,
                    agency_id=agency_id,
                    role=role,
                    since=clock.now() - timedelta(days=HELD_DAYS),
                )
            made.actors[account.username] = Actor(
                user_id=user.id,
                agency_id=agency_id,
                agency_kind=made.kinds.get(account.agency),
                roles=frozenset(account.roles),
                on_duty=Role.DUTY_OFFICER in account.roles,
                name=account.name,
            )
            if Role.DUTY_OFFICER in account.roles and agency_id is not None:
                _roster(session, agency_id, user.id)


def _roster(session: Session, agency_id: UUID, user_id: UUID) -> None:
    """Put a person on duty day by day for two weeks and then by weeks: the telephone answers."""
    begin = datetime.combine(clock.today() - timedelta(days=1), time(8), tzinfo=clock.LIMA)
    ends = [begin + timedelta(days=day) for day in range(1, 15)]
    ends += [ends[-1] + timedelta(days=7 * week) for week in range(1, 7)]
    for number, (starts_at, ends_at) in enumerate(zip([begin, *ends], ends, strict=False)):
        session.add(
            DutyShift(
                agency_id=agency_id,
                user_id=user_id,
                telephone="942 000 100" if number % 2 == 0 else "942 000 101",
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )


def _modules(made: Builder) -> None:
    """Admit what is installed here and turn it on for whom it is meant."""
    for slug in host.current().loaded:
        modules.admit(made.db, system_actor(), slug)
        with made.db.write() as session:
            for code in MODULES.get(slug, ()):
                modules.enable(session, system_actor(), slug, made.agencies[code])


def _module_data(made: Builder) -> None:
    with made.db.write() as session:
        world = World(agencies=made.agencies, actors=made.actors, cases=made.cases)
        host.calling.demo(session, world, host.current().loaded)


def _alert(made: Builder, ages: tuple[int, ...], **given: Any) -> SendAlert:
    first, second = made.draw.choice(FIRST), made.draw.choice(SECOND)
    names = made.draw.sample(GIVEN, len(ages))
    children = [
        {
            "given_names": name,
            "first_surname": first,
            "second_surname": second,
            "estimated_age": age,
            "sex": made.draw.choice(["female", "male"]),
        }
        for name, age in zip(names, ages, strict=True)
    ]
    return SendAlert.model_validate(
        {
            "children": children,
            "where": "A dos cuadras de la posta, casa de techo verde",
            "reporter": "Vecina de la cuadra",
            "is_reserved": True,
            "telephone": "942 000 200",
            "situation": "unprotection",
            **given,
        }
    )


def _send(made: Builder, sender: str, at: datetime, ages: tuple[int, ...], **given: Any) -> UUID:
    given.setdefault("learned_at", at - timedelta(hours=3))
    with made.acting(sender, at) as (session, actor):
        return alerts.send_alert(session, actor, _alert(made, ages, **given)).id


def _case(
    made: Builder, name: str, days: int, ages: tuple[int, ...], district: str, **given: Any
) -> UUID:
    """Send an alert some days ago and let the UPE take it up two hours later."""
    at = ago(days, 8)
    alert_id = _send(made, given.pop("sender", "salud"), at, ages, district=district, **given)
    with made.acting("turno", at + timedelta(hours=2)) as (session, actor):
        case = alerts.accept_alert(session, actor, alert_id)
        made.cases[name] = case.id
    with made.acting("upe", at + timedelta(hours=3)) as (session, actor):
        worker = made.actors["psicologia"].user_id
        if worker is not None and days % 2 == 0:
            cases.assign(session, actor, case.id, user_id=worker)
    return case.id


def _children(session: Session, case_id: UUID) -> list[UUID]:
    return list(
        session.scalars(
            sa.select(col(CaseChild.person_id))
            .where(col(CaseChild.case_id) == case_id)
            .order_by(col(CaseChild.position))
        )
    )


def _refer(
    made: Builder, case_id: UUID, at: datetime, to: str, right: Right, asked: str, days: int = 5
) -> UUID:
    with made.acting("upe", at) as (session, actor):
        given = SendReferral.model_validate(
            {
                "to_agency_id": made.agencies[to],
                "asked": asked,
                "person_ids": _children(session, case_id)[-1:],
                "right": right.value,
                "due_on": max(clock.local(at).date(), clock.today()) + timedelta(days=days),
                "identity_fields": ["names", "birth"],
            }
        )
        return referrals.send_referral(session, actor, case_id, given).id


def _party(made: Builder, case_id: UUID, at: datetime, code: str, level: Level) -> None:
    with made.acting("upe", at) as (session, actor):
        basis = "Ley 26520 arts. 9, 16" if code == "DP-TAR" else "DL 1297 art. 15.2"
        cases.add_party(
            session, actor, case_id, agency_id=made.agencies[code], level=level, legal_basis=basis
        )


def _note(made: Builder, case_id: UUID, at: datetime, text: str, circle: Circle) -> None:
    with made.acting("upe", at) as (session, actor):
        cases.write_entry(session, actor, case_id, kind=EntryKind.VISIT, text=text, circle=circle)


Script = Callable[[Builder], None]

DISTRICTS = (
    "220510", "220501", "220901", "220910", "220909", "220701", "220101", "220507", "220904",
    "220511", "220708", "220105",
)  # fmt: skip
STORIES = (
    ("Estaba a solas en el mercado, sin persona adulta", (3,), ["injuries"]),
    ("Adolescente sin familia conocida en el terminal", (15,), ["street"]),
    ("Madre fallecida; abuela de noventa años a cargo", (17, 13, 9, 4), ["orphan"]),
    ("Padre en un penal; no asiste a la escuela", (8,), ["parent_in_prison", "no_school"]),
    ("Hermanos sin documento ni seguro", (6, 11), ["no_document"]),
    ("Llegó hace poco de otra provincia con un adulto que no es familiar", (12,), ["recruitment"]),
    ("Vecinos avisan de golpes", (7, 5), ["injuries"]),
    ("Madre internada por largo tiempo", (10,), ["parent_in_hospital"]),
    ("Trabaja de noche en la calle", (14,), ["street", "no_school"]),
    ("Dejó la escuela; la familia se mudó", (9,), ["no_school"]),
)


def _scripts() -> Iterator[Script]:
    yield _story_of_two
    for number in range(18):
        yield _plain(number)
    yield _waiting_alerts
    yield _risk_cases
    yield _case_that_ends


def _story_of_two(made: Builder) -> None:
    """A case well on its way: institutions, referrals, a commitment and a sealed entry."""
    case_id = _case(
        made,
        "hermanos",
        6,
        (9, 4),
        "220510",
        signs=["alone_tonight", "parent_in_prison", "parent_in_hospital"],
        what_happens="Madre internada desde el viernes; padre en un penal. Estuvieron solos.",
    )
    _party(made, case_id, ago(5), "DP-TAR", Level.INFORMED)
    _party(made, case_id, ago(5), "DEM-LAM", Level.TEAM)
    identity = _refer(made, case_id, ago(5), "RENIEC", Right.IDENTITY, "Emitir el DNI sin costo")
    _refer(made, case_id, ago(4), "RED-LAM", Right.GROWTH, "Control y vacunas", 2)
    with made.acting("reniec", ago(4, 11)) as (session, actor):
        referrals.accept_referral(session, actor, identity)
    _note(made, case_id, ago(3), "Visita al domicilio: sin adultos. Vecina colabora.", Circle.TEAM)
    _note(made, case_id, ago(2), "Relato de la entrevista psicológica.", Circle.SEALED)
    with made.acting("upe", ago(2, 12)) as (session, actor):
        cases.set_right(
            session,
            actor,
            case_id,
            person_id=_children(session, case_id)[0],
            right=Right.IDENTITY,
            state=RightState.RESTORED,
            evidence="DNI a la vista",
        )
        commitments.propose(
            session,
            actor,
            agency_id=made.agencies["UGEL-LAM"],
            act="Asignar vacante en inicial y primaria",
            due_on=clock.today() + timedelta(days=6),
            source=Source.MANUAL,
            case_id=case_id,
            verifier_agency_id=made.agencies["UPE-SM"],
        )


def _plain(number: int) -> Script:
    """Return a script of an ordinary case, further along the longer ago it began."""

    def script(made: Builder) -> None:
        text, ages, signs = STORIES[number % len(STORIES)]
        days = 1 + number * 4
        case_id = _case(
            made,
            f"caso-{number}",
            days,
            ages,
            DISTRICTS[number % len(DISTRICTS)],
            signs=signs,
            what_happens=f"{text}.",
        )
        if number % 2:
            _party(made, case_id, ago(max(days - 1, 0), 16), "DP-TAR", Level.INFORMED)
        if number % 3 == 0:
            referral = _refer(
                made,
                case_id,
                ago(max(days - 1, 0), 12),
                "RENIEC",
                Right.IDENTITY,
                "Inscribir y emitir el DNI sin costo",
                3 + number % 4,
            )
            _answered(made, referral, number, days)

    return script


def _answered(made: Builder, referral: UUID, number: int, days: int) -> None:
    if days < 8:
        return
    with made.acting("reniec", ago(days - 3, 10)) as (session, actor):
        referrals.accept_referral(session, actor, referral)
    if number % 2:
        return
    with made.acting("reniec", ago(days - 6, 10)) as (session, actor):
        answer = AnswerReferral(
            answer="DNI emitido y entregado", document=f"Constancia {number}", restores=True
        )
        referrals.answer_referral(session, actor, referral, answer)


def _waiting_alerts(made: Builder) -> None:
    """Alerts that wait tonight, one of them unsafe."""
    _send(
        made,
        "salud",
        clock.now() - timedelta(minutes=12),
        (9, 4),
        district="220510",
        signs=["alone_tonight"],
        what_happens="Dos hermanos solos esta noche, junto a la posta.",
    )
    _send(
        made,
        "ugel",
        clock.now() - timedelta(hours=20),
        (11,),
        district="220501",
        learned_at=clock.now() - timedelta(days=6),
        signs=["no_school"],
        situation="undecided",
        what_happens="Falta a clases desde hace tres semanas; nadie responde en su casa.",
    )


def _risk_cases(made: Builder) -> None:
    """Risk cases of an accredited DEMUNA, and one that it passed on."""
    for days, ages in ((3, (13,)), (9, (6,)), (16, (10, 12))):
        at = ago(days, 10)
        alert_id = _send(
            made,
            "ugel",
            at,
            ages,
            district="220501",
            situation="risk",
            signs=["no_school"],
            what_happens="Ausencias seguidas; la familia pide apoyo.",
        )
        with made.acting("demuna", at + timedelta(hours=1)) as (session, actor):
            made.cases[f"riesgo-{days}"] = alerts.accept_alert(session, actor, alert_id).id


def _case_that_ends(made: Builder) -> None:
    """A case that ends well; it is closed once the modules have done their part."""
    _case(
        made,
        "cerrado",
        40,
        (5,),
        "220901",
        signs=["parent_in_hospital"],
        what_happens="Madre internada; tía materna ubicada.",
    )


def _close(made: Builder) -> None:
    visit_on = clock.today() + timedelta(days=4)
    with made.acting("upe", ago(10)) as (session, actor):
        case_id = made.cases["cerrado"]
        children = session.scalars(
            sa.select(col(CaseChild.person_id)).where(col(CaseChild.case_id) == case_id)
        )
        told = CloseCase(
            children=[EndChild(person_id=person_id) for person_id in children],
            ending=CaseEnding.RETURNED,
            since=clock.today(),
            visit_on=visit_on,
            lacking_reason="La DEMUNA de San Martín sigue lo que falta con la familia.",
            document="RD 031-2026-MIMP-UPE-SM",
            dated=clock.today(),
            explanation="Retorno con la madre, que salió del hospital, con apoyo de la tía.",
        )
        cases.close_case(session, actor, case_id, told)
