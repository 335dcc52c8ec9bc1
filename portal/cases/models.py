"""Tables of cases.

A case is read only through `queries`; what each institution sees of it follows from its party row,
the person's role and assignment, and the circle of each piece.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from portal.db import Identified, Versioned, enum_column
from portal.errors import Conflict
from portal.texts import _l, msgid

NEVER = date(9999, 12, 31)


class Situation(StrEnum):
    """Which regime the facts point to (DL 1297 art. 3.f–g): riesgo, desprotección, not decided."""

    RISK = "risk"
    UNPROTECTION = "unprotection"
    UNDECIDED = "undecided"


class Priority(StrEnum):
    """How soon the case must be acted upon; not the law's urgency (DL 1297 art. 45)."""

    IMMEDIATE = "immediate"
    HIGH = "high"
    REGULAR = "regular"

    @property
    def rank(self) -> int:
        """Return the place in the order of work, the most pressing first."""
        return list(Priority).index(self)


class PopulationGroup(StrEnum):
    """The groups that the programme looks for (grupo poblacional); a child may be of several."""

    PARENT_IN_PRISON = "parent_in_prison"
    FEMICIDE = "femicide"
    PANDEMIC = "pandemic"
    ORPHAN = "orphan"
    SEXUAL_VIOLENCE = "sexual_violence"
    CRIME = "crime"
    STREET = "street"
    IN_CARE = "in_care"
    YOUTH_DETENTION = "youth_detention"
    PARENT_DEPENDENCE = "parent_dependence"
    PARENT_DISABILITY = "parent_disability"
    SEX_WORK = "sex_work"


class CaseStatus(StrEnum):
    """Open, or closed (conclusión) until it is reopened."""

    OPEN = "open"
    CLOSED = "closed"


class Level(StrEnum):
    """What an institution is on a case: a cargo, interviene, colabora."""

    LEAD = "lead"
    TEAM = "team"
    INFORMED = "informed"


class Circle(StrEnum):
    """Who may read a piece: its agency, the team, every institution of the case, named people."""

    AGENCY = "agency"
    TEAM = "team"
    PARTIES = "parties"
    SEALED = "sealed"


class EntryKind(StrEnum):
    """What an entry of the timeline (actuación) tells."""

    NOTE = "note"
    ACT = "act"
    INTERVIEW = "interview"
    VISIT = "visit"
    REFERRAL = "referral"
    COMMITMENT = "commitment"
    PARTY = "party"
    RIGHT = "right"
    PLACEMENT = "placement"
    TERM = "term"
    DOCUMENT = "document"
    COUNCIL = "council"
    MODULE = "module"


class Right(StrEnum):
    """The rights that are looked at for every child, always the same."""

    IDENTITY = "identity"
    HEALTH_INSURANCE = "health_insurance"
    GROWTH = "growth"
    MENTAL_HEALTH = "mental_health"
    SCHOOL = "school"
    CARE = "care"
    ASSISTANCE = "assistance"
    DISABILITY = "disability"
    LEGAL_DEFENCE = "legal_defence"
    PARENT_CONTACT = "parent_contact"
    SAFETY = "safety"


class RightState(StrEnum):
    """How a right stands: por verificar, no garantizado, en trámite, restituido, no aplica."""

    TO_VERIFY = "to_verify"
    NOT_GUARANTEED = "not_guaranteed"
    IN_PROCESS = "in_process"
    RESTORED = "restored"
    NOT_APPLICABLE = "not_applicable"


class Placement(StrEnum):
    """With whom a child is; the address itself is sealed elsewhere."""

    UNKNOWN = "unknown"
    ALONE = "alone"
    WITH_FAMILY = "with_family"
    HOSPITAL = "hospital"
    IN_CARE = "in_care"
    FOSTERED = "fostered"


class TermStatus(StrEnum):
    """How a running term stands; late is never a state, it is computed."""

    RUNNING = "running"
    MET = "met"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


class BarKind(StrEnum):
    """Why a person may not see a case: barred by the lead, or abstaining (TUO 88–89)."""

    BARRED = "barred"
    ABSTAINED = "abstained"


