"""A session of a council through the web: briefs, quorum, agreements, faces, acta."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlmodel import Session, col
from werkzeug.test import TestResponse

from portal import clock
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.agencies.models import Agency
from portal.audit.models import AuditEntry
from portal.cases import services as cases
from portal.cases.models import Case, CaseParty, Priority, Situation
from portal.commitments.models import Commitment, CommitmentStatus
from portal.councils import composition, queries
from portal.councils.inputs import CouncilInput, SeatInput, SeatPersonInput
from portal.councils.models import Agreement, CaseBrief, CouncilKind, Meeting, Office
from portal.councils.models import Council as CouncilRow
from portal.councils.views import COOKIE
from portal.db import Database
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from portal.texts import moment_text
from portal.users.models import SignIn, User
from tests.conftest import Statements
from tests.factories.agencies import make_actor, make_agency, make_member
from tests.postgresql import ON_BOTH
from tests.webclient import HIDDEN, Browser

pytestmark = pytest.mark.slow

NewBrowser = Callable[[], Browser]
SEATED = ("DP", "MP", "UPE", "RENIEC", "UGEL")
NAME = "Relámpago"
TEXT = "Dos hermanos de primera infancia, provincia de Lamas, en protección de urgencia."
ASKS = "DNI sin costo esta semana"


@dataclass
class Council:
    """A council with five seats, its people, a case of the UPE, and a browser for each."""

    council_id: UUID
    code: str
    case_id: UUID
    agencies: dict[str, Agency]
    people: dict[str, User]
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]


@pytest.fixture
def council(db: Database, browser: NewBrowser) -> Council:
    kinds = {
        "DP": AgencyKind.DEFENSORIA,
        "MP": AgencyKind.LOCAL_GOVERNMENT,
        "UPE": AgencyKind.UPE,
        "RENIEC": AgencyKind.CIVIL_REGISTRY,
        "UGEL": AgencyKind.EDUCATION,
        "OUT": AgencyKind.HEALTH,
    }
    offices = {"DP": Office.SECRETARY, "MP": Office.CHAIR}
    with db.write() as session:
        admin = make_actor(session, None, Role.PLATFORM_ADMIN)
        made = composition.create_council(
            session,
            admin,
            CouncilInput(kind=CouncilKind.PROVINCIAL, name="Consejo de Prueba", territory="2205"),
        )
        agencies, people = {}, {}
        for code, kind in kinds.items():
            agencies[code] = make_agency(session, code, kind)
            people[code] = make_member(session, agencies[code], Role.COORDINATOR, name=f"De {code}")
            if code in SEATED:
                given = SeatInput(
                    agency_id=agencies[code].id, office=offices.get(code, Office.MEMBER)
                )
                seat = composition.add_seat(session, admin, made.id, given)
                person = SeatPersonInput(name=f"De {code}", user_id=people[code].id)
                composition.name_person(session, admin, seat.id, person)
        people["CASEWORKER"] = make_member(
            session, agencies["UGEL"], Role.CASEWORKER, name="Otra de UGEL"
        )
        agencies["CASEWORKER"] = agencies["UGEL"]
        case = _case(session, make_actor(session, agencies["UPE"], Role.COORDINATOR), agencies)
        found = Council(made.id, case.code, case.id, agencies, people)
        session.flush()
        session.expunge_all()
    for name, user in people.items():
        found.browsers[name] = browser().sign_in(user, agencies[name])
    return found


def _case(session: Session, actor: Actor, agencies: dict[str, Agency]) -> Case:
    person = register_person(
        session, actor, PersonInput(given_names=NAME, first_surname="Prueba", estimated_age=4)
    )
    return cases.open_case(
        session,
        actor,
        lead_agency_id=agencies["UPE"].id,
        situation=Situation.UNPROTECTION,
        priority=Priority.HIGH,
        district="220501",
        summary="",
        person_ids=[person.id],
        received_at=clock.now(),
    )


def prepare(council: Council, **changes: str) -> str:
    """Prepare a session for now and return its address."""
    at = clock.local(clock.now() + timedelta(minutes=5))
    answer = council["DP"].fill(
        f"/councils/{council.council_id}/sessions/new",
        {
            "kind": "ordinary",
            "place": "Sala",
            "day": f"{at:%Y-%m-%d}",
            "hour": f"{at:%H:%M}",
            **changes,
        },
    )
    assert answer.status_code == 303, re.findall(r'class="error">([^<]*)', answer.text)
    return str(answer.location)


def send(council: Council, name: str, url: str, **data: str) -> str:
    """Press a button of one of the pages."""
    agency = council.agencies[name].id
    answer = council[name].post(url, {"_agency": str(agency), **data})
    assert answer.status_code == 303, answer.text[:2000]
    return str(answer.location)


def take_case(council: Council, url: str) -> str:
    """Take the case to a session with an approved brief; return the brief's address."""
    meeting_id = url.rsplit("/", 1)[-1]
    answer = council["UPE"].fill(f"/cases/{council.code}/council", {"meeting_id": meeting_id})
    assert answer.status_code == 303, answer.text
    brief = str(answer.location)
    answer = council["UPE"].fill(brief, {"text": TEXT, "asks": ASKS})
    assert answer.status_code == 303, re.findall(r'class="error">([^<]*)', answer.text)
    send(council, "UPE", f"{brief}/approve")
    return brief


