"""Individual work plans: versions, objectives, activities, visits, reviews."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0045_plans"
down_revision = "0044_histories"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
PLAN, VERSION, OBJECTIVE = "portal_plan", "portal_plan_version", "portal_plan_objective"
ACTIVITY, VISIT, REVIEW = "portal_plan_activity", "portal_plan_visit", "portal_plan_review"
RIGHTS = (
    "identity",
    "health_insurance",
    "growth",
    "mental_health",
    "school",
    "care",
    "assistance",
    "disability",
    "legal_defence",
    "parent_contact",
    "safety",
)
OUTCOMES = ("goals_met", "returned", "other_regime", "of_age", "term_over", "other")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _row(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    ]


def _part(table: str) -> list[sa.schema.SchemaItem]:
    plan = sa.Column("plan_id", sa.Uuid(), nullable=False)
    return [*_row(table), plan, _key(table, "plan_id", PLAN)]


def _line(table: str) -> list[sa.schema.SchemaItem]:
    return [
        *_part(table),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer()),
    ]


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, TEXT(length=length), nullable=False)


def _progress() -> sa.Column:
    return sa.Column("progress", _enum("progress", "pending", "done", "not_done"), nullable=False)


def upgrade() -> None:
    op.create_table(
        PLAN,
        *_row(PLAN),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("declared_on", sa.Date()),
        sa.Column("started_at", MOMENT(), nullable=False),
        sa.Column("started_by", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("changed_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT()),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("outcome", _enum("outcome", *OUTCOMES)),
        _text("outcome_words", 1000),
        _key(PLAN, "case_id", "portal_case"),
        _key(PLAN, "person_id", "portal_person"),
        _key(PLAN, "started_by", "portal_user"),
        _key(PLAN, "agency_id", "portal_agency"),
        _key(PLAN, "ended_by", "portal_user"),
    )
    op.create_index(f"ix_{PLAN}_case_id", PLAN, ["case_id"])
    op.create_index(f"ix_{PLAN}_person_id", PLAN, ["person_id"])
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        f"uq_{PLAN}_current",
        PLAN,
        ["case_id", "person_id"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
    op.create_table(
        VERSION,
        *_part(VERSION),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("background", 3000),
        _text("problems", 3000),
        _text("measures", 2000),
        _text("follow_up", 1000),
        _text("in_charge", 160),
        sa.Column("interview_id", sa.Uuid()),
        _text("opinion", 2000),
        _text("weighed", 1000),
        _text("no_opinion", 400),
        sa.Column("begun_at", MOMENT(), nullable=False),
        sa.Column("begun_by", sa.Uuid()),
        _text("reason", 400),
        _text("resolution", 80),
        sa.Column("resolved_on", sa.Date()),
        sa.Column("approved_at", MOMENT()),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        _key(VERSION, "interview_id", "portal_interview"),
        _key(VERSION, "begun_by", "portal_user"),
        _key(VERSION, "approved_by", "portal_user"),
        _key(VERSION, "agency_id", "portal_agency"),
        sa.UniqueConstraint("plan_id", "number", name=f"uq_{VERSION}_plan_id_number"),
    )
    op.create_index(f"ix_{VERSION}_interview_id", VERSION, ["interview_id"])
    op.create_table(
        OBJECTIVE,
        *_line(OBJECTIVE),
        sa.Column("right", _enum("right", *RIGHTS)),
        _text("text", 600),
    )
    op.create_index(f"ix_{OBJECTIVE}_plan_id", OBJECTIVE, ["plan_id"])
    op.create_table(
        ACTIVITY,
        *_line(ACTIVITY),
        sa.Column("objective_line", sa.Uuid(), nullable=False),
        _text("act", 600),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        _text("person", 160),
        sa.Column("due_on", sa.Date(), nullable=False),
        _progress(),
        sa.Column("done_on", sa.Date()),
        _text("result", 1000),
        sa.Column("finished_at", MOMENT()),
        sa.Column("finished_by", sa.Uuid()),
        sa.Column("commitment_id", sa.Uuid()),
        _key(ACTIVITY, "agency_id", "portal_agency"),
        _key(ACTIVITY, "finished_by", "portal_user"),
        _key(ACTIVITY, "commitment_id", "portal_commitment"),
    )
    op.create_index(f"ix_{ACTIVITY}_plan_id", ACTIVITY, ["plan_id"])
    op.create_index(f"ix_{ACTIVITY}_commitment_id", ACTIVITY, ["commitment_id"])
    op.create_index(f"ix_{ACTIVITY}_owed", ACTIVITY, ["agency_id", "progress", "due_on"])
    op.create_table(
        VISIT,
        *_part(VISIT),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("planned_on", sa.Date()),
        _text("purpose", 300),
        _progress(),
        sa.Column("happened_at", MOMENT()),
        _text("visitor", 160),
        _text("found", 300),
        _text("note", 4000),
        sa.Column("recorded_at", MOMENT()),
        sa.Column("recorded_by", sa.Uuid()),
        _key(VISIT, "agency_id", "portal_agency"),
        _key(VISIT, "recorded_by", "portal_user"),
    )
    op.create_index(f"ix_{VISIT}_plan_id", VISIT, ["plan_id"])
    op.create_index(f"ix_{VISIT}_owed", VISIT, ["agency_id", "progress", "planned_on"])
    op.create_table(
        REVIEW,
        *_part(REVIEW),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("held_on", sa.Date()),
        sa.Column("decision", _enum("decision", "keep", "change", "end")),
        _text("words", 2000),
        sa.Column("recorded_at", MOMENT()),
        sa.Column("recorded_by", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        _key(REVIEW, "recorded_by", "portal_user"),
        _key(REVIEW, "agency_id", "portal_agency"),
    )
    op.create_index(f"ix_{REVIEW}_plan_id", REVIEW, ["plan_id", "due_on"])


def downgrade() -> None:
    # What plans asked of institutions stays owed, as if it had been agreed by hand.
    op.execute("UPDATE portal_commitment SET source = 'manual' WHERE source = 'plan'")
    op.execute("UPDATE portal_commitment SET status = 'not_met' WHERE status = 'withdrawn'")
    for table in (REVIEW, VISIT, ACTIVITY, OBJECTIVE, VERSION, PLAN):
        op.drop_table(table)