class Verdict(StrEnum):
    """What a review found of an emergency access."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


class LookupOutcome(StrEnum):
    """What a look-up of a case came to; whoever asked learns of the first two only, as one."""

    ASKED = "asked"
    OPENED = "opened"
    NONE = "none"
    BARRED = "barred"
    SHIELDED = "shielded"


class CaseEnding(StrEnum):
    """How the procedure of a child ended; the norm of each stands in `endings`."""

    OVERCOME = "overcome"
    UNPROTECTION = "unprotection"
    RETURNED = "returned"
    ADULT = "adult"
    ADOPTION = "adoption"
    DECLINED = "declined"
    ARCHIVED = "archived"
    CUSTODY = "custody"
    DIED = "died"
    OTHER = "other"


# The stage of a case from its reopening until the procedure has another.
REOPENED = msgid("Reopened")


class Case(Identified, Versioned, table=True):
    """The shared record of a child or sibling group (expediente).

    `code` is what people say; `serial` is the lead's file number and shows to the lead only.
    `due_on` is the day of the next running term (`NEVER` where none runs). `stage` and `measure`
    are kept by the module that owns the procedure (`cases.stages`). A case shielded since
    `shielded_at` answers look-ups as if nobody knew the child.
    """

    __tablename__ = "portal_case"
    __table_args__ = (UniqueConstraint("lead_agency_id", "serial_year", "serial"),)

    code: str = Field(max_length=24, unique=True)
    serial: int
    serial_year: int
    lead_agency_id: UUID = Field(foreign_key="portal_agency.id", index=True)
    situation: Situation = Field(sa_column=enum_column(Situation))
    priority: Priority = Field(sa_column=enum_column(Priority))
    status: CaseStatus = Field(default=CaseStatus.OPEN, sa_column=enum_column(CaseStatus))
    stage: str = Field(default="", max_length=60)
    measure: str = Field(default="", max_length=160)
    district: str = Field(max_length=6, index=True)
    groups: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    summary: str = Field(default="", max_length=4000)
    alert_id: UUID | None = None
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None = None
    due_on: date = NEVER
    shielded_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether work goes on."""
        return self.status is CaseStatus.OPEN

    @property
    def known_groups(self) -> list[PopulationGroup]:
        """Return the groups of the programme in their order."""
        return [each for each in PopulationGroup if each in self.groups]

    def close(self, *, at: datetime) -> None:
        """Conclude the case; raises Conflict if it is closed already."""
        if not self.is_open:
            raise Conflict(_l("This case is closed already."))
        self.status, self.closed_at = CaseStatus.CLOSED, at

    def reopen(self, *, by_mistake: bool = False) -> None:
        """Take the case up again, without the stage and the measure that its end had ended.

        Unless it was closed by mistake: then they still stand. Raises Conflict if it is open.
        """
        if self.is_open:
            raise Conflict(_l("This case is open already."))
        self.status, self.closed_at = CaseStatus.OPEN, None
        if not by_mistake:
            self.stage, self.measure = REOPENED, ""