def attend(council: Council, url: str, *names: str) -> None:
    """Mark people as present."""
    desk = council["DP"].get(f"{url}/desk").text
    for name in names:
        agency = f"Agency {name}"
        part = desk[desk.index(f'<th scope="row">{agency}') :]
        seat = re.search(r'name="seat_id" value="([^"]+)"', part)
        person = re.search(r'name="person_id" value="([^"]+)"', part)
        assert seat is not None
        assert person is not None
        send(council, "DP", f"{url}/attendance", seat_id=seat[1], person_id=person[1])


def open_at_case(council: Council, url: str) -> None:
    attend(council, url, "DP", "MP", "UPE", "RENIEC")
    send(council, "DP", f"{url}/open")


def agree(council: Council, url: str, who: str = "RENIEC", **changes: str) -> TestResponse:
    """Record an agreement on the present point."""
    desk = council["DP"].get(f"{url}/desk").text
    marks = dict(HIDDEN.findall(desk))
    item = re.search(r'name="item_id" value="([^"]+)"', desk)
    assert item
    return council["DP"].post(
        f"{url}/desk",
        {
            **marks,
            "item_id": item[1],
            "agency_id": str(council.agencies[who].id),
            "text": "inscribe y emite el DNI",
            "due_on": f"{clock.today() + timedelta(days=4)}",
            "verifier_agency_id": str(council.agencies["UPE"].id),
            **changes,
        },
    )


@pytest.fixture
def url(council: Council) -> str:
    made = prepare(council)
    take_case(council, made)
    send(council, "DP", f"{made}/convene")
    return made


@ON_BOTH
def test_a_session_ends_in_a_commitment_and_an_acta(
    council: Council, url: str, db: Database
) -> None:
    open_at_case(council, url)
    assert agree(council, url).status_code == 303
    live = council["RENIEC"].get(f"{url}/live").text
    assert "inscribe y emite el DNI" in live
    assert TEXT in live
    accept = re.search(r'action="(/agreements/[^"]+/accept)"', live)
    assert accept
    assert send(council, "RENIEC", accept[1]) == f"{url}/live"
    with db.read() as session:
        commitment = session.scalars(sa.select(Commitment)).one()
    assert (commitment.status, commitment.case_id) == (CommitmentStatus.ACCEPTED, council.case_id)
    assert commitment.agency_id == council.agencies["RENIEC"].id
    send(council, "DP", f"{url}/close")
    acta = council["UGEL"].get(f"{url}/minutes.pdf")
    assert acta.data.startswith(b"%PDF-")
    assert council["OUT"].get(f"{url}/minutes.pdf").status_code == 404
    # Called otherwise on the same day, without a member and with a new one: the acta stays.
    with db.write() as session:
        session.get_one(CouncilRow, council.council_id).name = "Consejo de otro nombre"
        held = queries.list_seats(session, council.council_id)
        gone = next(seat for seat in held if seat.agency == "Agency UPE")
        composition.end_seat(session, system_actor(), gone.id)
        new = SeatInput(agency_id=council.agencies["OUT"].id)
        composition.add_seat(session, system_actor(), council.council_id, new)
    acta = council["UGEL"].get(f"{url}/minutes.pdf")
    first = PdfReader(io.BytesIO(acta.data)).pages[0].extract_text()
    told = {words: words in first for words in ("Consejo de Prueba", "otro nombre", "Agency UPE")}
    assert told == {"Consejo de Prueba": True, "otro nombre": False, "Agency UPE": True}
    assert "Agency OUT" not in first
    assert "Consejo de otro nombre" in council["UGEL"].get(f"/councils/{council.council_id}").text
    assert "inscribe y emite" in council["UGEL"].get(url).text


