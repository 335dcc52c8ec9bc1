"""A generated world of agencies, people and records, made through the services.

What was decided while the world was made is kept beside the rows, in the objects of `rules`.
"""

import random
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from sqlmodel import Session, col, select

from portal import clock
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.agencies.models import Agency, Coverage
from portal.alerts import services as alerts
from portal.alerts.inputs import SendAlert
from portal.alerts.models import WAITING, Alert, ArchiveKind
from portal.cases import services as cases
from portal.cases.models import (
    Case,
    CaseGrant,
    CaseParty,
    Circle,
    EntryKind,
    Level,
    Priority,
    Right,
    Situation,
)
from portal.cases.terms import start_term
from portal.cases.timeline import write_entry
from portal.cases.worklist import rewrite
from portal.commitments import services as commitments
from portal.commitments.models import Source
from portal.copies.models import CourtCopy
from portal.db import new_id
from portal.db.files import Written
from portal.documents.models import Format
from portal.documents.receiving import Content
from portal.documents.services import attach
from portal.duplicates.models import Basis, Match
from portal.duties.models import Duty, Sign
from portal.duties.services import put_sign
from portal.family.inputs import AddRelative
from portal.family.models import Relation
from portal.family.services import add_relative
from portal.interviews.models import AskRule, Interview, InterviewKind
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Review, Visit
from portal.referrals import services as referrals
from portal.referrals.inputs import (
    AnswerReferral,
    PassReferral,
    ReturnReferral,
    SendReferral,
)
from portal.referrals.models import ReturnReason
from portal.referrals.rules import IdentityField
from portal.sharing import bars
from portal.sharing.models import Transfer, TransferState
from tests.factories.agencies import make_agency, make_member, put_on_duty
from tests.visibility.rules import ENDED, EXPIRED, NONE, File, Letter, Piece, Someone, World

KINDS = {
    "UPE": AgencyKind.UPE,
    "DEM": AgencyKind.DEMUNA,
    "REG": AgencyKind.CIVIL_REGISTRY,
    "DEF": AgencyKind.DEFENSORIA,
    "FIS": AgencyKind.PROSECUTOR,
    "SAL": AgencyKind.HEALTH,
}
WHERE = "Pasaje Secreto, casa de la tía"
AUTHORITIES = ("UPE", "DEM")
# How a person stands to the agency: the roles held, and whether the shift is now.
POSTS: dict[str, tuple[tuple[Role, ...], bool]] = {
    "coordinator": ((Role.COORDINATOR,), False),
    "barred": ((Role.COORDINATOR,), False),
    "caseworker": ((Role.CASEWORKER,), False),
    "idle": ((Role.CASEWORKER,), False),
    "on_duty": ((Role.DUTY_OFFICER,), True),
    "off_duty": ((Role.DUTY_OFFICER,), False),
    "carer": ((Role.CARER,), False),
    "viewer": ((Role.VIEWER,), False),
    "admin": ((Role.AGENCY_ADMIN,), False),
    "privacy": ((Role.PRIVACY_OFFICER,), False),
}
# Those who see no case anywhere are tried at two institutions, the others at all.
EVERYWHERE = ("coordinator", "barred", "caseworker", "on_duty", "off_duty")
GIVEN_NAMES = ("Tangara", "Paucar", "Lechuza", "Garza", "Perdiz", "Tucán")
SURNAMES = ("Cedro", "Caoba", "Shihuahuaco", "Capirona", "Bolaina", "Tornillo")


def make_world(session: Session, seed: int, size: int = 10) -> World:
    """Make a world from a seed, through the services; some time passes between making and now."""
    dice, world = random.Random(seed), World()
    with clock.at(clock.now() - timedelta(hours=3)):
        _put_people(session, world)
        for number in range(size):
            _put_file(session, world, dice, number)
        for number in range(size):
            _put_alert(session, world, dice, number)
        _escalate(session, world)
        _put_letters(session, world, dice)
        _end_some(session, world, dice)
        _close_some(session, world, dice)
        _bar_some(session, world, dice)
        _open_in_emergency(session, world, dice)
        _put_matches(session, world)
        _put_transfers(session, world, dice)
    _put_shifts(session, world)
    session.flush()
    _put_documents(session, world)
    return world


