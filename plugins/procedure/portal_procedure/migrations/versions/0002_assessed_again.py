"""Several assessments of a case: another one is due when it was reopened."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002_assessed_again"
down_revision = "0001_assessments"
branch_labels = None
depends_on = None

TABLE = "procedure_assessment"
ONE, EACH = f"uq_{TABLE}_case_id", f"uq_{TABLE}_case_id_number"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("reopened_at", sqlmodel.sql.sqltypes.UTCDateTime()))
        batch.drop_constraint(ONE, type_="unique")
        batch.create_unique_constraint(EACH, ["case_id", "number"])
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("number", server_default=None)


def downgrade() -> None:
    # One of a case has its place there: the last one, which stands.
    made, later = (sa.table(TABLE, sa.column("case_id"), sa.column("number")) for _ in range(2))
    later = later.alias("later")
    op.execute(
        made.delete().where(
            sa.exists().where(later.c.case_id == made.c.case_id, later.c.number > made.c.number)
        )
    )
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint(EACH, type_="unique")
        batch.create_unique_constraint(ONE, ["case_id"])
        batch.drop_column("reopened_at")
        batch.drop_column("number")