@ON_BOTH
def test_the_next_agenda_opens_with_what_is_owed_until_its_end_was_told(
    council: Council, url: str, db: Database
) -> None:
    open_at_case(council, url)
    agree(council, url)
    with db.read() as session:
        agreement = session.scalars(sa.select(Agreement)).one()
    send(council, "RENIEC", f"/agreements/{agreement.id}/accept")
    send(council, "DP", f"{url}/close")
    with db.read() as session:
        commitment_id = session.scalars(sa.select(Commitment)).one().id
    evidence = {"words": "DNI emitido", "document": "Constancia 7"}
    path = f"/commitments/{commitment_id}"
    assert council["RENIEC"].fill(f"{path}/done", evidence).status_code == 303
    verdict = {"is_done": "1", "words": "A la vista"}
    assert council["UPE"].fill(f"{path}/verify", verdict).status_code == 303
    following = prepare(council)
    names = re.findall(r'<div class="what"><b>([^<]*)', council["DP"].get(following).text)
    assert "RENIEC" in names[1]
    send(council, "DP", f"{following}/convene")
    attend(council, following, "DP", "MP", "UPE")
    send(council, "DP", f"{following}/open")
    desk = council["DP"].get(f"{following}/desk").text
    for item in re.findall(r"items/([0-9a-f-]+)/take-up", desk):
        send(council, "DP", f"{following}/items/{item}/take-up")
    send(council, "DP", f"{following}/close")
    third = prepare(council)
    assert "RENIEC" not in council["DP"].get(third).text


@ON_BOTH
def test_nobody_opens_without_quorum_and_the_second_call_is_the_next_day(
    council: Council, url: str, db: Database
) -> None:
    attend(council, url, "DP", "MP")
    answer = council["DP"].post(f"{url}/open", {"_agency": str(council.agencies["DP"].id)})
    assert answer.status_code == 409
    with clock.at(clock.now() + timedelta(minutes=10)):
        answer = council["DP"].fill(f"{url}/second-call", {"hour": "09:00"})
    assert answer.status_code == 303, answer.text
    second = str(answer.location)
    with db.read() as session:
        first, other = session.scalars(sa.select(Meeting).order_by(col(Meeting.call))).all()
    assert (first.status, other.call, other.number) == ("not_held", 2, first.number)
    with clock.at(other.starts_at):
        with db.write() as writer:
            writer.execute(sa.update(SignIn).values(seen_at=clock.now(), created_at=clock.now()))
        attend(council, second, "DP", "MP")
        assert (
            council["DP"]
            .post(f"{second}/open", {"_agency": str(council.agencies["DP"].id)})
            .status_code
            == 409
        )
        attend(council, second, "UPE")
        send(council, "DP", f"{second}/open")
        assert (
            ASKS in council["DP"].get(f"{second}/desk").text
            or "Caso A" in council["DP"].get(second).text
        )