def _put_matches(session: Session, world: World) -> None:
    """Take the children of one file and of the next for one child each."""
    files = [file for file in world.files if file.children]
    for left, right in pairwise(files):
        one, other = sorted((left.children[0], right.children[0]))
        match = Match(one_id=one, other_id=other, basis=Basis.TOLD, found_at=clock.now())
        session.add(match)
        session.flush()
        world.matches[match.id] = (left, right)


def _put_transfers(session: Session, world: World, dice: random.Random) -> None:
    """Decline the files towards another institution each; some were returned."""
    for file in [file for file in world.files if file.children]:
        receiver = dice.choice(sorted(KINDS.keys() - {file.lead}))
        waits = dice.random() < 0.7
        made = Transfer(
            case_id=file.id,
            from_agency_id=world.agencies[file.lead].id,
            to_agency_id=world.agencies[receiver].id,
            state=TransferState.WAITING if waits else TransferState.RETURNED,
            declined_at=clock.now(),
            reason_sealed=b"Prueba",
        )
        session.add(made)
        session.flush()
        world.transfers.append(Letter(made.id, file, file.lead, {receiver}, is_open=waits))


def _put_people(session: Session, world: World) -> None:
    for code, kind in KINDS.items():
        agency = world.agencies[code] = make_agency(session, code, kind, name=f"Casa {code}")
        for post, (roles, on_duty) in POSTS.items():
            if post not in EVERYWHERE and code not in AUTHORITIES:
                continue
            user = make_member(session, agency, *roles, name=f"{post} {code}")
            actor = Actor(
                user.id, agency.id, kind, frozenset(roles), on_duty, agency_name=agency.name
            )
            world.people.append(Someone(post, code, user, actor))
    upe = world.agencies["UPE"]
    session.add(Coverage(agency_id=upe.id, province="2205", since=clock.today()))
    for code in ("UPE", "DEF", "SAL"):
        agency = world.agencies[code]
        user = make_member(session, None, Role.PLATFORM_ADMIN, name=f"staff {code}")
        actor = Actor(user.id, agency.id, agency.kind, staff_session_id=new_id())
        world.people.append(Someone("staff", code, user, actor))
    for role in (Role.PLATFORM_ADMIN, Role.AUDITOR):
        user = make_member(session, None, role, name=role.value)
        actor = Actor(user.id, roles=frozenset({role}))
        world.people.append(Someone(role.value, "", user, actor))


def _put_shifts(session: Session, world: World) -> None:
    for person in world.people:
        if person.actor.on_duty:
            put_on_duty(session, world.agencies[person.agency], person.user)


