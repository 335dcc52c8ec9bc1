"""The demonstration's council: one session held a month ago, one called for today."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import Session

from portal import clock
from portal.actor import Actor, system_actor
from portal.cases.models import Case
from portal.commitments import services as commitments
from portal.councils import agreements, briefs, composition, meetings
from portal.councils.board import load_board
from portal.councils.inputs import (
    AgreementInput,
    AttendanceInput,
    BriefInput,
    CouncilInput,
    MeetingInput,
    PointInput,
    SeatInput,
    SeatPersonInput,
)
from portal.councils.models import CouncilKind, Meeting, MeetingKind, Office, Standing

if TYPE_CHECKING:
    from portal.demo.world import Builder

COUNCIL = "Consejo Provincial San Martín"
SEATS = (
    ("MP-SM", Office.CHAIR, "alcaldia", "Alcaldía provincial"),
    ("DP-TAR", Office.SECRETARY, "defensoria", "Jefatura de oficina"),
    ("UPE-SM", Office.MEMBER, "upe", "Dirección"),
    ("DEM-TAR", Office.MEMBER, "", "Defensora responsable"),
    ("DEM-LAM", Office.MEMBER, "demuna", "Defensor responsable"),
    ("PNP-FAM", Office.MEMBER, "pnp", "Comisario"),
    ("FIS-FAM", Office.MEMBER, "fiscalia", "Fiscal provincial"),
    ("JUZ-FAM", Office.MEMBER, "", "Juez de familia"),
    ("CEM-TAR", Office.MEMBER, "", "Coordinación"),
    ("RED-LAM", Office.MEMBER, "redsalud", "Dirección"),
    ("UGEL-LAM", Office.MEMBER, "ugel", "Dirección"),
    ("RENIEC", Office.MEMBER, "reniec", "Jefatura de agencia"),
    ("INPE", Office.MEMBER, "inpe", "Tratamiento"),
    ("INABIF", Office.MEMBER, "", "Coordinación"),
    ("SUNADEP", Office.MEMBER, "", "Dirección"),
    ("SUBPREF", Office.MEMBER, "", "Subprefectura"),
)
# Members of institutions that nobody signs in for.
WITHOUT_ACCOUNT = {
    "DEM-TAR": "Norma Anacaspi",
    "JUZ-FAM": "Elías Yacushapana",
    "CEM-TAR": "Lidia Huimba",
    "INABIF": "Saúl Cachimbo",
    "SUNADEP": "Flor Tahuarí",
    "SUBPREF": "Abel Punga",
}
ATTENDED = ("MP-SM", "DP-TAR", "UPE-SM", "DEM-LAM", "PNP-FAM", "FIS-FAM", "RED-LAM", "UGEL-LAM",
            "RENIEC", "CEM-TAR", "SUBPREF")  # fmt: skip
OPEN_HOURS = 48
BRIEF_DAYS = 5
BRIEF = (
    "Dos hermanos de primera y segunda infancia, provincia de Lamas, en protección de urgencia. "
    "Uno de ellos sin DNI ni seguro; ambos sin escuela. Familia extensa por ubicar en Picota."
)
ASKS = "DNI sin costo esta semana; vacante escolar; ubicar a la familia extensa"


def make_council(made: "Builder") -> None:
    """Make the council of the province, the session before and the one of today."""
    since, soon = clock.now() - timedelta(days=70), _soon()
    with made.acting("defensoria", since) as (session, _actor):
        council_id = _compose(made, session)
    month_ago = datetime.combine(clock.today() - timedelta(days=30), time(9), clock.LIMA)
    with made.acting("defensoria", month_ago - timedelta(days=5)) as (session, actor):
        held = _prepare(session, actor, council_id, month_ago).id
    _hold(made, held, month_ago)
    _answer(made, held, month_ago)
    with made.acting("defensoria", clock.now() - timedelta(hours=30)) as (session, actor):
        coming = _prepare(session, actor, council_id, soon).id
        point = PointInput(title="Jornada de DNI gratuito en Chazuta", minutes=10)
        meetings.add_point(session, actor, coming, point)
    _take_case(made, coming)
    with made.acting("defensoria", clock.now() - timedelta(hours=26)) as (session, actor):
        meetings.convene(session, actor, coming, open_hours=OPEN_HOURS)


def _soon() -> datetime:
    """Return the next quarter of an hour: what is called for then can be opened already."""
    now = clock.now().replace(second=0, microsecond=0)
    return now + timedelta(minutes=15 - now.minute % 15)


def _compose(made: "Builder", session: Session) -> UUID:
    given = CouncilInput(
        kind=CouncilKind.PROVINCIAL,
        name=COUNCIL,
        programme="Rompiendo Cadenas",
        territory="2209",
    )
    council = composition.create_council(session, system_actor(), given)
    for code, office, username, post in SEATS:
        seat = composition.add_seat(
            session,
            system_actor(),
            council.id,
            SeatInput(agency_id=made.agencies[code], office=office),
        )
        who = made.actors.get(username)
        composition.name_person(
            session,
            system_actor(),
            seat.id,
            SeatPersonInput(
                name=who.name if who else WITHOUT_ACCOUNT[code],
                post=post,
                standing=Standing.TITULAR,
                user_id=who.user_id if who else None,
            ),
        )
    return council.id


def _prepare(session: Session, actor: Actor, council_id: UUID, starts_at: datetime) -> Meeting:
    local = clock.local(starts_at)
    given = MeetingInput.model_construct(
        kind=MeetingKind.ORDINARY,
        place="Auditorio de la Municipalidad Provincial",
        day=local.date(),
        hour=local.time().replace(tzinfo=None),
    )
    return meetings.create_meeting(session, actor, council_id, given)


def _hold(made: "Builder", meeting_id: UUID, at: datetime) -> None:
    """Let the earlier session take place with two agreements."""
    with made.acting("defensoria", at - timedelta(days=4)) as (session, actor):
        point = PointInput(title="Rutas de atención en horario nocturno", minutes=20)
        item_id = meetings.add_point(session, actor, meeting_id, point).id
        meetings.convene(session, actor, meeting_id, open_hours=OPEN_HOURS)
    with made.acting("defensoria", at) as (session, actor):
        meeting = session.get_one(Meeting, meeting_id)
        for seat in load_board(session, meeting).seats:
            if seat.agency_id in {made.agencies[code] for code in ATTENDED}:
                given = AttendanceInput(seat_id=seat.id, person_id=seat.people[0].id)
                meetings.mark_present(session, actor, meeting_id, given)
        meetings.open_session(session, actor, meeting_id)
    with made.acting("defensoria", at + timedelta(minutes=25)) as (session, actor):
        for code, text, days in (
            ("RED-LAM", "designa un enlace de salud para casos de noche", 14),
            ("UGEL-LAM", "remite la relación de vacantes por distrito", 21),
        ):
            given_agreement = AgreementInput(
                agency_id=made.agencies[code],
                text=text,
                due_on=clock.local(at).date() + timedelta(days=days),
                verifier_agency_id=made.agencies["DP-TAR"],
            )
            agreements.record_agreement(session, actor, meeting_id, item_id, given_agreement)
    with made.acting("defensoria", at + timedelta(minutes=50)) as (session, actor):
        meetings.close(session, actor, meeting_id, brief_days=BRIEF_DAYS)


def _answer(made: "Builder", meeting_id: UUID, at: datetime) -> None:
    """Let both agencies accept; one has fulfilled, the other is late."""
    with made.acting("defensoria", at + timedelta(hours=1)) as (session, _actor):
        found = load_board(session, session.get_one(Meeting, meeting_id)).agreements
    for username, agreement in zip(("redsalud", "ugel"), found, strict=True):
        with made.acting(username, at + timedelta(hours=2)) as (session, actor):
            taken = agreements.accept_agreement(session, actor, agreement.id).commitment_id
        if username == "redsalud" and taken is not None:
            with made.acting(username, at + timedelta(days=12)) as (session, actor):
                commitments.mark_done(
                    session,
                    actor,
                    taken,
                    words="Enlace designado y comunicado a las instituciones",
                    document="Memorando 118",
                    dated=(clock.local(at) + timedelta(days=11)).date(),
                )


def _take_case(made: "Builder", meeting_id: UUID) -> None:
    """Let the UPE take the two siblings' case to the session with an approved brief."""
    with made.acting("upe", clock.now() - timedelta(hours=28)) as (session, actor):
        meeting = session.get_one(Meeting, meeting_id)
        code = session.get_one(Case, made.cases["hermanos"]).code
        item_id = briefs.propose_case(session, actor, meeting, code).item_id
        given = BriefInput(text=BRIEF, asks=ASKS)
        briefs.write_brief(session, actor, item_id, given)
        briefs.approve_brief(session, actor, item_id)
