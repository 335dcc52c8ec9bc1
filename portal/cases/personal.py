"""What the cases hold of a person: of a child whose case it is, and of whoever works on it."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal.agencies.queries import names_of
from portal.cases import erasing
from portal.cases.endings import BY_ENDING
from portal.cases.labels import (
    CIRCLE,
    GROUP,
    KIND,
    LEVEL,
    PLACEMENT,
    PRIORITY,
    RIGHT,
    RIGHT_STATE,
    SITUATION,
    STATUS,
    entry_title,
)
from portal.cases.models import (
    BarKind,
    Case,
    CaseAssignment,
    CaseBar,
    CaseChild,
    CaseParty,
    CaseRight,
    CaseRightStep,
    Circle,
    Closing,
    ClosingChild,
    Entry,
    EntryReader,
    Term,
    TermStatus,
)
from portal.db.sealing import opened
from portal.deadlines import rules
from portal.personal import Ending, Erased, ErasurePlan, PersonExport, readable
from portal.places import full_name_of
from portal.texts import _, _l

TERM = {
    TermStatus.RUNNING: _l("Runs"),
    TermStatus.MET: _l("Attended to"),
    TermStatus.SUSPENDED: _l("Stands still"),
    TermStatus.CANCELLED: _l("No longer owed"),
}
BAR = {BarKind.BARRED: _l("Barred by the institution in charge"), BarKind.ABSTAINED: _l("Abstains")}


def cases_of(person_id: UUID) -> sa.Select[UUID]:
    """Return the identifiers of the cases whose child a person is."""
    return sa.select(col(CaseChild.case_id)).where(col(CaseChild.person_id) == person_id)


def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport]:
    """Return the cases of a child and what hangs on them.

    What concerns a sibling alone is left out. Whereabouts and sealed entries stand apart, reserved.
    """
    cases = session.scalars(sa.select(Case).where(col(Case.id).in_(cases_of(person_id)))).all()
    codes = {case.id: case.code for case in cases}
    children = session.scalars(
        sa.select(CaseChild).where(col(CaseChild.person_id) == person_id)
    ).all()
    return [
        PersonExport(table="portal_case", title=_l("Cases"), rows=_cases(session, cases)),
        PersonExport(
            table="portal_case_child",
            title=_l("With whom the child is"),
            rows=[
                readable(
                    (_("Case"), codes[child.case_id]),
                    (_("Situation"), PLACEMENT[child.placement]),
                    (_("Since"), child.placed_at),
                )
                for child in children
            ],
        ),
        PersonExport(
            table="portal_case_child",
            title=_l("Whereabouts"),
            rows=_whereabouts(session, children, codes),
            is_reserved=True,
        ),
        PersonExport(
            table="portal_case_party",
            title=_l("Institutions of the case"),
            rows=_parties(session, codes),
        ),
        PersonExport(
            table="portal_case_right", title=_l("Rights"), rows=_rights(session, person_id, codes)
        ),
        PersonExport(
            table="portal_case_right_step",
            title=_l("How rights stood before"),
            rows=_right_steps(session, person_id, codes),
        ),
        *_closings(session, person_id, codes),
        *_entries(session, person_id, codes),
        PersonExport(
            table="portal_case_term",
            title=_l("Legal terms"),
            rows=_terms(session, person_id, codes),
        ),
    ]


def _cases(session: Session, cases: Sequence[Case]) -> list[dict[str, str]]:
    names = names_of(session, {case.lead_agency_id for case in cases})
    return [
        readable(
            (_("Code"), case.code),
            (_("In charge"), names.get(case.lead_agency_id)),
            (_("Situation"), SITUATION[case.situation]),
            (_("Priority"), PRIORITY[case.priority]),
            (_("Status"), STATUS[case.status]),
            (_("Stage"), _(case.stage) if case.stage else ""),
            (_("Measure in force"), _(case.measure) if case.measure else ""),
            (_("District"), full_name_of(case.district)),
            (
                _("Groups of the programme"),
                [str(GROUP[each]) for each in case.known_groups],
            ),
            (_("What happened"), case.summary),
            (_("Received at"), case.received_at),
            (_("Opened at"), case.opened_at),
            (_("Closed at"), case.closed_at),
        )
        for case in cases
    ]


def _whereabouts(
    session: Session, children: Sequence[CaseChild], codes: dict[UUID, str]
) -> list[dict[str, str]]:
    return [
        readable(
            (_("Case"), codes[child.case_id]),
            (
                _("Whereabouts"),
                opened(
                    session,
                    child.case_id,
                    "portal_case_child",
                    "whereabouts_sealed",
                    child.id,
                    child.whereabouts_sealed,
                ),
            ),
        )
        for child in children
        if child.whereabouts_sealed
    ]


def _parties(session: Session, codes: dict[UUID, str]) -> list[dict[str, str]]:
    parties = session.scalars(
        sa.select(CaseParty)
        .where(col(CaseParty.case_id).in_(codes))
        .order_by(col(CaseParty.case_id), col(CaseParty.since))
    ).all()
    names = names_of(session, {party.agency_id for party in parties})
    return [
        readable(
            (_("Case"), codes[party.case_id]),
            (_("Institution"), names[party.agency_id]),
            (_("Level"), LEVEL[party.level]),
            (_("Legal basis"), party.legal_basis),
            (_("Since"), party.since),
            (_("Until"), party.ended_at or party.until),
        )
        for party in parties
    ]


def _rights(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[dict[str, str]]:
    rights = session.scalars(
        sa.select(CaseRight)
        .where(col(CaseRight.person_id) == person_id)
        .order_by(col(CaseRight.case_id), col(CaseRight.right))
    ).all()
    names = names_of(session, {right.agency_id for right in rights if right.agency_id})
    return [
        readable(
            (_("Case"), codes.get(right.case_id)),
            (_("Right"), RIGHT[right.right]),
            (_("How it stands"), RIGHT_STATE[right.state]),
            (_("Since"), right.since),
            (_("Institution"), names.get(right.agency_id) if right.agency_id else ""),
            (_("Next step"), right.next_step),
            (_("Evidence"), right.evidence),
            (_("Fell back on"), right.fell_back_on),
        )
        for right in rights
    ]


def _right_steps(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[dict[str, str]]:
    steps = session.scalars(
        sa.select(CaseRightStep)
        .where(col(CaseRightStep.person_id) == person_id)
        .order_by(col(CaseRightStep.at), col(CaseRightStep.id))
    ).all()
    names = names_of(session, {step.agency_id for step in steps if step.agency_id})
    return [
        readable(
            (_("Case"), codes.get(step.case_id)),
            (_("When"), step.at),
            (_("Right"), RIGHT[step.right]),
            (_("How it stands"), RIGHT_STATE[step.state]),
            (_("Since"), step.since),
            (_("Institution"), names.get(step.agency_id) if step.agency_id else ""),
            (_("Next step"), step.next_step),
            (_("Evidence"), step.evidence),
        )
        for step in steps
    ]


def _closings(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[PersonExport]:
    """Return how the cases of a child were concluded, and how it ended for this child."""
    closings = session.scalars(
        sa.select(Closing).where(col(Closing.case_id).in_(codes)).order_by(col(Closing.at))
    ).all()
    ends = session.execute(
        sa.select(ClosingChild, col(Closing.case_id))
        .join(Closing, col(Closing.id) == col(ClosingChild.closing_id))
        .where(col(ClosingChild.person_id) == person_id)
        .order_by(col(Closing.at))
    )
    return [
        PersonExport(
            table="portal_case_closing",
            title=_l("Conclusions"),
            rows=[
                readable(
                    (_("Case"), codes[row.case_id]),
                    (_("Closed at"), row.at),
                    (_("Resolution"), row.document),
                    (_("Date"), row.dated),
                    (_("Norm"), row.basis),
                    (_("Explanation"), row.explanation),
                    (_("Reopened at"), row.reopened_at),
                    (_("Why it was reopened"), row.reopen_reason),
                    (_("Closed by mistake"), row.by_mistake or None),
                )
                for row in closings
            ],
        ),
        PersonExport(
            table="portal_case_closing_child",
            title=_l("How it ended for the child"),
            rows=[
                readable(
                    (_("Case"), codes.get(case_id)),
                    (_("How it ended"), BY_ENDING[row.ending].title),
                    (_("Returned on"), row.since),
                    (_("First follow-up visit"), row.visit_on),
                    (
                        _("Rights not restored"),
                        [str(word) for right, word in RIGHT.items() if right in row.lacking],
                    ),
                    (_("Why it ended all the same"), row.lacking_reason),
                )
                for row, case_id in ends
            ],
        ),
    ]


def _entries(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[PersonExport]:
    """Return the acts of the timeline, the sealed ones apart."""
    whose = col(Entry.person_id)
    entries = session.scalars(
        sa.select(Entry)
        .where(
            sa.or_(
                whose == person_id, sa.and_(whose.is_(None), col(Entry.case_id).in_(list(codes)))
            )
        )
        .order_by(col(Entry.happened_at), col(Entry.id))
    ).all()
    names = names_of(session, {entry.agency_id for entry in entries if entry.agency_id})
    rows: dict[bool, list[dict[str, str]]] = defaultdict(list)
    for entry in entries:
        is_sealed = entry.circle is Circle.SEALED
        rows[is_sealed].append(
            readable(
                (_("Case"), codes.get(entry.case_id)),
                (_("When"), entry.happened_at),
                (_("Kind"), KIND[entry.kind]),
                (_("Institution"), names.get(entry.agency_id) if entry.agency_id else ""),
                (_("Who can read it"), CIRCLE[entry.circle]),
                (_("Act"), entry_title(entry.title, entry.facts)),
                (_("Text"), entry.text or _sealed_text(session, entry)),
                (_("Struck at"), entry.struck_at),
                (_("Why it was struck"), _strike_reason(session, entry)),
            )
        )
    return [
        PersonExport(table="portal_case_entry", title=_l("Timeline"), rows=rows[False]),
        PersonExport(
            table="portal_case_entry",
            title=_l("Acts of restricted access"),
            rows=rows[True],
            is_reserved=True,
        ),
    ]


def _sealed_text(session: Session, entry: Entry) -> str:
    return opened(
        session, entry.case_id, "portal_case_entry", "text_sealed", entry.id, entry.text_sealed
    )


def _strike_reason(session: Session, entry: Entry) -> str:
    table, column = "portal_case_entry", "strike_reason_sealed"
    cell = entry.strike_reason_sealed
    return opened(session, entry.case_id, table, column, entry.id, cell)


def _terms(session: Session, person_id: UUID, codes: dict[UUID, str]) -> list[dict[str, str]]:
    whose = col(Term.person_id)
    terms = session.scalars(
        sa.select(Term)
        .where(
            sa.or_(whose == person_id, sa.and_(whose.is_(None), col(Term.case_id).in_(list(codes))))
        )
        .order_by(col(Term.starts_at), col(Term.id))
    ).all()
    names = names_of(session, {term.agency_id for term in terms})
    return [
        readable(
            (_("Case"), codes.get(term.case_id)),
            (_("Term"), rules.known(term.rule_code, term.starts_at.date()).title),
            (_("Who owes it"), names[term.agency_id]),
            (_("From"), term.starts_at),
            (_("Last day"), term.due_on),
            (_("How it stands"), TERM[term.status]),
            (_("Ended at"), term.ended_at),
            (_("Why it was late"), term.late_reason),
            (_("Moved by a change of calendar from"), term.moved_from),
            (_("Stood still on"), _stood_still(term)),
        )
        for term in terms
    ]


def export_user(session: Session, user_id: UUID) -> Sequence[PersonExport]:
    """Return the cases on which a person works, is named as a reader, or may not see.

    A bar does not name its case: that is what it keeps from the person.
    """
    return [
        PersonExport(
            table="portal_case_assignment",
            title=_l("Cases assigned"),
            rows=_assignments(session, user_id),
        ),
        PersonExport(
            table="portal_case_bar", title=_l("Cases not to be seen"), rows=_bars(session, user_id)
        ),
        PersonExport(
            table="portal_case_entry_reader",
            title=_l("Acts of restricted access opened to the person"),
            rows=_readings(session, user_id),
        ),
    ]


def _assignments(session: Session, user_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(CaseAssignment, Case)
        .join(Case, col(Case.id) == col(CaseAssignment.case_id))
        .where(col(CaseAssignment.user_id) == user_id)
        .order_by(col(CaseAssignment.since))
    )
    found = session.execute(statement).all()
    names = names_of(session, {assigned.agency_id for assigned, _case in found})
    return [
        readable(
            (_("Case"), case.code),
            (_("Institution"), names[assigned.agency_id]),
            (_("Since"), assigned.since),
            (_("Until"), assigned.until),
        )
        for assigned, case in found
    ]


def _bars(session: Session, user_id: UUID) -> list[dict[str, str]]:
    bars = session.scalars(sa.select(CaseBar).where(col(CaseBar.user_id) == user_id))
    return [
        readable(
            (_("Since"), bar.at),
            (_("Kind"), BAR[bar.kind]),
            (
                _("Reason"),
                opened(
                    session,
                    bar.case_id,
                    "portal_case_bar",
                    "reason_sealed",
                    bar.id,
                    bar.reason_sealed,
                ),
            ),
        )
        for bar in bars
    ]


def _readings(session: Session, user_id: UUID) -> list[dict[str, str]]:
    statement = (
        sa.select(EntryReader, Case)
        .join(Entry, col(Entry.id) == col(EntryReader.entry_id))
        .join(Case, col(Case.id) == col(Entry.case_id))
        .where(col(EntryReader.user_id) == user_id)
        .order_by(col(EntryReader.at))
    )
    return [
        readable(
            (_("Case"), case.code),
            (_("Since"), reader.at),
            (
                _("Reason"),
                opened(
                    session,
                    case.id,
                    "portal_case_entry_reader",
                    "reason_sealed",
                    reader.id,
                    reader.reason_sealed,
                ),
            ),
        )
        for reader, case in session.execute(statement)
    ]


def erase_record(session: Session, ending: Ending) -> Sequence[Erased]:
    """Empty the cases that end and close them to everybody; see `erasing`."""
    return erasing.erase_cases(session, ending.case_ids)


def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased]:
    """Take a child out of the cases that stay for its siblings, with what is of it alone there."""
    return erasing.erase_child(session, person_id, plan.shared_case_ids)


def _stood_still(term: Term) -> str:
    return "; ".join(each["basis"] for each in term.suspensions if "basis" in each)
