"""Cases whose competence was declined in favour of another authority."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0036_transfers"
down_revision = "0035_calendar_keys"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TABLE = "portal_case_transfer"
STATES = ("waiting", "accepted", "returned", "withdrawn")
WAITING = sa.text("state = 'waiting'")


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{TABLE}_{column}")


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("from_agency_id", sa.Uuid(), nullable=False),
        sa.Column("to_agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="transferstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("declined_at", MOMENT(), nullable=False),
        sa.Column("declined_by", sa.Uuid()),
        sa.Column("term_id", sa.Uuid()),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", MOMENT()),
        sa.Column("answered_by", sa.Uuid()),
        sa.Column("answer_sealed", sa.LargeBinary()),
        _key("case_id", "portal_case"),
        _key("from_agency_id", "portal_agency"),
        _key("to_agency_id", "portal_agency"),
        _key("declined_by", "portal_user"),
        _key("term_id", "portal_case_term"),
        _key("answered_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    op.create_index(
        f"uq_{TABLE}_waiting",
        TABLE,
        ["case_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(f"ix_{TABLE}_receiver", TABLE, ["to_agency_id", "state", "declined_at"])
    op.create_index(f"ix_{TABLE}_case", TABLE, ["case_id", "declined_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