def test_the_desk_offers_what_its_rule_allows_and_says_from_when(
    council: Council, db: Database
) -> None:
    """Each button stands there in the minutes in which its act is not refused, and in no other."""
    starts = clock.local(clock.now() + timedelta(hours=3)).replace(second=0, microsecond=0)
    url = prepare(council, day=f"{starts:%Y-%m-%d}", hour=f"{starts:%H:%M}")
    send(council, "DP", f"{url}/convene")
    agency = {"_agency": str(council.agencies["DP"].id)}

    @contextmanager
    def at(minutes: int) -> Iterator[None]:
        with clock.at(starts + timedelta(minutes=minutes)):
            with db.write() as session:
                session.execute(
                    sa.update(SignIn).values(seen_at=clock.now(), created_at=clock.now())
                )
            yield

    def look(minutes: int) -> tuple[bool, bool, str]:
        """Return whether the desk offers to open and to call again, and what it says instead."""
        with at(minutes):
            head = council["DP"].get(f"{url}/desk").text.split('id="desk-point"')[0]
            opens, again = (f'"{url}/{act}"' in head for act in ("open", "second-call"))
            if not opens:
                assert council["DP"].post(f"{url}/open", agency).status_code == 409
            assert (council["DP"].get(f"{url}/second-call").status_code == 200) is again
        said = re.search(r'<p class="soft">([^<]*)</p>', head)
        return opens, again, said[1] if said else ""

    with council["DP"].app.test_request_context(headers={"Accept-Language": "es"}):
        from_when = f"desde el {moment_text(starts - timedelta(minutes=30))}, media hora antes"
    opens, again, said = look(-31)
    assert (opens, again) == (False, False)
    assert from_when in said
    opens, again, said = look(-30)
    assert (opens, again) == (False, False)
    assert "No hay quórum: están presentes 0 de 5" in said
    assert look(0)[:2] == (False, True)
    with at(0):
        attend(council, url, "DP", "MP", "UPE")
    assert look(-31)[:2] == (False, False)
    assert look(-30) == (True, False, "")
    with at(0):
        assert council["DP"].post(f"{url}/resume", agency).status_code == 409
        send(council, "DP", f"{url}/open")


def test_the_screen_shows_neither_code_nor_brief(council: Council, url: str) -> None:
    open_at_case(council, url)
    agree(council, url)
    screen = council["DP"].get(f"{url}/screen").text
    assert ASKS in screen
    assert "inscribe y emite" in screen
    assert council.code not in screen
    assert TEXT not in screen
    assert NAME not in screen
    assert council["RENIEC"].get(f"{url}/screen").status_code == 404


def test_a_case_taken_twice_to_a_session_is_told_beside_the_session(
    council: Council, url: str
) -> None:
    again = {"meeting_id": url.rsplit("/", 1)[-1]}
    answer = council["UPE"].fill(f"/cases/{council.code}/council", again)
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(\w+)">Sesión: este caso ya está', answer.text) == ["meeting_id"]


def test_who_cannot_come_and_who_came_instead_is_noted(council: Council, url: str) -> None:
    """What was noted leads back to the desk; a name that is missing is asked for beside it."""
    desk = council["DP"].get(f"{url}/desk").text
    seats = dict.fromkeys(re.findall(r"/seats/([^/\"]+)/excuse", desk))
    first, second = list(seats)[:2]
    asks = f"{url}/seats/{first}/excuse"
    noted = council["DP"].fill(asks, {"seat_id": first, "excuse": "Viaje a Lima"})
    assert (noted.status_code, noted.location) == (303, f"{url}/desk")
    assert len(re.findall(r">\s*justificó\s*<", council["DP"].get(f"{url}/desk").text)) == 1
    asks = f"{url}/seats/{second}/excuse"
    given = {"seat_id": second, "standing": "alternate", "name": ""}
    refused = council["DP"].fill(asks, given, to=f"{url}/attendance")
    assert refused.status_code == 422
    assert "Nombre: escriba quién asistió." in refused.text
    assert f'action="{asks}"' in refused.text
    given["name"] = "Zoila Tornillo"
    noted = council["DP"].fill(asks, given, to=f"{url}/attendance")
    assert (noted.status_code, noted.location) == (303, f"{url}/desk")
    assert "Zoila Tornillo" in council["DP"].get(f"{url}/desk").text


def test_a_brief_is_read_by_those_who_attend_and_within_its_days(
    council: Council, url: str, db: Database
) -> None:
    before = council["UGEL"].get(f"{url}/live").text
    assert TEXT not in before
    open_at_case(council, url)
    assert TEXT in council["RENIEC"].get(f"{url}/live").text
    assert council.code not in council["RENIEC"].get(f"{url}/live").text
    assert TEXT not in council["UGEL"].get(f"{url}/live").text
    assert TEXT not in council["CASEWORKER"].get(f"{url}/live").text
    assert council.code in council["UPE"].get(f"{url}/live").text
    send(council, "DP", f"{url}/close")
    with db.read() as session:
        meeting = session.scalars(sa.select(Meeting)).one()
        reads = session.scalars(
            sa.select(AuditEntry).where(col(AuditEntry.action) == "councils.brief.read")
        ).all()
    assert {read.agency_id for read in reads} >= {council.agencies["RENIEC"].id}
    assert meeting.readable_until is not None
    assert meeting.readable_until - clock.now() < timedelta(days=6, minutes=1)