def _put_file(session: Session, world: World, dice: random.Random, number: int) -> None:
    lead = dice.choice(AUTHORITIES)
    boss = world.at(lead, "coordinator").actor
    names = [
        f"{dice.choice(GIVEN_NAMES)} {SURNAMES[number % 6]}{number}x"
        for _each in range(1 + number % 2)
    ]
    people = [
        register_person(
            session,
            boss,
            PersonInput(
                given_names=name.split()[0], first_surname=name.split()[1], estimated_age=4 + spot
            ),
        ).id
        for spot, name in enumerate(names)
    ]
    case = cases.open_case(
        session,
        boss,
        lead_agency_id=world.agencies[lead].id,
        situation=dice.choice(list(Situation)),
        priority=dice.choice(list(Priority)),
        district="220501",
        summary=f"Relato reservado {number}",
        person_ids=people,
        received_at=clock.now(),
    )
    file = File(case.id, case.code, lead, {lead: Level.LEAD.value}, names, people)
    world.files.append(file)
    for code in sorted(KINDS.keys() - {lead}):
        _put_standing(session, world, dice, file, code)
    _assign_some(session, world, dice, file)
    for circle in Circle:
        for code in sorted(file.standing):
            _put_piece(session, world, dice, file, code, circle)
    term = start_term(
        session,
        system_actor(world.agencies[lead].id),
        case.id,
        rule_code="core.risk.evaluation",
        starts_at=clock.now(),
        agency_id=world.agencies[lead].id,
    )
    file.terms.append(term.id)
    _put_sign(session, file)
    _put_interviews(session, world, file)
    _put_plan(session, world, file)
    _put_copy(session, world, file)
    for is_open in (False, True):
        given = AddRelative(
            relation=Relation.AUNT_UNCLE, whereabouts=WHERE, whereabouts_open=is_open
        )
        lead_actor = system_actor(world.agencies[lead].id)
        file.relatives[add_relative(session, lead_actor, case.id, given).id] = is_open


def _put_documents(session: Session, world: World) -> None:
    """Hang a document on every entry that was written, and on each commitment and referral."""
    hung: list[tuple[str, File | None, Piece | Letter]] = [
        ("entry", file, piece) for file in world.files for piece in file.pieces
    ]
    hung += [("commitment", each.file, each) for each in world.commitments]
    hung += [("referral", each.file, each) for each in world.referrals]
    for number, (kind, file, piece) in enumerate(hung):
        written = Written(f"{number:032x}", b"k" * 32, 9, "0" * 64)
        document = attach(
            session,
            system_actor(),
            Content(Format.PDF, written, written.sha256),
            piece=kind,
            piece_id=piece.id,
            case_id=file.id if file else None,
            title=f"Oficio {number}",
        )
        world.documents[document.id] = (file, piece)


def _put_interviews(session: Session, world: World, file: File) -> None:
    """Let whoever works on the case have heard the first child, for the team and for all."""
    for circle in (Circle.TEAM, Circle.PARTIES):
        for code, standing in sorted(file.standing.items()):
            if standing not in tuple(Level):
                continue
            author = world.at(code, "coordinator")
            heard = Interview(
                case_id=file.id,
                person_id=file.children[0],
                kind=InterviewKind.SOCIAL,
                heard_on=clock.today(),
                agency_id=world.agencies[code].id,
                subject="Convivencia",
                may_ask=AskRule.TEAM,
                circle=circle,
                author_id=author.user.id,
                author_agency_id=world.agencies[code].id,
                recorded_at=clock.now(),
            )
            session.add(heard)
            session.flush()
            file.interviews.append(Piece(heard.id, circle, code, author.user.id))


def _put_plan(session: Session, world: World, file: File) -> None:
    """Put a plan in force on the first child, with one of each part that the lead owes today."""
    lead, now = world.agencies[file.lead].id, clock.now()
    plan = Plan(
        case_id=file.id, person_id=file.children[0], number=1, started_at=now, changed_at=now
    )
    session.add(plan)
    session.flush()
    objective = Objective(plan_id=plan.id, since=1, text="Vuelve a la escuela")
    activity = Activity(
        plan_id=plan.id,
        objective_line=objective.line_id,
        since=1,
        act="Acompañar la matrícula",
        agency_id=lead,
        due_on=clock.today(),
    )
    session.add_all(
        [
            PlanVersion(plan_id=plan.id, number=1, begun_at=now, approved_at=now),
            objective,
            activity,
            Visit(plan_id=plan.id, agency_id=lead, planned_on=clock.today(), purpose="Ver"),
            Review(plan_id=plan.id, due_on=clock.today()),
        ]
    )
    file.plans.append(plan.id)


