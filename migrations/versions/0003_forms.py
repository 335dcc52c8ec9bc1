"""Form keys and drafts."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003_forms"
down_revision = "0002_host"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_draft_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_draft_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_draft")),
        sa.UniqueConstraint(
            "user_id", "agency_id", "path", name=op.f("uq_portal_draft_user_id_agency_id_path")
        ),
    )
    with op.batch_alter_table("portal_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_draft_saved_at"), ["saved_at"], unique=False)

    op.create_table(
        "portal_form_key",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("location", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_form_key_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_portal_form_key")),
    )
    with op.batch_alter_table("portal_form_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_form_key_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("portal_form_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_form_key_at"))

    op.drop_table("portal_form_key")
    with op.batch_alter_table("portal_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_draft_saved_at"))

    op.drop_table("portal_draft")
