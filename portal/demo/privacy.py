"""What waits on the desks of the privacy officers in the demonstration."""

from datetime import timedelta
from typing import TYPE_CHECKING

from portal import audit, clock
from portal.cases.models import Case
from portal.cases.queries import children_of, get_case
from portal.privacy.answers import register_request
from portal.privacy.inputs import RegisterRequest
from portal.privacy.models import RequestKind, Standing
from portal.privacy.watch import watch

if TYPE_CHECKING:
    from portal.demo.world import Builder

MOST = 10


def make_privacy(made: "Builder") -> None:
    """Let the duty officer open many files last night, and a mother ask for her daughter's data."""
    _many_files(made)
    _a_mother_asks(made)


def _many_files(made: "Builder") -> None:
    reader = made.actors["turno"]
    at = clock.now() - timedelta(hours=2)
    for number, case_id in enumerate(list(made.cases.values())[: MOST + 4]):
        with clock.at(at + timedelta(minutes=2 * number)), made.db.read() as session:
            get_case(session, reader, case_id)
            audit.write_reads(made.db, session)
    with made.db.write() as session:
        audit.link_entries(session)
    with made.db.write() as session:
        watch(session, most_an_hour=MOST)


def _a_mother_asks(made: "Builder") -> None:
    at = clock.now() - timedelta(days=4)
    with made.acting("upe", at) as (session, actor):
        case = session.get_one(Case, made.cases["caso-6"])
        child = children_of(session, [case.id])[case.id][0]
        register_request(
            session,
            actor,
            case.code,
            RegisterRequest(
                kind=RequestKind.ACCESS,
                person_id=child.person_id,
                standing=Standing.MOTHER,
                who="Madre Copaiba Sangapilla, DNI 00000001",
                identified="DNI y partida de nacimiento a la vista",
                asked="Quiero saber qué datos tienen de mi hija y quién los ha visto.",
                received_at=at,
            ),
        )
