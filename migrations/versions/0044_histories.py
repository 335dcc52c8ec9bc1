"""Histories of cases that somebody takes out of the portal."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0044_histories"
down_revision = "0043_silence"
branch_labels = None
depends_on = None

TABLE = "portal_history"
KINDS = ("pdf", "zip")
PURPOSES = ("study", "meeting", "hand_over", "authority", "other")
STATES = ("waiting", "ready", "failed", "gone")
MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def _of(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, length=32)
    return sa.Column(name, kind, nullable=False)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        _of("kind", KINDS),
        _of("purpose", PURPOSES),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("with_names", sa.Boolean(), nullable=False),
        sa.Column("with_restricted", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        _of("state", STATES),
        sa.Column("made_at", MOMENT(), nullable=False),
        sa.Column("ready_at", MOMENT()),
        sa.Column("gone_at", MOMENT()),
        sa.Column("file", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary()),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("problem", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name="fk_portal_history_case_id_portal_case"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["portal_user.id"], name="fk_portal_history_owner_id_portal_user"
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name="fk_portal_history_agency_id_portal_agency"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_portal_history"),
        sa.UniqueConstraint("number", name="uq_portal_history_number"),
    )
    op.create_index("ix_portal_history_case_id", TABLE, ["case_id"])
    op.create_index("ix_portal_history_owner", TABLE, ["owner_id", "made_at"])


def downgrade() -> None:
    op.drop_index("ix_portal_history_owner", TABLE)
    op.drop_index("ix_portal_history_case_id", TABLE)
    op.drop_table(TABLE)
