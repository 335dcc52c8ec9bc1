"""Shared desks, PINs of carers, and sign-ins that hold one role only."""

import sqlalchemy as sa
from alembic import op

revision = "0018_devices"
down_revision = "0017_strike_reasons"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "portal_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("enrolled_by", sa.Uuid()),
        sa.Column("enrolled_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_device_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["enrolled_by"], ["portal_user.id"], name=op.f("fk_portal_device_enrolled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_device")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_device_token_hash")),
    )
    op.create_index(op.f("ix_portal_device_agency_id"), "portal_device", ["agency_id"])
    op.create_table(
        "portal_pin",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_pin_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_pin")),
        sa.UniqueConstraint("user_id", name=op.f("uq_portal_pin_user_id")),
    )
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.add_column(sa.Column("only_role", sa.String(length=32)))
        batch.add_column(sa.Column("device_id", sa.Uuid()))
        batch.create_foreign_key(
            batch.f("fk_portal_sign_in_device_id"), "portal_device", ["device_id"], ["id"]
        )
        batch.create_index(batch.f("ix_portal_sign_in_device_id"), ["device_id"])


def downgrade() -> None:
    with op.batch_alter_table("portal_sign_in") as batch:
        batch.drop_index(batch.f("ix_portal_sign_in_device_id"))
        batch.drop_constraint(batch.f("fk_portal_sign_in_device_id"), type_="foreignkey")
        batch.drop_column("device_id")
        batch.drop_column("only_role")
    op.drop_table("portal_pin")
    op.drop_table("portal_device")
