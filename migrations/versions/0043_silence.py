"""How far the silence on a referral has led, and the points of agendas that tell of one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0043_silence"
down_revision = "0042_terms"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
REFERRAL, ITEM = "portal_referral", "portal_meeting_item"
STEPS = ("none", "reminded", "coordinator", "head", "council")


def upgrade() -> None:
    kind = sa.Enum(*STEPS, name="silence", native_enum=False, length=32)
    with op.batch_alter_table(REFERRAL) as batch:
        batch.add_column(sa.Column("silence", kind, nullable=False, server_default="none"))
        batch.add_column(sa.Column("silence_at", MOMENT()))
        batch.add_column(sa.Column("patient_until", sa.Date()))
        batch.create_index(f"ix_{REFERRAL}_patient_until", ["patient_until"])
    # What is open already is waited for until the day on which its answer is due.
    op.execute(
        "UPDATE portal_referral SET patient_until = due_on WHERE status IN ('sent', 'accepted')"
    )
    with op.batch_alter_table(REFERRAL) as batch:
        batch.alter_column("silence", server_default=None)
    with op.batch_alter_table(ITEM) as batch:
        batch.add_column(sa.Column("referral_id", sa.Uuid()))
        batch.create_foreign_key(f"fk_{ITEM}_referral_id", REFERRAL, ["referral_id"], ["id"])
        batch.create_index(f"ix_{ITEM}_referral_id", ["referral_id"])


def downgrade() -> None:
    op.execute(
        "UPDATE portal_meeting_item SET kind = 'point', title = 'Derivación sin respuesta' "
        "WHERE kind = 'unanswered'"
    )
    with op.batch_alter_table(ITEM) as batch:
        batch.drop_index(f"ix_{ITEM}_referral_id")
        batch.drop_constraint(f"fk_{ITEM}_referral_id", type_="foreignkey")
        batch.drop_column("referral_id")
    with op.batch_alter_table(REFERRAL) as batch:
        batch.drop_index(f"ix_{REFERRAL}_patient_until")
        for column in ("patient_until", "silence_at", "silence"):
            batch.drop_column(column)
