"""What modules may do with cases, terms and commitments, through frozen views."""

from dataclasses import FrozenInstanceError, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from portal import clock, sdk
from portal.actor import Actor, AgencyKind, Role
from portal.cases import services
from portal.cases.models import Case
from portal.db import Database, WritingSession, new_id
from portal.people.inputs import PersonInput
from portal.people.services import register_person
from tests.factories.agencies import make_actor, make_agency

LAMAS = "220501"


@dataclass(frozen=True)
class Story:
    """A case of two siblings led by a UPE, with the Defensoría collaborating and a stranger."""

    case_id: UUID
    children: tuple[UUID, ...]
    upe: Actor
    defensoria: Actor
    stranger: Actor


@pytest.fixture
def story(session: WritingSession) -> Story:
    agencies = [
        make_agency(session, "UPE", AgencyKind.UPE),
        make_agency(session, "DP", AgencyKind.DEFENSORIA),
        make_agency(session, "CEM", AgencyKind.CEM),
    ]
    upe, defensoria, stranger = (
        make_actor(session, agency, Role.COORDINATOR) for agency in agencies
    )
    children = [
        register_person(
            session,
            upe,
            PersonInput(given_names=name, first_surname="Prueba", estimated_age=age),
        )
        for name, age in (("Ánimo", 9), ("Brío", 4))
    ]
    case = services.open_case(
        session,
        upe,
        lead_agency_id=agencies[0].id,
        situation=sdk.Situation.UNPROTECTION,
        priority=sdk.Priority.IMMEDIATE,
        district=LAMAS,
        summary="Solos esta noche",
        person_ids=[child.id for child in children],
        received_at=clock.now(),
    )
    add_party(session, upe, case, agencies[1].id)
    return Story(case.id, tuple(child.id for child in children), upe, defensoria, stranger)


def add_party(session: Session, actor: Actor, case: Case, agency_id: UUID) -> None:
    services.add_party(
        session,
        actor,
        case.id,
        agency_id=agency_id,
        level=sdk.Level.INFORMED,
        legal_basis="Ley 26520",
    )


def test_a_case_comes_as_a_view_masked_for_the_level(session: WritingSession, story: Story) -> None:
    view = sdk.get_case_view(session, story.upe, story.case_id)
    assert view.children[0].label.startswith("Ánimo")
    with pytest.raises(FrozenInstanceError):
        view.status = "closed"  # type: ignore[misc]
    masked = sdk.get_case_view(session, story.defensoria, story.case_id)
    assert [child.label for child in masked.children] == [c.initials for c in view.children]
    with pytest.raises(sdk.NotFound):
        sdk.get_case_view(session, story.stranger, story.case_id)


def test_views_by_the_handful_equal_single_ones(session: WritingSession, story: Story) -> None:
    wanted = [story.case_id, new_id()]
    for actor in (story.upe, story.defensoria, sdk.system_actor()):
        alone = sdk.get_case_view(session, actor, story.case_id)
        assert sdk.list_case_views(session, actor, wanted) == {story.case_id: alone}
    assert sdk.list_case_views(session, story.stranger, wanted) == {}


def test_the_visible_cases_are_the_same_as_sql(session: WritingSession, story: Story) -> None:
    for actor, seen in ((story.upe, 1), (story.defensoria, 1), (story.stranger, 0)):
        assert len(session.execute(sdk.visible_case_ids(actor)).all()) == seen