def _put_copy(session: Session, world: World, file: File) -> None:
    """Let who leads have begun a copy of the file, and so all others as if they had led once."""
    for code in file.standing:
        copy = CourtCopy(
            case_id=file.id,
            agency_id=world.agencies[code].id,
            court="Juzgado de prueba",
            started_at=clock.now(),
        )
        session.add(copy)
        session.flush()
        (file.copies if code == file.lead else file.old_copies).append(copy.id)


def _put_sign(session: Session, file: File) -> None:
    """Put a sign on the case, and with it the notice that it obliges to give."""
    case = session.get_one(Case, file.id)
    sign = put_sign(session, system_actor(), case, Sign.CRIME, clock.now())
    assert sign is not None
    file.signs.append(sign.id)
    file.duties += session.exec(select(Duty.id).where(Duty.case_id == file.id)).all()


def _put_standing(
    session: Session, world: World, dice: random.Random, file: File, code: str
) -> None:
    standing = dice.choice([Level.TEAM.value, Level.INFORMED.value, ENDED, EXPIRED, NONE, NONE])
    if code == "DEF" and standing == Level.TEAM.value:
        standing = Level.INFORMED.value
    if standing == NONE:
        return
    boss = world.at(file.lead, "coordinator").actor
    level = (
        Level(standing) if standing in tuple(Level) else dice.choice([Level.TEAM, Level.INFORMED])
    )
    until = clock.now() + timedelta(days=2) if dice.random() < 0.3 else None
    until = clock.now() + timedelta(hours=1) if standing == EXPIRED else until
    party = cases.add_party(
        session,
        boss,
        file.id,
        agency_id=world.agencies[code].id,
        level=level,
        legal_basis="Prueba",
        until=until,
    )
    file.standing[code] = standing
    if standing == ENDED:
        cases.end_party(session, boss, file.id, party_id=party.id, reason="Prueba")


def _assign_some(session: Session, world: World, dice: random.Random, file: File) -> None:
    for code, standing in file.standing.items():
        if standing == ENDED:
            continue
        for post in ("caseworker", "off_duty"):
            if dice.random() < 0.6:
                person = world.at(code, post)
                boss = world.at(code, "coordinator").actor
                cases.assign(session, boss, file.id, user_id=person.user.id)
                file.assigned.add((code, person.user.id))


def _put_piece(
    session: Session, world: World, dice: random.Random, file: File, code: str, circle: Circle
) -> None:
    standing = file.standing[code]
    informed = standing == Level.INFORMED
    if standing not in tuple(Level) or (informed and circle in (Circle.TEAM, Circle.SEALED)):
        return
    author = world.at(code, "coordinator")
    readers = [world.at(dice.choice(list(KINDS)), dice.choice(["coordinator", "on_duty"])).user.id]
    text = f"Nota {circle.value} de {code}, {len(world.files)}-{len(file.pieces)}x"
    entry = write_entry(
        session,
        author.actor,
        file.id,
        kind=EntryKind.NOTE,
        text=text,
        circle=circle,
        readers=readers if circle is Circle.SEALED else (),
    )
    named = set(readers) if circle is Circle.SEALED else set()
    file.pieces.append(Piece(entry.id, circle, code, author.user.id, named, text))


