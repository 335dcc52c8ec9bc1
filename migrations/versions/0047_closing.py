"""How cases were concluded and taken up again, child by child, and the follow-up after a return."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0047_closing"
down_revision = "0046_court_copies"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
CLOSING, CHILD = "portal_case_closing", "portal_case_closing_child"
FOLLOWUP, VISIT = "portal_followup", "portal_followup_visit"
ENDINGS = (
    "overcome",
    "unprotection",
    "returned",
    "adult",
    "adoption",
    "declined",
    "archived",
    "custody",
    "died",
    "other",
)
FINDINGS = ("well", "difficulties", "risk", "absent")
ENDS = ("completed", "impossible", "reopened")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(column: str, to: str) -> sa.Column:
    return sa.Column(column, sa.Uuid(), sa.ForeignKey(f"{to}.id"), nullable=False)


def _by(column: str) -> sa.Column:
    return sa.Column(column, sa.Uuid(), sa.ForeignKey("portal_user.id"))


def upgrade() -> None:
    op.create_table(
        CLOSING,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _key("case_id", "portal_case"),
        sa.Column("at", MOMENT(), nullable=False),
        _by("user_id"),
        sa.Column("document", sa.String(120), nullable=False),
        sa.Column("dated", sa.Date()),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("explanation", sa.String(2000), nullable=False),
        sa.Column("reopened_at", MOMENT()),
        _by("reopened_by"),
        sa.Column("reopen_reason", sa.String(400), nullable=False),
    )
    op.create_index(f"ix_{CLOSING}_case_id", CLOSING, ["case_id"])
    op.create_table(
        CHILD,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _key("closing_id", CLOSING),
        _key("person_id", "portal_person"),
        sa.Column("ending", _enum("caseending", *ENDINGS), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("visit_on", sa.Date()),
        sa.Column("lacking", sa.JSON(), nullable=False),
        sa.Column("lacking_reason", sa.String(400), nullable=False),
        sa.UniqueConstraint("closing_id", "person_id"),
    )
    op.create_index(f"ix_{CHILD}_person_id", CHILD, ["person_id"])
    # What was concluded before keeps its words; how it ended for each child nobody asked.
    op.execute(
        "INSERT INTO portal_case_closing"
        " (id, case_id, at, document, basis, explanation, reopen_reason)"
        " SELECT id, id, closed_at, '', '', outcome, '' FROM portal_case"
        " WHERE status = 'closed' AND closed_at IS NOT NULL"
    )
    with op.batch_alter_table("portal_case") as batch:
        batch.drop_column("outcome")
    op.create_table(
        FOLLOWUP,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        _key("case_id", "portal_case"),
        _key("closing_id", CLOSING),
        _key("person_id", "portal_person"),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("adult_on", sa.Date()),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.Column("risk_on", sa.Date()),
        sa.Column("ended_at", MOMENT()),
        _by("ended_by"),
        sa.Column("end", _enum("followupend", *ENDS)),
        sa.Column("words", sa.String(400), nullable=False),
        sa.UniqueConstraint("closing_id", "person_id"),
    )
    op.create_index(f"ix_{FOLLOWUP}_case_id", FOLLOWUP, ["case_id"])
    op.create_index(f"ix_{FOLLOWUP}_person_id", FOLLOWUP, ["person_id"])
    op.create_index(f"ix_{FOLLOWUP}_running", FOLLOWUP, ["ended_at", "next_on"])
    op.create_table(
        VISIT,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _key("followup_id", FOLLOWUP),
        _key("entry_id", "portal_case_entry"),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("finding", _enum("finding", *FINDINGS), nullable=False),
        sa.Column("next_on", sa.Date()),
        sa.UniqueConstraint("followup_id", "entry_id"),
    )
    op.create_index(f"ix_{VISIT}_entry_id", VISIT, ["entry_id"])


def downgrade() -> None:
    for table in (VISIT, FOLLOWUP):
        op.drop_table(table)
    op.execute("DELETE FROM portal_duty WHERE rule_code = 'core.notice.conclusion'")
    op.execute("DELETE FROM portal_case_sign WHERE sign = 'conclusion'")
    with op.batch_alter_table("portal_case") as batch:
        batch.add_column(sa.Column("outcome", sa.String(400), nullable=False, server_default=""))
    op.execute(
        "UPDATE portal_case SET outcome = COALESCE(("
        "SELECT SUBSTR(c.explanation, 1, 400) FROM portal_case_closing c"
        " WHERE c.case_id = portal_case.id ORDER BY c.at DESC LIMIT 1), '')"
    )
    with op.batch_alter_table("portal_case") as batch:
        batch.alter_column("outcome", server_default=None)
    for table in (CHILD, CLOSING):
        op.drop_table(table)
