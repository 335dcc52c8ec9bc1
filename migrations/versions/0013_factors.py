"""Second factors: passkeys, apps of one-time codes, recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0013_factors"
down_revision = "0012_retention"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def owned(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["portal_user.id"], name=op.f(f"fk_{table}_user_id")
    )


def upgrade() -> None:
    op.create_table(
        "portal_passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.String(length=2000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        owned("portal_passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_portal_passkey_credential_id")),
    )
    op.create_index(op.f("ix_portal_passkey_user_id"), "portal_passkey", ["user_id"])
    op.create_table(
        "portal_spent_challenge",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_portal_spent_challenge")),
    )
    op.create_index(op.f("ix_portal_spent_challenge_at"), "portal_spent_challenge", ["at"])
    op.create_table(
        "portal_code_app",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        owned("portal_code_app"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_code_app")),
        sa.UniqueConstraint("user_id", name=op.f("uq_portal_code_app_user_id")),
    )
    op.create_table(
        "portal_recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", MOMENT),
        owned("portal_recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_recovery_code")),
    )
    op.create_index(op.f("ix_portal_recovery_code_user_id"), "portal_recovery_code", ["user_id"])


def downgrade() -> None:
    for table in (
        "portal_recovery_code",
        "portal_code_app",
        "portal_spent_challenge",
        "portal_passkey",
    ):
        op.drop_table(table)