def test_a_brief_refuses_codes_and_numbers_and_asks_about_names(council: Council) -> None:
    made = prepare(council)
    meeting_id = made.rsplit("/", 1)[-1]
    answer = council["UPE"].fill(f"/cases/{council.code}/council", {"meeting_id": meeting_id})
    brief = str(answer.location)
    wrong = council["UPE"].fill(brief, {"text": f"{TEXT} {council.code}", "asks": ASKS})
    assert wrong.status_code == 422
    named = {"text": f"{TEXT} relampago vive con su tía.", "asks": ASKS}
    asked = council["UPE"].fill(brief, named)
    assert asked.status_code == 422
    assert "names_checked" in asked.text
    assert "relampago vive" in asked.text
    assert council["UPE"].fill(brief, {**named, "names_checked": "1"}).status_code == 303


def test_only_the_lead_approves_and_strangers_find_nothing(council: Council) -> None:
    made = prepare(council)
    brief = take_case(council, made)
    assert council["RENIEC"].get(brief).status_code == 404
    assert council["DP"].get(brief).status_code == 404
    assert council["OUT"].get(made).status_code == 404
    assert council["RENIEC"].get(made).status_code == 404
    assert council["RENIEC"].get(f"{made}/desk").status_code == 404


def test_a_brief_is_sealed_in_the_database(council: Council, db: Database) -> None:
    take_case(council, prepare(council))
    with db.read() as session:
        brief = session.scalars(sa.select(CaseBrief)).one()
    assert brief.body_sealed
    assert b"hermanos" not in brief.body_sealed


@ON_BOTH
def test_only_the_responsible_agency_answers_an_agreement(
    council: Council, url: str, db: Database
) -> None:
    open_at_case(council, url)
    agree(council, url, "UGEL")
    with db.read() as session:
        agreement = session.scalars(sa.select(Agreement)).one()
    accept = f"/agreements/{agreement.id}/accept"
    for name in ("RENIEC", "CASEWORKER"):
        answer = council[name].post(accept, {"_agency": str(council.agencies[name].id)})
        assert answer.status_code == 403, name
    answer = council["UGEL"].fill(f"/agreements/{agreement.id}/object", {"reason": "Sin vacantes"})
    assert answer.status_code == 303
    assert "Sin vacantes" in council["RENIEC"].get(f"{url}/live").text
    corrected = council["DP"].fill(
        f"/agreements/{agreement.id}/edit",
        {
            "agency_id": str(council.agencies["UGEL"].id),
            "text": "propone vacantes",
            "due_on": f"{clock.today() + timedelta(days=9)}",
        },
    )
    assert corrected.status_code == 303, corrected.text
    assert send(council, "UGEL", accept) == f"{url}/live"
    assert council["UGEL"].post(
        accept, {"_agency": str(council.agencies["UGEL"].id)}
    ).status_code in (404, 409)
    with db.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Commitment)) == 1
        on_case = sa.select(CaseParty).where(
            col(CaseParty.agency_id) == council.agencies["UGEL"].id
        )
        assert session.scalars(on_case).all() == []
    assert council.code in council["UPE"].get("/").text


def test_votes_must_carry_and_are_kept_with_their_sense(
    council: Council, url: str, db: Database
) -> None:
    open_at_case(council, url)
    desk = council["DP"].get(f"{url}/desk").text
    vote = re.search(r'href="(/sessions/[^"]+/vote)"', desk)
    assert vote
    page = council["DP"].get(vote[1]).text
    seats = re.findall(r'name="votes-(\d+)-seat_id" value="([^"]+)"', page)
    assert len(seats) == 4
    data = {
        "how": "votes",
        "agency_id": str(council.agencies["UGEL"].id),
        "text": "asigna vacante",
        "due_on": f"{clock.today() + timedelta(days=4)}",
        **{f"votes-{n}-seat_id": seat for n, seat in seats},
        **{f"votes-{n}-sense": "against" for n, _seat in seats},
    }
    assert council["DP"].fill(vote[1], data).status_code == 422
    data |= {f"votes-{n}-sense": "for" for n in ("0", "1", "2")}
    assert council["DP"].fill(vote[1], data).status_code == 303


