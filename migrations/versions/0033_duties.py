"""Signs on cases and the mandatory notices that they oblige to give."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0033_duties"
down_revision = "0032_learned"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
SIGN, DUTY = "portal_case_sign", "portal_duty"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.create_table(
        SIGN,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column(
            "sign",
            _enum(
                "sign",
                "crime",
                "sexual_violence",
                "injuries",
                "trafficking",
                "family_violence",
                "school_staff",
                "foreign_child",
                "missing",
                "unprotection",
                "given_up",
                "newborn_handed",
                "prison_mistreatment",
            ),
            nullable=False,
        ),
        sa.Column("known_at", MOMENT(), nullable=False),
        sa.Column("recorded_at", MOMENT(), nullable=False),
        sa.Column("recorded_by", sa.Uuid()),
        sa.Column("withdrawn_at", MOMENT()),
        sa.Column("withdrawn_by", sa.Uuid()),
        _key(SIGN, "case_id", "portal_case"),
        _key(SIGN, "person_id", "portal_person"),
        _key(SIGN, "recorded_by", "portal_user"),
        _key(SIGN, "withdrawn_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{SIGN}"),
    )
    op.create_index(f"ix_{SIGN}_case_id", SIGN, ["case_id", "sign"])
    op.create_index(f"ix_{SIGN}_person_id", SIGN, ["person_id"])
    op.create_table(
        DUTY,
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("sign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("rule_code", TEXT(length=60), nullable=False),
        sa.Column(
            "status",
            _enum("dutystatus", "owed", "sent", "confirmed", "refused", "dropped"),
            nullable=False,
        ),
        sa.Column("known_at", MOMENT(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", MOMENT(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("addressee", TEXT(length=160), nullable=False),
        sa.Column("channel", _enum("channel", "referral", "letter")),
        sa.Column("referral_id", sa.Uuid()),
        sa.Column("letter_document", TEXT(length=120), nullable=False),
        sa.Column("letter_dated", sa.Date()),
        sa.Column("sent_at", MOMENT()),
        sa.Column("sent_by", sa.Uuid()),
        sa.Column("answer_document", TEXT(length=120), nullable=False),
        sa.Column("answer_dated", sa.Date()),
        sa.Column("confirmed_at", MOMENT()),
        sa.Column("refusal", TEXT(length=400), nullable=False),
        sa.Column("refused_at", MOMENT()),
        sa.Column("refused_by", sa.Uuid()),
        sa.Column("told_late_at", MOMENT()),
        _key(DUTY, "case_id", "portal_case"),
        _key(DUTY, "sign_id", SIGN),
        _key(DUTY, "person_id", "portal_person"),
        _key(DUTY, "agency_id", "portal_agency"),
        _key(DUTY, "referral_id", "portal_referral"),
        _key(DUTY, "sent_by", "portal_user"),
        _key(DUTY, "refused_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{DUTY}"),
    )
    op.create_index(f"ix_{DUTY}_case_id", DUTY, ["case_id", "rule_code"])
    op.create_index(f"ix_{DUTY}_open", DUTY, ["status", "due_at"])
    for column in ("sign_id", "person_id", "referral_id"):
        op.create_index(f"ix_{DUTY}_{column}", DUTY, [column])


def downgrade() -> None:
    op.drop_table(DUTY)
    op.drop_table(SIGN)
