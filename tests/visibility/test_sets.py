"""For each person the same set of records by rule, list, count, home page and direct address."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count, cycle
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from portal import clock
from portal.alerts import queries as alerts
from portal.alerts.models import WAITING, Alert
from portal.cases import queries as cases
from portal.cases.listing import CaseFilter, count_cases, list_cases
from portal.cases.models import Case, CaseParty, CaseStatus, Circle, Entry, Level, Term, Worklist
from portal.cases.timeline import open_sealed
from portal.cases.walking import TermFilter, walk_terms
from portal.cases.worklist import differences
from portal.commitments import queries as commitments
from portal.commitments import wiring as commitments_wiring
from portal.commitments.models import OPEN, Commitment
from portal.copies import court
from portal.copies.gathering import history
from portal.copies.models import CourtCopy
from portal.db import Database, rows
from portal.documents import queries as documents
from portal.documents.models import Document
from portal.duplicates import queries as duplicates
from portal.duplicates.models import Match
from portal.duties import queries as duties
from portal.duties.models import CaseSign, Duty
from portal.errors import Forbidden, NotFound
from portal.host.slots import HomeItem
from portal.interviews import queries as interviews
from portal.interviews.models import Interview
from portal.people.models import Person
from portal.plans import queries as plans
from portal.plans.models import Activity, Objective, Plan, PlanVersion, Review, Visit
from portal.referrals import queries as referrals
from portal.referrals import wiring as referrals_wiring
from portal.referrals.models import Referral
from portal.search import queries as search
from portal.search import reach
from portal.search.inputs import LookFor, State
from portal.sharing import transfers
from portal.sharing.models import Transfer
from tests.visibility.rules import Someone, World
from tests.visibility.world import POSTS, WHERE

pytestmark = pytest.mark.slow

MANY = 500
PLAN_PARTS: tuple[Any, ...] = (PlanVersion, Objective, Activity, Visit, Review)


@pytest.fixture
def reading(db: Database) -> Iterator[Session]:
    """Return a reading session."""
    with db.read() as session:
        yield session


def by_rule(session: Session, column: Any, condition: Any) -> set[UUID]:
    """Return the identifiers for which a condition holds."""
    return {row[0] for row in rows(session, sa.select(column).where(condition))}


def opens(get: Callable[[UUID], object], one: UUID) -> bool:
    """Tell whether a record can be opened at its address."""
    try:
        get(one)
    except NotFound:
        return False
    return True


def check_addresses(
    world: World, get: Callable[[UUID], object], ids: set[UUID], expected: set[UUID], who: str
) -> None:
    """Hold that the visible records open and the others do not; a small world tries some."""
    order = sorted(ids)
    seen = [one for one in order if one in expected]
    hidden = [one for one in order if one not in expected]
    if not world.is_thorough:
        seen, hidden = seen[-2:], hidden[-2:]
    assert all(opens(get, one) for one in seen), who
    assert not any(opens(get, one) for one in hidden), who


def at_once(world: World, reading: Session, person: Someone, case_id: UUID) -> None:
    """Open a case as its page does, with what is read of it: the same as one after the other."""
    code = next(file.code for file in world.files if file.id == case_id)
    case, access = cases.case_and_access(reading, person.actor, code)
    assert case is cases.get_case(reading, person.actor, case_id), str(person)
    assert access == cases.access_to(reading, person.actor, case), str(person)


def linked(items: list[HomeItem], part: str) -> set[str]:
    """Return what the lines of a home page lead to under an address."""
    links = [url for item in items for url in (item.url, item.action_url) if url]
    return {url.removeprefix(part) for url in links if url.startswith(part)}


def walked(session: Session, person: Someone, status: CaseStatus) -> set[UUID]:
    """Return what the list of cases shows, page by page."""
    found: list[UUID] = []
    after = None
    while page := list_cases(
        session, person.actor, CaseFilter(status=status), after=after, limit=3
    ):
        found += [row.id for row in page]
        after = page[-1].key
    assert len(found) == len(set(found)), "a case stands twice in the list"
    return set(found)


def test_the_world_has_every_kind_of_standing_and_answer(world: World) -> None:
    """A rule that is never tried holds by accident."""
    standings = {standing for file in world.files for standing in file.standing.values()}
    assert standings == {*(level.value for level in Level), "ended", "expired"}
    assert {file.is_open for file in world.files} == {True, False}
    assert any(file.barred for file in world.files)
    opened = [
        person
        for person in world.people
        for file in world.files
        if world.in_emergency(person, file) and not world.belongs(person, file)
    ]
    assert {person.post for person in opened} >= {"coordinator", "on_duty"}
    assert any(
        world.sees(person, file)
        for person in world.people
        if person.is_staff
        for file in world.files
    )
    left = [
        letter
        for letter in world.referrals
        if letter.file
        and not letter.is_open
        and letter.file.standing.get(next(iter(letter.receivers))) == "ended"
    ]
    assert left, "nobody left a case after a referral that is done with"
    for post in POSTS:
        people = [person for person in world.people if person.post == post and person.works]
        seen = any(world.sees(person, file) for person in people for file in world.files)
        assert seen is (bool(people) and post != "idle"), post


def test_cases(world: World, reading: Session) -> None:
    ids = {file.id for file in world.files}
    for person in world.people:
        expected = {file.id for file in world.files if world.sees(person, file)}
        still = {file.id for file in world.files if world.sees(person, file) and file.is_open}
        who = str(person)
        rule = cases.visible_cases(person.actor)
        assert by_rule(reading, col(Case.id), rule) == expected, who
        assert walked(reading, person, CaseStatus.OPEN) == still, who
        assert walked(reading, person, CaseStatus.CLOSED) == expected - still, who
        assert count_cases(reading, person.actor, CaseFilter()) == len(still), who
        get = partial(cases.get_case, reading, person.actor)
        check_addresses(world, get, ids, expected, who)
        check_addresses(world, partial(at_once, world, reading, person), ids, expected, who)
        own = {file.id for file in world.files if world.belongs(person, file)}
        assert by_rule(reading, col(Case.id), cases.own_cases(person.actor)) == own, who
        assert set(reading.scalars(cases.visible_case_ids(person.actor))) == own, who
        views = cases.case_views(reading, person.actor, ids)
        assert views.keys() == own, who
        links = linked(cases.home_items(reading, person.actor, MANY), "/cases/")
        assert links <= {file.code for file in world.files if file.id in still}, who


def test_only_what_is_their_own_stands_in_the_list_of_ones_own(
    world: World, reading: Session
) -> None:
    for person in world.people:
        mine = list_cases(reading, person.actor, CaseFilter(mine=True), limit=MANY)
        expected = {
            file.id
            for file in world.files
            if world.belongs(person, file)
            and file.is_open
            and (person.agency, person.user.id) in file.assigned
        }
        assert {row.id for row in mine} == expected, str(person)


def test_the_worklist_equals_the_rule(world: World, reading: Session) -> None:
    assert differences(reading) == 0
    now = clock.now()
    kept = {
        (agency_id, case_id)
        for agency_id, case_id, until in rows(
            reading, sa.select(col(Worklist.agency_id), col(Worklist.case_id), col(Worklist.until))
        )
        if until is None or until > now
    }
    granted = sa.select(col(CaseParty.agency_id), col(CaseParty.case_id)).where(cases.is_current())
    assert kept == set(rows(reading, granted))
    assert kept == {
        (world.agencies[code].id, file.id)
        for file in world.files
        for code, standing in file.standing.items()
        if standing in tuple(Level)
    }


def test_people_are_read_in_full_through_a_case_only(world: World, reading: Session) -> None:
    made = {child for file in world.files for child in file.children}
    for person in world.people:
        expected = {
            child
            for file in world.files
            if world.reads_all(person, file)
            for child in file.children
        }
        found = by_rule(reading, col(Person.id), cases.visible_people(person.actor))
        assert found & made == expected, str(person)


def test_entries_by_circle(world: World, reading: Session) -> None:
    turns = count()
    made = {piece.id for file in world.files for piece in file.pieces}
    for person in world.people:
        expected = {
            piece.id
            for file in world.files
            for piece in file.pieces
            if world.sees_piece(person, file, piece)
        }
        rule = by_rule(reading, col(Entry.id), cases.visible_entries(person.actor))
        assert rule & made == expected, str(person)
        listed = set()
        for file in world.files:
            if not world.sees(person, file):
                continue
            case = cases.get_case(reading, person.actor, file.id)
            found = cases.list_entries(reading, person.actor, case, limit=MANY)
            listed |= {row.id for row in found} & made
            get = partial(cases.get_entry, reading, person.actor, case)
            here = {piece.id for piece in file.pieces}
            strange = next(iter(made - here))
            # Each piece is asked for by a third of the people: the matrix asks for every kind.
            tried = {piece.id for piece in file.pieces[next(turns) % 3 :: 3]} | {strange}
            check_addresses(world, get, tried, expected & here & tried, str(person))
            assert {row.id for row in found if row.may_open} == {
                piece.id for piece in file.pieces if world.opens_piece(person, file, piece)
            }, str(person)
        assert listed == expected, str(person)


def test_sealed_texts_open_to_their_author_and_whoever_was_named(
    world: World, reading: Session
) -> None:
    for person in world.people:
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            for piece in file.pieces:
                if piece.circle is not Circle.SEALED or not world.sees_piece(person, file, piece):
                    continue
                entry = cases.get_entry(reading, person.actor, case, piece.id)
                assert entry.text == ""
                if world.opens_piece(person, file, piece):
                    assert open_sealed(reading, person.actor, case, entry).startswith("Nota sealed")
                else:
                    with pytest.raises(Forbidden):
                        open_sealed(reading, person.actor, case, entry)


def test_terms(world: World, reading: Session) -> None:
    for person in world.people:
        expected = {
            term for file in world.files if world.sees_terms(person, file) for term in file.terms
        }
        rule = sa.and_(col(Case.id) == col(Term.case_id), cases.visible_terms(person.actor))
        assert by_rule(reading, col(Term.id), rule) == expected, str(person)
        listed = {
            row.id
            for file in world.files
            if world.sees(person, file)
            for row in cases.list_terms(
                reading, person.actor, cases.get_case(reading, person.actor, file.id)
            )
        }
        assert listed == expected, str(person)
        running = cases.terms_running_out(reading, person.actor, within_days=999, limit=MANY)
        still = {term for file in world.files if file.is_open for term in file.terms}
        assert {row.id for row in running} == expected & still, str(person)
        walked = walk_terms(reading, person.actor, TermFilter(), limit=MANY)
        assert {row.id for row in walked} == expected, str(person)


def test_alerts(world: World, reading: Session) -> None:
    ids = {alert.id for alert in world.alerts}
    waiting = by_rule(reading, col(Alert.id), col(Alert.status).in_(WAITING))
    for person in world.people:
        expected = {alert.id for alert in world.alerts if world.sees_alert(person, alert)}
        who = str(person)
        assert by_rule(reading, col(Alert.id), alerts.visible_alerts(person.actor)) == expected, who
        listed = {
            box: {
                row.id
                for row in alerts.list_alerts(
                    reading, person.actor, box=box, waiting=False, limit=MANY
                )
            }
            for box in ("in", "out")
        }
        assert listed["in"] | listed["out"] == expected, who
        get = partial(alerts.get_alert, reading, person.actor)
        check_addresses(world, get, ids, expected, who)
        links = linked(alerts.home_items(reading, person.actor, MANY), "/alerts/")
        attended = listed["in"] & waiting if person.attends else set()
        assert links == {str(one) for one in attended}, who


def test_referrals(world: World, reading: Session) -> None:
    ids = {letter.id for letter in world.referrals}
    for person in world.people:
        expected = {letter.id for letter in world.referrals if world.sees_referral(person, letter)}
        who = str(person)
        rule = referrals.visible_referrals(person.actor)
        assert by_rule(reading, col(Referral.id), rule) == expected, who
        listed = {
            row.id
            for box in ("in", "out")
            for row in referrals.list_referrals(
                reading, person.actor, box=box, is_open=False, limit=MANY
            )
        }
        of_cases = {
            row.id
            for file in world.files
            if world.sees(person, file)
            for row in referrals.list_for_case(
                reading, person.actor, cases.get_case(reading, person.actor, file.id)
            )
        }
        assert listed | of_cases == expected, who
        get = partial(referrals.get_referral, reading, person.actor)
        check_addresses(world, get, ids, expected, who)
        links = linked(referrals.home_items(reading, person.actor, MANY), "/referrals/")
        assert links <= {str(one) for one in expected}, who


def test_declined_cases(world: World, reading: Session) -> None:
    ids = {letter.id for letter in world.transfers}
    assert {letter.is_open for letter in world.transfers} == {True, False}
    for person in world.people:
        expected = {letter.id for letter in world.transfers if world.sees_transfer(person, letter)}
        who = str(person)
        rule = transfers.visible_transfers(person.actor)
        assert by_rule(reading, col(Transfer.id), rule) == expected, who
        check_addresses(
            world, partial(transfers.get_transfer, reading, person.actor), ids, expected, who
        )
        links = linked(transfers.waiting_lines(reading, person.actor, MANY), "/transfers/")
        received = {
            str(letter.id)
            for letter in world.transfers
            if letter.id in expected and letter.is_open and person.agency in letter.receivers
        }
        assert links == (received if person.attends else set()), who


def test_commitments(world: World, reading: Session) -> None:
    ids = {letter.id for letter in world.commitments}
    for person in world.people:
        expected = {
            letter.id for letter in world.commitments if world.sees_commitment(person, letter)
        }
        who = str(person)
        rule = commitments.visible_commitments(person.actor)
        assert by_rule(reading, col(Commitment.id), rule) == expected, who
        listed = commitments.list_commitments(reading, person.actor, is_open=False, limit=MANY)
        assert {row.id for row in listed} == expected, who
        counted = sum(row.total for row in commitments.list_board(reading, person.actor))
        assert counted == sum(row.status in OPEN for row in listed), who
        get = partial(commitments.get_commitment, reading, person.actor)
        check_addresses(world, get, ids, expected, who)
        links = linked(commitments.home_items(reading, person.actor, MANY), "/commitments/")
        assert links <= {str(one) for one in expected}, who


def test_signs_and_mandatory_notices(world: World, reading: Session) -> None:
    ids = {duty for file in world.files for duty in file.duties}
    assert ids
    for person in world.people:
        read = [file for file in world.files if world.reads_all(person, file)]
        expected = {duty for file in read for duty in file.duties}
        signs = {sign for file in read for sign in file.signs}
        who = str(person)
        rule = duties.visible_duties(person.actor)
        assert by_rule(reading, col(Duty.id), rule) == expected, who
        rule = duties.visible_signs(person.actor)
        assert by_rule(reading, col(CaseSign.id), rule) == signs, who
        listed, seen = set(), set()
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            listed |= {row.id for row in duties.list_for_case(reading, person.actor, case)}
            seen |= {row.id for row in duties.list_signs(reading, person.actor, case)}
        assert (listed, seen) == (expected, signs), who
        check_addresses(world, partial(duties.get_duty, reading, person.actor), ids, expected, who)
        led = {
            str(duty)
            for file in read
            if file.lead == person.agency and file.is_open and world.belongs(person, file)
            for duty in file.duties
        }
        links = {
            item.url.rsplit("#duty-")[1] for item in duties.home_items(reading, person.actor, MANY)
        }
        assert links <= led, who


def test_documents(world: World, reading: Session) -> None:
    for wiring in (commitments_wiring, referrals_wiring):
        wiring.register()
    ids, turns = set(world.documents), count()
    assert ids
    for person in world.people:
        expected = {each for each in ids if world.reads_document(person, each)}
        who = str(person)
        rule = documents.visible_documents(person.actor)
        assert by_rule(reading, col(Document.id), rule) == expected, who
        if next(turns) % 3:
            continue
        # The lists are asked for by a third of the people.
        listed = set()
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            access = cases.access_to_act(reading, person.actor, case)
            found = documents.list_for_case(reading, person.actor, case, access)
            filed = documents.list_filed(reading, person.actor, case, access)
            assert {row.id for row in filed} == {row.id for row in found if row.circle}, who
            listed |= {row.id for row in found}
        on_cases = {
            each
            for each in expected
            if (about := world.documents[each][0]) and world.belongs(person, about)
        }
        assert listed == on_cases, who
        get = partial(documents.get_document, reading, person.actor)
        check_addresses(world, get, ids, expected, who)


def test_histories_hold_what_their_reader_reads(world: World, reading: Session) -> None:
    """Nothing goes out that a page would not show; what is sealed only where it was asked for."""
    for wiring in (commitments_wiring, referrals_wiring):
        wiring.register()
    taken = 0
    # Each history asks all that a case has: every third person takes them.
    for turn, person in enumerate(world.people[::3]):
        for file in world.files:
            ask = partial(history, reading, person.actor, file.id)
            if not world.sees(person, file):
                with pytest.raises(NotFound):
                    ask(with_sealed=True)
                continue
            if person.is_staff or not world.belongs(person, file):
                with pytest.raises(Forbidden):
                    ask(with_sealed=True)
                continue
            seen = [piece for piece in file.pieces if world.sees_piece(person, file, piece)]
            opened = [piece for piece in seen if world.opens_piece(person, file, piece)]
            plain = [piece for piece in seen if piece.circle is not Circle.SEALED]
            with_sealed = turn % 2 == 0
            found = ask(with_sealed=with_sealed)
            texts = {entry["text"] for entry in found.data["timeline"] if entry["text"]}
            expected = {piece.text for piece in plain + (opened if with_sealed else [])}
            known = {piece.text for each in world.files for piece in each.pieces}
            assert texts & known == expected, str(person)
            whole = json.dumps(found.data)
            assert not any(text in whole for text in known - expected), str(person)
            sealed = {piece.id for piece in file.pieces if piece.circle is Circle.SEALED}
            documents_of = {
                each
                for each, (about, piece) in world.documents.items()
                if about is file
                and world.reads_document(person, each)
                and (with_sealed or piece.id not in sealed)
            }
            assert {UUID(row["id"]) for row in found.data["documents"]} == documents_of
            assert len(found.files) == len(documents_of)
            assert WHERE not in whole
            planned = {UUID(plan["child"]) for plan in found.data["plans"]}
            sees_plan = world.sees_plan(person, file)
            assert planned == (set(file.children[:1]) if file.plans and sees_plan else set())
            taken += 1
    assert taken


def test_court_copies(world: World, reading: Session) -> None:
    ids = {copy_id for file in world.files for copy_id in file.copies}
    ids |= {copy_id for file in world.files for copy_id in file.old_copies}
    assert any(file.old_copies for file in world.files)
    for person in world.people:
        expected = {
            copy_id
            for file in world.files
            for copy_id in file.copies
            if world.sees_copy(person, file)
        }
        rule = by_rule(reading, col(CourtCopy.id), court.visible_copies(person.actor))
        assert rule == expected, str(person)
        listed: set[UUID] = set()
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            listed |= {copy.id for copy in court.list_copies(reading, person.actor, case)}
        assert listed == expected, str(person)
        get = partial(court.get_copy, reading, person.actor)
        check_addresses(world, get, ids, expected, str(person))


def test_interviews(world: World, reading: Session) -> None:
    ids = {heard.id for file in world.files for heard in file.interviews}
    assert ids
    for person in world.people:
        expected = {
            heard.id
            for file in world.files
            for heard in file.interviews
            if world.sees_interview(person, file, heard)
        }
        who = str(person)
        rule = interviews.visible_interviews(person.actor)
        assert by_rule(reading, col(Interview.id), rule) == expected, who
        listed, known = set(), set()
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            listed |= {row.id for row in interviews.list_for_case(reading, person.actor, case)}
            for child in file.children:
                known |= {row.id for row in interviews.list_for_child(reading, person.actor, child)}
            get = partial(interviews.get_interview, reading, person.actor, case)
            here = {heard.id for heard in file.interviews}
            strange = next(iter(ids - here))
            check_addresses(world, get, here | {strange}, expected & here, who)
        assert (listed, known) == (expected, expected), who


def test_plans(world: World, reading: Session) -> None:
    ids = {plan for file in world.files for plan in file.plans}
    assert ids
    for person in world.people:
        who = str(person)
        seen = [file for file in world.files if world.sees_plan(person, file)]
        expected = {plan for file in seen for plan in file.plans}
        assert by_rule(reading, col(Plan.id), plans.visible_plans(person.actor)) == expected, who
        for part in PLAN_PARTS:
            rule = plans.visible_parts(person.actor, part)
            assert by_rule(reading, part.plan_id, rule) == expected, who
        listed, counted = set(), 0
        for file in [file for file in world.files if world.sees(person, file)]:
            case = cases.get_case(reading, person.actor, file.id)
            listed |= {row.id for row in plans.list_for_case(reading, person.actor, case)}
            counted += plans.count_for_case(reading, person.actor, case)
            get = partial(plans.get_plan, reading, person.actor, case)
            here = set(file.plans)
            strange = next(iter(ids - here))
            check_addresses(world, get, {*here, strange}, expected & here, who)
        assert (listed, counted) == (expected, len(expected)), who
        # The institution in charge owes all of it today, and nobody else is told of it at home.
        owed = [file for file in seen if file.is_open and file.lead == person.agency]
        lines = plans.home_items(reading, person.actor, MANY)
        told = {line.url.rpartition("/")[2] for line in lines}
        assert told == {str(plan) for file in owed for plan in file.plans}, who
        assert bool(plans.due_days(reading, person.actor, clock.today())) == bool(owed), who


def searched(session: Session, person: Someone, **wanted: Any) -> set[UUID]:
    """Return what a search finds."""
    return {hit.id for hit in search.find(session, person.actor, LookFor(**wanted)).hits}


def test_a_search_finds_what_is_visible_and_names_where_they_are_read(
    world: World, reading: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns, letters = count(), {alert.id: alert for alert in world.alerts}
    for person, few in zip(world.people, cycle((reach.FEW, -1)), strict=False):
        # An institution's people are walked, or those who bear the name: by turns.
        monkeypatch.setattr(reach, "FEW", few)
        if person.is_staff:
            assert searched(reading, person, district="220501") == set()
            continue
        who = str(person)
        files = {file.id for file in world.files if world.sees(person, file)}
        alerts_seen = {one for one, letter in letters.items() if world.sees_alert(person, letter)}
        assert searched(reading, person, district="220501") == files | alerts_seen, who
        still = {file.id for file in world.files if file.is_open} & files
        assert searched(reading, person, state=State.OPEN) == still, who
        assert searched(reading, person, state=State.CLOSED) == files - still, who
        for file in world.files if world.is_thorough else world.files[-4:]:
            seen = {file.id} & files
            assert searched(reading, person, text=file.code) == seen, who
            read = {file.id} if world.reads_all(person, file) else set()
            # Each name is asked for by a third of the people.
            for name in file.names[next(turns) % 3 :: 3]:
                assert searched(reading, person, text=name) & {file.id} == read, who


def test_what_is_written_is_found_by_those_who_read_it(world: World, reading: Session) -> None:
    for person in [person for person in world.people if not person.is_staff]:
        told = {
            file.id
            for file in world.files
            for piece in file.pieces
            if piece.circle is not Circle.SEALED and world.sees_piece(person, file, piece)
        }
        assert searched(reading, person, words="nota") == told, str(person)
        summaries = {file.id for file in world.files if world.reads_all(person, file)}
        found = searched(reading, person, words="relato")
        sent = {alert.id for alert in world.alerts if world.sees_alert(person, alert)}
        assert found == summaries | sent, str(person)


def test_proposals_of_one_child(world: World, reading: Session) -> None:
    ids = set(world.matches)
    assert ids
    for person in world.people:
        expected = {
            one
            for one, files in world.matches.items()
            if not person.is_staff
            and any(file.lead == person.agency and world.belongs(person, file) for file in files)
        }
        who = str(person)
        rule = duplicates.visible_matches(person.actor)
        assert by_rule(reading, col(Match.id), rule) == expected, who
        check_addresses(
            world, partial(duplicates.get_match, reading, person.actor), ids, expected, who
        )
        may = replace(person.actor, permissions=frozenset({"duplicates.match.answer"}))
        links = linked(duplicates.home_items(reading, may, MANY), "/duplicates/")
        assert links == {str(one) for one in expected}, who


def test_nobody_sees_anything_on_the_instance(world: World, reading: Session) -> None:
    """Administrators of platform and agencies, auditors, carers and viewers: no record."""
    posts = {"platform_admin", "auditor", "admin", "privacy", "viewer", "carer"}
    for person in [person for person in world.people if person.post in posts]:
        for column, rule in (
            (col(Case.id), cases.visible_cases(person.actor)),
            (col(Entry.id), cases.visible_entries(person.actor)),
            (col(Person.id), cases.visible_people(person.actor)),
            (col(Alert.id), alerts.visible_alerts(person.actor)),
            (col(Referral.id), referrals.visible_referrals(person.actor)),
            (col(Commitment.id), commitments.visible_commitments(person.actor)),
            (col(Transfer.id), transfers.visible_transfers(person.actor)),
            (col(Document.id), documents.visible_documents(person.actor)),
        ):
            assert by_rule(reading, column, rule) == set(), f"{person}: {column}"