class CaseParty(Identified, Versioned, table=True):
    """An institution on a case, with its level, legal basis and dates; exactly one is the lead.

    `until` is the first moment at which it is no longer on it; `reminded_at` when the lead was told
    that this comes.
    """

    __tablename__ = "portal_case_party"
    __table_args__ = (
        Index(
            "uq_portal_case_party_current",
            "case_id",
            "agency_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        # The value stands first, or SQLite plans each statement anew that asks for some level: it
        # looks whether the value given is that of the index.
        Index(
            "uq_portal_case_party_lead",
            "case_id",
            unique=True,
            sqlite_where=sa.text("'lead' = level AND ended_at IS NULL"),
            postgresql_where=sa.text("'lead' = level AND ended_at IS NULL"),
        ),
        Index("ix_portal_case_party_agency", "agency_id", "case_id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    level: Level = Field(sa_column=enum_column(Level))
    legal_basis: str = Field(max_length=200)
    since: datetime
    until: datetime | None = None
    ended_at: datetime | None = None
    granted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    reminded_at: datetime | None = None


class CaseAssignment(Identified, table=True):
    """A person of an agency who works on a case, until the assignment ends."""

    __tablename__ = "portal_case_assignment"
    __table_args__ = (
        Index(
            "uq_portal_case_assignment_current",
            "user_id",
            "agency_id",
            "case_id",
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        ),
        Index("ix_portal_case_assignment_case_id", "case_id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id")
    since: datetime
    until: datetime | None = None


class CaseBar(Identified, table=True):
    """A person who may not see a case: kin or involved, or abstaining (TUO of Ley 27444, 88–89).

    `agency_id` is for whom an abstaining person worked on it. It holds until it is lifted.
    """

    __tablename__ = "portal_case_bar"
    __table_args__ = (
        Index(
            "uq_portal_case_bar_current",
            "user_id",
            "case_id",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    kind: BarKind = Field(sa_column=enum_column(BarKind))
    reason_sealed: bytes
    at: datetime
    barred_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    lifted_at: datetime | None = None
    lifted_by: UUID | None = Field(default=None, foreign_key="portal_user.id")


class CaseGrant(Identified, table=True):
    """Emergency access of a person to a case: what `team` reads, until a moment, then reviewed.

    It does not show the whereabouts of a child in care, who told it, or sealed pieces.
    """

    __tablename__ = "portal_case_grant"
    __table_args__ = (
        Index("ix_portal_case_grant_holder", "user_id", "until"),
        Index("ix_portal_case_grant_review", "reviewed_at", "review_due_on"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    user_id: UUID = Field(foreign_key="portal_user.id")
    reason_sealed: bytes
    opened_at: datetime
    until: datetime
    ended_at: datetime | None = None
    review_due_on: date
    reviewed_at: datetime | None = None
    reviewed_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    verdict: Verdict | None = Field(default=None, sa_column=enum_column(Verdict, nullable=True))
    words_sealed: bytes | None = None


class CaseLookup(Identified, table=True):
    """An explicit look-up of a case, written before it is made; `by_identity` ones are few a day.

    `case_id` is the case that it hit, also where the person who asked was told that none opens.
    """

    __tablename__ = "portal_case_lookup"
    __table_args__ = (Index("ix_portal_case_lookup_person", "user_id", "at"),)

    user_id: UUID = Field(foreign_key="portal_user.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    at: datetime
    by_identity: bool
    outcome: LookupOutcome = Field(
        default=LookupOutcome.ASKED, sa_column=enum_column(LookupOutcome)
    )
    case_id: UUID | None = Field(default=None, foreign_key="portal_case.id")


class CaseChild(Identified, Versioned, table=True):
    """A child of a case and with whom the child is.

    `whereabouts_sealed` is read by few: the lead, the place, prosecutor, judge and public defender.
    """

    __tablename__ = "portal_case_child"
    __table_args__ = (
        UniqueConstraint("case_id", "person_id"),
        Index("ix_portal_case_child_person", "person_id", "case_id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id")
    position: int = 0
    placement: Placement = Field(default=Placement.UNKNOWN, sa_column=enum_column(Placement))
    placed_by: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    placed_at: datetime | None = None
    whereabouts_sealed: bytes | None = None


class CaseRight(Identified, Versioned, table=True):
    """How one right of one child stands, who answers for it and what comes next.

    `fell_back_on` is set while a right that had been restored is not.
    """

    __tablename__ = "portal_case_right"
    __table_args__ = (UniqueConstraint("case_id", "person_id", "right"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id")
    right: Right = Field(sa_column=enum_column(Right))
    state: RightState = Field(sa_column=enum_column(RightState))
    since: date
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    next_step: str = Field(default="", max_length=200)
    evidence: str = Field(default="", max_length=400)
    fell_back_on: date | None = None


class CaseRightStep(Identified, table=True):
    """How a right stood from a moment on: written with each change, never changed."""

    __tablename__ = "portal_case_right_step"
    __table_args__ = (Index("ix_portal_case_right_step_walk", "case_id", "person_id", "right"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID = Field(foreign_key="portal_person.id")
    right: Right = Field(sa_column=enum_column(Right))
    state: RightState = Field(sa_column=enum_column(RightState))
    since: date
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    next_step: str = Field(default="", max_length=200)
    evidence: str = Field(default="", max_length=400)
    at: datetime
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id")


class Closing(Identified, table=True):
    """A conclusion of a case (conclusión), which a reopening ends and leaves standing.

    `document` and `dated` are the resolution's; `basis` is the norm of an end that the law read
    here does not name. One `by_mistake` concluded nothing: no resolution stands behind it.
    """

    __tablename__ = "portal_case_closing"

    case_id: UUID = Field(foreign_key="portal_case.id", index=True)
    at: datetime
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    document: str = Field(default="", max_length=120)
    dated: date | None = None
    basis: str = Field(default="", max_length=200)
    explanation: str = Field(default="", max_length=2000)
    reopened_at: datetime | None = None
    reopened_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    reopen_reason: str = Field(default="", max_length=400)
    by_mistake: bool = False

    def reopen(
        self, reason: str, *, by_mistake: bool = False, by: UUID | None, at: datetime
    ) -> None:
        """Note that the case was taken up again; raises Conflict where it was already."""
        if self.reopened_at is not None:
            raise Conflict(_l("This case is open already."))
        self.reopened_at, self.reopened_by, self.reopen_reason = at, by, reason
        self.by_mistake = by_mistake


class ClosingChild(Identified, table=True):
    """How a conclusion ended for one child.

    `lacking` are the rights that were not restored then, and `lacking_reason` why it ended all the
    same. `since` is the day of the return to the family, `visit_on` that of the first visit after.
    """

    __tablename__ = "portal_case_closing_child"
    __table_args__ = (UniqueConstraint("closing_id", "person_id"),)

    closing_id: UUID = Field(foreign_key="portal_case_closing.id")
    person_id: UUID = Field(foreign_key="portal_person.id", index=True)
    ending: CaseEnding = Field(sa_column=enum_column(CaseEnding))
    since: date | None = None
    visit_on: date | None = None
    lacking: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    lacking_reason: str = Field(default="", max_length=400)


class Entry(Identified, table=True):
    """One act on the timeline (actuación): never deleted, only struck with a reason.

    `title` is a text to translate, filled by `facts`; `text` is what a person wrote, kept encrypted
    in `text_sealed` where the circle is sealed. Why it was struck is always encrypted: the reason
    may tell what a sealed text kept.
    """

    __tablename__ = "portal_case_entry"
    __table_args__ = (Index("ix_portal_case_entry_walk", "case_id", "happened_at", "id"),)

    case_id: UUID = Field(foreign_key="portal_case.id")
    kind: EntryKind = Field(sa_column=enum_column(EntryKind))
    circle: Circle = Field(sa_column=enum_column(Circle))
    author_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    happened_at: datetime
    recorded_at: datetime
    title: str = Field(default="", max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    text: str = Field(default="", max_length=8000)
    text_sealed: bytes | None = None
    corrects_id: UUID | None = Field(default=None, foreign_key="portal_case_entry.id")
    struck_at: datetime | None = None
    struck_by: UUID | None = Field(default=None, foreign_key="portal_user.id")
    strike_reason_sealed: bytes | None = None


class EntryReader(Identified, table=True):
    """A person named to read a sealed entry; those named later gave a reason."""

    __tablename__ = "portal_case_entry_reader"
    __table_args__ = (UniqueConstraint("entry_id", "user_id"),)

    entry_id: UUID = Field(foreign_key="portal_case_entry.id")
    user_id: UUID = Field(foreign_key="portal_user.id", index=True)
    at: datetime
    reason_sealed: bytes | None = None


class EntryMove(Identified, table=True):
    """A change of an entry's circle after it was written: who, when, from where to where, why."""

    __tablename__ = "portal_case_entry_move"

    entry_id: UUID = Field(foreign_key="portal_case_entry.id", index=True)
    user_id: UUID | None = Field(default=None, foreign_key="portal_user.id")
    agency_id: UUID | None = Field(default=None, foreign_key="portal_agency.id")
    at: datetime
    old: Circle = Field(sa_column=enum_column(Circle))
    new: Circle = Field(sa_column=enum_column(Circle))
    reason_sealed: bytes | None = None


class Term(Identified, Versioned, table=True):
    """A legal term that runs on a case: its rule, its computed end and how it was counted.

    `due_on` is the last day; `due_at` also holds the hour for terms counted in hours. `steps` is
    the explanation as data. `person_id` names the child where the term is one child's. Where a
    change of calendar moved it, `moved_from` is the day before and `moved_at` when. `suspensions`
    are the days on which it stood still, with the norm; `until` is the first that counts again.
    """

    __tablename__ = "portal_case_term"
    __table_args__ = (
        Index("ix_portal_case_term_running", "case_id", "status", "due_on"),
        Index("ix_portal_case_term_owed", "agency_id", "status", "due_at", "id"),
    )

    case_id: UUID = Field(foreign_key="portal_case.id")
    person_id: UUID | None = Field(default=None, foreign_key="portal_person.id")
    agency_id: UUID = Field(foreign_key="portal_agency.id")
    rule_code: str = Field(max_length=60)
    starts_at: datetime
    due_on: date
    due_at: datetime
    steps: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    status: TermStatus = Field(default=TermStatus.RUNNING, sa_column=enum_column(TermStatus))
    ended_at: datetime | None = None
    late_reason: str = Field(default="", max_length=400)
    moved_from: date | None = None
    moved_at: datetime | None = None
    suspensions: list[Any] = Field(default_factory=list, sa_type=sa.JSON)


class Worklist(SQLModel, table=True):
    """One row for each (agency, case): the grant with the sort keys copied in.

    Lists walk it in its own order, which costs the same for a village and a ministry. It is
    rewritten in the transaction of the change, in one place (`worklist.rewrite`).
    """

    __tablename__ = "portal_worklist"
    __table_args__ = (
        sa.UniqueConstraint("agency_id", "case_id"),
        sa.Index("ix_portal_worklist_case_id", "case_id"),
        {"sqlite_with_rowid": False},
    )

    agency_id: UUID = Field(foreign_key="portal_agency.id", primary_key=True)
    status: CaseStatus = Field(sa_column=enum_column(CaseStatus, primary_key=True))
    priority: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    due_on: date = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="portal_case.id", primary_key=True)
    level: Level = Field(sa_column=enum_column(Level))
    until: datetime | None = None
