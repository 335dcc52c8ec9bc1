"""Searches of a person, and the children of alerts by person."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023_search"
down_revision = "0022_accounts"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
SEARCH = "portal_search"


def upgrade() -> None:
    op.create_table(
        SEARCH,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("wanted_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary()),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("saved_at", MOMENT()),
        sa.ForeignKeyConstraint(["user_id"], ["portal_user.id"], name=f"fk_{SEARCH}_user_id"),
        sa.ForeignKeyConstraint(["agency_id"], ["portal_agency.id"], name=f"fk_{SEARCH}_agency_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{SEARCH}"),
    )
    op.create_index(f"ix_{SEARCH}_own", SEARCH, ["user_id", "agency_id", "saved_at"])
    op.create_index(f"ix_{SEARCH}_made_at", SEARCH, ["made_at"])
    op.create_index("ix_portal_alert_child_person_id", "portal_alert_child", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_portal_alert_child_person_id", "portal_alert_child")
    op.drop_table(SEARCH)
