"""Codes of the first day, and how far a sign-in has come."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009_first_code"
down_revision = "0008_proof"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_first_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("issued_by", sa.Uuid()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_first_code_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["portal_user.id"], name=op.f("fk_portal_first_code_issued_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_first_code")),
        sa.UniqueConstraint("user_id", name=op.f("uq_portal_first_code_user_id")),
    )
    op.add_column(
        "portal_sign_in",
        sa.Column("stage", sa.String(length=32), nullable=False, server_default="open"),
    )
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.alter_column("stage", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.drop_column("stage")
    op.drop_table("portal_first_code")
