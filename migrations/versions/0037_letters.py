"""Official letters of referrals, who opened one, and the number that its receiver gave it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0037_letters"
down_revision = "0036_transfers"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
LETTER, REFERRAL = "portal_letter", "portal_referral"


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    with op.batch_alter_table(REFERRAL) as batch:
        batch.add_column(sa.Column("opened_by", sa.Uuid()))
        batch.add_column(
            sa.Column("receiver_number", TEXT(length=60), nullable=False, server_default="")
        )
        batch.create_foreign_key(f"fk_{REFERRAL}_opened_by", "portal_user", ["opened_by"], ["id"])
    with op.batch_alter_table(REFERRAL) as batch:
        batch.alter_column("receiver_number", server_default=None)
    op.create_table(
        LETTER,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("to_agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("referral", "head", name="letterkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("signer_id", sa.Uuid()),
        sa.Column("made_at", MOMENT(), nullable=False),
        _key(LETTER, "referral_id", REFERRAL),
        _key(LETTER, "agency_id", "portal_agency"),
        _key(LETTER, "to_agency_id", "portal_agency"),
        _key(LETTER, "signer_id", "portal_signer"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{LETTER}"),
        sa.UniqueConstraint(
            "agency_id", "year", "number", name=f"uq_{LETTER}_agency_id_year_number"
        ),
    )
    op.create_index(f"ix_{LETTER}_referral_id", LETTER, ["referral_id"])


def downgrade() -> None:
    op.drop_table(LETTER)
    with op.batch_alter_table(REFERRAL) as batch:
        batch.drop_constraint(f"fk_{REFERRAL}_opened_by", type_="foreignkey")
        batch.drop_column("receiver_number")
        batch.drop_column("opened_by")
