"""The register of interviews, and the reports asked for."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0034_interviews"
down_revision = "0033_duties"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
INTERVIEW, REQUEST = "portal_interview", "portal_report_request"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        INTERVIEW,
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            _enum(
                "interviewkind",
                "single",
                "psychological",
                "social",
                "opinion",
                "health",
                "school",
                "other",
            ),
            nullable=False,
        ),
        sa.Column("heard_on", sa.Date(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("heard_by", TEXT(length=160), nullable=False),
        sa.Column("subject", TEXT(length=300), nullable=False),
        sa.Column("holder_id", sa.Uuid()),
        sa.Column("report", TEXT(length=200), nullable=False),
        sa.Column("may_ask", _enum("askrule", "team", "lead", "justice"), nullable=False),
        sa.Column("circle", _enum("circle", "agency", "team", "parties", "sealed"), nullable=False),
        sa.Column("again_why", TEXT(length=400), nullable=False),
        sa.Column("author_id", sa.Uuid()),
        sa.Column("author_agency_id", sa.Uuid()),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("struck_at", MOMENT()),
        sa.Column("struck_by", sa.Uuid()),
        sa.Column("strike_reason_sealed", sa.LargeBinary()),
        _key(INTERVIEW, "case_id", "portal_case"),
        _key(INTERVIEW, "person_id", "portal_person"),
        _key(INTERVIEW, "agency_id", "portal_agency"),
        _key(INTERVIEW, "holder_id", "portal_agency"),
        _key(INTERVIEW, "author_id", "portal_user"),
        _key(INTERVIEW, "author_agency_id", "portal_agency"),
        _key(INTERVIEW, "struck_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{INTERVIEW}"),
    )
    op.create_index(f"ix_{INTERVIEW}_person_id", INTERVIEW, ["person_id", "heard_on"])
    op.create_index(f"ix_{INTERVIEW}_case_id", INTERVIEW, ["case_id", "heard_on"])
    op.create_table(
        REQUEST,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        _key(REQUEST, "interview_id", INTERVIEW),
        _key(REQUEST, "agency_id", "portal_agency"),
        _key(REQUEST, "referral_id", "portal_referral"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{REQUEST}"),
    )
    op.create_index(f"ix_{REQUEST}_interview_id", REQUEST, ["interview_id", "agency_id"])
    op.create_index(f"ix_{REQUEST}_referral_id", REQUEST, ["referral_id"])


def downgrade() -> None:
    op.drop_table(REQUEST)
    op.drop_table(INTERVIEW)