@ON_BOTH
def test_the_poll_answers_204_until_something_changes_and_outlives_the_idle_sign_in(
    council: Council, url: str, db: Database, statements: Statements
) -> None:
    open_at_case(council, url)
    live = council["RENIEC"].get(f"{url}/live").text
    version = re.search(r'data-version="(\d+)"', live)
    assert version
    poll = f"{url}/poll?face=live&v={version[1]}"
    statements.seen.clear()
    assert council["RENIEC"].get(poll).status_code == 204
    assert statements.count == 1
    with db.write() as session:
        session.execute(
            sa.update(SignIn)
            .where(col(SignIn.user_id) == council.people["RENIEC"].id)
            .values(seen_at=clock.now() - timedelta(hours=2))
        )
    agree(council, url)
    changed = council["RENIEC"].get(poll)
    assert changed.status_code == 200
    assert "inscribe y emite" in changed.text
    assert council["RENIEC"].get(f"{url}/live").status_code == 302
    with db.write() as session:
        session.execute(sa.update(SignIn).values(ended_at=clock.now()))
    assert council["RENIEC"].get(poll).status_code == 404


def test_a_poll_needs_its_own_cookie_and_the_desk_its_office(council: Council, url: str) -> None:
    open_at_case(council, url)
    council["RENIEC"].get(f"{url}/live")
    assert council["RENIEC"].get(f"{url}/poll?face=desk&v=0").status_code == 404
    assert council["OUT"].get(f"{url}/poll?face=live&v=0").status_code == 404
    council["OUT"].client.set_cookie(COOKIE, "forged.token", path=url)
    assert council["OUT"].get(f"{url}/poll?face=live&v=0").status_code == 404


def test_the_live_view_costs_the_same_however_much_was_agreed(
    council: Council, url: str, statements: Statements
) -> None:
    open_at_case(council, url)
    agree(council, url)
    council["RENIEC"].get(f"{url}/live")
    statements.seen.clear()
    council["RENIEC"].get(f"{url}/live")
    one = statements.count
    for _number in range(4):
        agree(council, url)
    statements.seen.clear()
    council["RENIEC"].get(f"{url}/live")
    assert statements.count == one


def test_a_point_outside_the_agenda_needs_every_member(council: Council, url: str) -> None:
    open_at_case(council, url)
    point = {"title": "Otro asunto", "minutes": "5"}
    assert council["DP"].fill(f"{url}/points/new", point).status_code == 422
    attend(council, url, "UGEL")
    assert council["DP"].fill(f"{url}/points/new", point).status_code == 303


@ON_BOTH
def test_the_platform_composes_and_sees_no_session(
    council: Council, url: str, db: Database, browser: NewBrowser
) -> None:
    with db.write() as session:
        admin = make_member(session, None, Role.PLATFORM_ADMIN)
        session.expunge(admin)
    platform = browser().sign_in(admin, None)
    shown = platform.get(f"/councils/{council.council_id}")
    assert shown.status_code == 200
    assert url not in shown.text
    assert platform.get(url).status_code == 404


@ON_BOTH
def test_who_composes_ends_the_seats_of_others_and_not_the_own(council: Council) -> None:
    page, chair = f"/councils/{council.council_id}", council["MP"]
    marks, shown = chair.marks(page), chair.get(page).text
    ends = re.findall(r'action="(/seats/[^"]+/end)"', shown)
    assert len(ends) == len(SEATED) - 1
    all_ends = re.findall(r'action="(/seats/[^"]+/end)"', council["DP"].get(page).text)
    (own,) = set(all_ends) - set(ends)
    refused = chair.post(own, marks)
    assert refused.status_code == 409
    assert "su propio asiento" in refused.text
    assert chair.post(ends[0], marks).status_code == 303
    assert len(re.findall(r'action="(/seats/[^"]+/end)"', chair.get(page).text)) == len(ends) - 1


def test_a_case_is_told_what_was_agreed_about_it(council: Council, url: str, db: Database) -> None:
    open_at_case(council, url)
    agree(council, url)
    with db.read() as session:
        agreement = session.scalars(sa.select(Agreement)).one()
        assert session.get_one(Case, council.case_id).code == council.code
    send(council, "RENIEC", f"/agreements/{agreement.id}/accept")
    assert "inscribe y emite el DNI" in council["UPE"].get(f"/cases/{council.code}").text
