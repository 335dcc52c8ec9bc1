"""Referrals passed on to a unit, and whom to call about one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0041_units"
down_revision = "0040_documents"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TEXT = sqlmodel.sql.sqltypes.AutoString
REFERRAL = "portal_referral"


def upgrade() -> None:
    with op.batch_alter_table(REFERRAL) as batch:
        batch.add_column(sa.Column("via_agency_id", sa.Uuid()))
        batch.add_column(sa.Column("passed_at", MOMENT()))
        batch.add_column(sa.Column("contact", TEXT(length=120), nullable=False, server_default=""))
        batch.create_foreign_key(
            f"fk_{REFERRAL}_via_agency_id", "portal_agency", ["via_agency_id"], ["id"]
        )
        batch.create_index(f"ix_{REFERRAL}_via_agency_id", ["via_agency_id"])
    with op.batch_alter_table(REFERRAL) as batch:
        batch.alter_column("contact", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table(REFERRAL) as batch:
        batch.drop_index(f"ix_{REFERRAL}_via_agency_id")
        batch.drop_constraint(f"fk_{REFERRAL}_via_agency_id", type_="foreignkey")
        for column in ("contact", "passed_at", "via_agency_id"):
            batch.drop_column(column)
