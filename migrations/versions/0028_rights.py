"""How each right stood before, and since when one that was restored is not."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028_rights"
down_revision = "0027_calls"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
TABLE = "portal_case_right_step"
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
STATES = ("to_verify", "not_guaranteed", "in_process", "restored", "not_applicable")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{TABLE}_{column}")


def upgrade() -> None:
    op.add_column("portal_case_right", sa.Column("fell_back_on", sa.Date()))
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("right", _enum("right", RIGHTS), nullable=False),
        sa.Column("state", _enum("rightstate", STATES), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("next_step", sa.String(200), nullable=False),
        sa.Column("evidence", sa.String(400), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        _key("case_id", "portal_case"),
        _key("person_id", "portal_person"),
        _key("agency_id", "portal_agency"),
        _key("user_id", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    op.create_index(f"ix_{TABLE}_walk", TABLE, ["case_id", "person_id", "right"])


def downgrade() -> None:
    op.drop_table(TABLE)
    with op.batch_alter_table("portal_case_right") as batch:
        batch.drop_column("fell_back_on")