def test_a_term_is_started_once_and_met(session: WritingSession, story: Story) -> None:
    starts = clock.now()

    def start() -> UUID:
        return sdk.start_term(
            session,
            sdk.system_actor(),
            story.case_id,
            rule_code="core.test",
            starts_at=starts,
            agency_id=story.upe.agency_id or new_id(),
        )

    with pytest.raises(sdk.NotFound):
        start()
    rule = sdk.DeadlineRule(
        code="core.test",
        title="A term of a test",
        starts_on="receipt",
        length=5,
        unit=sdk.Unit.BUSINESS_DAYS,
        act_owed="an act",
        source="art. 1",
    )
    from portal.deadlines import rules

    rules.register(rule)
    term_id = start()
    assert start() == term_id
    (term,) = sdk.list_terms(session, story.upe, story.case_id)
    assert (term.id, term.status) == (term_id, sdk.TermStatus.RUNNING)
    with pytest.raises(sdk.Forbidden):
        sdk.meet_term(session, story.defensoria, term_id)
    with clock.at(starts + timedelta(days=30)):
        with pytest.raises(sdk.Invalid):
            sdk.meet_term(session, story.upe, term_id)
        sdk.meet_term(session, story.upe, term_id, late_reason="The road was closed")
    (term,) = sdk.list_terms(session, story.upe, story.case_id)
    assert (term.status, term.is_late) == (sdk.TermStatus.MET, True)
    with pytest.raises(sdk.Conflict):
        sdk.cancel_term(session, story.upe, term_id, reason="Over")
    rules._register.pop("core.test")


def test_entries_placement_and_rights_are_written_as_the_core_does(
    session: WritingSession, story: Story
) -> None:
    child = story.children[0]
    assert sdk.write_entry(session, story.upe, story.case_id, title=sdk.msgid("Admitted"))
    sdk.set_placement(
        session,
        story.upe,
        story.case_id,
        person_id=child,
        placement=sdk.Placement.IN_CARE,
        agency_id=story.upe.agency_id,
        whereabouts="Casa",
    )
    sdk.set_right(
        session,
        story.upe,
        story.case_id,
        person_id=child,
        right=sdk.Right.CARE,
        state=sdk.RightState.RESTORED,
        evidence="Ingreso",
    )
    view = sdk.get_case_view(session, story.upe, story.case_id)
    assert view.children[0].placement == "in_care"
    view = sdk.get_case_view(session, story.defensoria, story.case_id)
    assert view.children[0].placement == "unknown"
    with pytest.raises(sdk.NotFound):
        sdk.write_entry(session, story.stranger, story.case_id, title="x")


def test_the_stage_is_set_by_the_lead_once(session: WritingSession, story: Story) -> None:
    stage = sdk.msgid("Preliminary assessment")
    sdk.set_stage(session, story.upe, story.case_id, stage=stage, measure=sdk.msgid("Urgent"))
    sdk.set_stage(session, sdk.system_actor(), story.case_id, stage=stage)
    case = session.get_one(Case, story.case_id)
    assert (case.stage, case.measure) == ("Preliminary assessment", "Urgent")
    with pytest.raises(sdk.Forbidden):
        sdk.set_stage(session, story.defensoria, story.case_id, stage="x")
    sdk.set_stage(session, story.upe, story.case_id, stage="", measure="")
    assert (case.stage, case.measure) == ("", "")


def test_a_recommendation_becomes_a_commitment_found_by_its_source(
    session: WritingSession, story: Story
) -> None:
    source = new_id()
    made = sdk.propose_commitment(
        session,
        story.defensoria,
        agency_id=story.upe.agency_id or new_id(),
        act="Answer the recommendation",
        due_on=clock.today() + timedelta(days=30),
        source=sdk.Source.RECOMMENDATION,
        case_id=story.case_id,
        source_id=source,
    )
    found = sdk.commitments_from(session, story.defensoria, [source, new_id()])
    assert {key: row.id for key, row in found.items()} == {source: made}
    assert found[source].status is sdk.CommitmentStatus.ACCEPTED
    assert [row.id for row in sdk.list_commitments(session, story.upe, story.case_id)] == [made]


def test_a_list_of_views_does_not_grow_in_statements(
    db: Database, session: WritingSession, story: Story, statements: Any
) -> None:
    session.commit()
    with db.read() as reader:
        statements.seen.clear()
        sdk.list_case_views(reader, story.upe, [story.case_id])
        assert statements.count == 2