def _put_alert(session: Session, world: World, dice: random.Random, number: int) -> None:
    sender = world.at(
        dice.choice(["SAL", "FIS", "REG"]), dice.choice(["coordinator", "caseworker"])
    )
    authority, other = dice.sample(AUTHORITIES, 2)
    alert = alerts.send_alert(
        session,
        sender.actor,
        SendAlert.model_validate(
            {
                "children": [
                    {
                        "given_names": "Gorrión",
                        "first_surname": f"Aguaje{number}x",
                        "estimated_age": 6,
                    }
                ],
                "district": "220501",
                "where": "Jr. Prueba 1",
                "what_happens": "Relato de alerta",
                "telephone": "942 000 200",
                "authority_id": world.agencies[authority].id,
            }
        ),
    )
    letter = Letter(alert.id, None, sender.agency, {authority}, sender.user.id)
    world.alerts.append(letter)
    boss = world.at(authority, "coordinator")
    turn = number % 5
    if turn == 0:
        case = alerts.accept_alert(session, boss.actor, alert.id)
        letter.file = _file_of_alert(session, world, authority, case.id, case.code, boss)
    elif turn == 1:
        alerts.pass_on_alert(
            session,
            boss.actor,
            alert.id,
            authority_id=world.agencies[other].id,
            reason="No nos toca",
        )
        letter.receivers.add(other)
    elif turn == 2:
        alerts.archive_alert(
            session, boss.actor, alert.id, kind=next(iter(ArchiveKind)), reason="Prueba"
        )
    elif turn == 3:
        alerts.withdraw_alert(session, sender.actor, alert.id, reason="Prueba")
    elif number % 2:
        alerts.note_opened(session, boss.actor, alert.id)


def _escalate(session: Session, world: World) -> None:
    """Show the alerts that nobody opened to the UPE of the place and to the Defensoría."""
    late = [
        letter
        for letter in world.alerts
        if (alert := session.get_one(Alert, letter.id)).status in WAITING
        and alert.opened_at is None
    ]
    assert alerts.escalate_alerts(session, after=-timedelta(seconds=1)) == len(late)
    for letter in late:
        letter.receivers |= {"UPE", "DEF"}


def _file_of_alert(
    session: Session, world: World, lead: str, case_id: UUID, code: str, boss: Someone
) -> File:
    file = File(case_id, code, lead, {lead: Level.LEAD.value}, [], [])
    file.assigned.add((lead, boss.user.id))
    world.files.append(file)
    return file


def _put_letters(session: Session, world: World, dice: random.Random) -> None:
    for file in [file for file in world.files if file.children]:
        sides = [code for code, s in file.standing.items() if s in (Level.LEAD, Level.TEAM)]
        for _each in range(2):
            sender = dice.choice(sides)
            receiver = dice.choice(sorted(KINDS.keys() - {sender}))
            _put_referral(session, world, dice, file, sender, receiver)
            owing, verifying = dice.sample(sorted(KINDS), 2)
            made = commitments.propose(
                session,
                world.at(file.lead, "coordinator").actor,
                agency_id=world.agencies[owing].id,
                act="hace lo debido",
                due_on=clock.today() + timedelta(days=5),
                source=Source.MANUAL,
                case_id=dice.choice([file.id, None]),
                verifier_agency_id=world.agencies[verifying].id,
            )
            about = file if made.case_id else None
            world.commitments.append(Letter(made.id, about, file.lead, {owing}, verifier=verifying))


def _put_referral(
    session: Session, world: World, dice: random.Random, file: File, sender: str, receiver: str
) -> None:
    one, two = world.at(sender, "coordinator").actor, world.at(receiver, "coordinator").actor
    sent = referrals.send_referral(
        session,
        one,
        file.id,
        SendReferral(
            to_agency_id=world.agencies[receiver].id,
            asked="Lo que se pide",
            person_ids=file.children[:1],
            right=Right.IDENTITY,
            due_on=clock.today() + timedelta(days=5),
            identity_fields=[IdentityField.SEX],
        ),
    )
    letter = Letter(sent.id, file, sender, {receiver})
    world.referrals.append(letter)
    turn = len(world.referrals) % 5
    if turn == 0:
        referrals.return_referral(
            session, two, sent.id, ReturnReferral(reason=next(iter(ReturnReason)), words="No toca")
        )
        letter.receivers.clear()
    elif turn == 1:
        referrals.withdraw_referral(session, one, sent.id)
        letter.receivers.clear()
    elif turn in (2, 3):
        referrals.accept_referral(session, two, sent.id)
        assert two.user_id
        file.assigned.add((receiver, two.user_id))
        if file.standing.get(receiver) in (None, ENDED):
            file.standing[receiver] = Level.INFORMED.value
        if turn == 3:
            referrals.answer_referral(session, two, sent.id, AnswerReferral(answer="Está hecho"))
            referrals.close_referral(session, one, sent.id)
            letter.is_open = False
    elif turn == 4:
        unit = dice.choice(sorted(KINDS.keys() - {sender, receiver}))
        _pass_on(session, world, two, letter, receiver, unit)


def _pass_on(
    session: Session, world: World, actor: Actor, letter: Letter, receiver: str, unit: str
) -> None:
    """Pass a referral on to an institution that is a unit of its receiver for that moment."""
    agency = session.get_one(Agency, world.agencies[unit].id)
    agency.parent_id = world.agencies[receiver].id
    session.flush()
    referrals.pass_on_referral(session, actor, letter.id, PassReferral(unit_id=agency.id))
    agency.parent_id = None
    session.flush()
    letter.receivers.add(unit)


def _end_some(session: Session, world: World, dice: random.Random) -> None:
    """End the access of some who sent or received letters meanwhile."""
    for file in world.files:
        boss = world.at(file.lead, "coordinator").actor
        done = {
            code
            for letter in world.referrals
            if letter.file is file and not letter.is_open
            for code in letter.receivers
        }
        for code in KINDS:
            standing = file.standing.get(code)
            if standing not in (Level.TEAM, Level.INFORMED):
                continue
            if dice.random() > (0.7 if code in done else 0.3):
                continue
            party = session.exec(
                select(CaseParty).where(
                    CaseParty.case_id == file.id,
                    CaseParty.agency_id == world.agencies[code].id,
                    col(CaseParty.ended_at).is_(None),
                )
            ).one()
            cases.end_party(session, boss, file.id, party_id=party.id, reason="Prueba")
            file.standing[code] = ENDED


def _close_some(session: Session, world: World, dice: random.Random) -> None:
    """Close some cases as the row says it: what objects to closing is tested elsewhere."""
    for file in world.files:
        if dice.random() < 0.3:
            case = session.get_one(Case, file.id)
            case.close(at=clock.now())
            rewrite(session, case)
            file.is_open = False


def _bar_some(session: Session, world: World, dice: random.Random) -> None:
    for file in world.files:
        if not file.is_open:
            continue
        boss = world.at(file.lead, "coordinator").actor
        for code in KINDS:
            for post in ("barred", "caseworker"):
                if dice.random() < (0.5 if post == "barred" else 0.15):
                    person = world.at(code, post)
                    bar = cases.bar_person(
                        session, boss, file.id, user_id=person.user.id, reason="Parentesco"
                    )
                    file.assigned.discard((code, person.user.id))
                    if dice.random() < 0.3:
                        bars.lift(session, boss, file.id, bar.id, reason="Era un homónimo")
                    else:
                        file.barred.add(person.user.id)


def _open_in_emergency(session: Session, world: World, dice: random.Random) -> None:
    """Write emergency accesses as rows: some run now, some have run out or were ended."""
    for file in world.files:
        for code in KINDS:
            for post in ("coordinator", "barred", "caseworker", "on_duty", "off_duty"):
                if dice.random() < 0.25:
                    _put_grant(session, world, file, world.at(code, post), dice.randrange(4))


def _put_grant(session: Session, world: World, file: File, person: Someone, kind: int) -> None:
    now = clock.now()
    grant = CaseGrant(
        case_id=file.id,
        agency_id=world.agencies[person.agency].id,
        user_id=person.user.id,
        reason_sealed=b"Prueba",
        opened_at=now,
        until=now + timedelta(hours=1 if kind == 0 else 5),
        ended_at=now + timedelta(minutes=5) if kind == 1 else None,
        review_due_on=clock.today(),
    )
    session.add(grant)
    file.granted.add((person.agency, person.user.id))
    if kind > 1:
        file.emergencies.add((person.agency, person.user.id))
