"""Posts and suspensions, hand-overs of a post, and names of people to look for without accents."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0014_people"
down_revision = "0013_factors"
branch_labels = None
depends_on = None

KINDS = ("leaves", "moves", "role_ends", "left_behind")


def upgrade() -> None:
    _memberships()
    _names()
    _handovers()


def _memberships() -> None:
    op.add_column(
        "portal_membership", sa.Column("post", sa.String(120), nullable=False, server_default="")
    )
    op.add_column("portal_membership", sa.Column("suspended_at", sa.DateTime(timezone=True)))


def _names() -> None:
    op.add_column(
        "portal_user", sa.Column("search_key", sa.String(200), nullable=False, server_default="")
    )
    columns = ("id", "name", "username", "search_key")
    table = sa.table("portal_user", *(sa.column(name) for name in columns))
    connection = op.get_bind()
    known = sa.select(table.c.id, table.c.name, table.c.username)
    for user_id, name, username in connection.execute(known).all():
        connection.execute(
            sa.update(table)
            .where(table.c.id == user_id)
            .values(search_key=_folded(f"{name} {username}"))
        )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(sign if sign.isalnum() else " " for sign in plain if sign.isascii())
    return " ".join(letters.split())[:200]


def _handovers() -> None:
    op.create_table(
        "portal_handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, native_enum=False, length=32), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("noted", sa.JSON(), nullable=False),
        sa.Column("to_agency_id", sa.Uuid()),
        sa.Column("to_roles", sa.JSON(), nullable=False),
        sa.Column("to_post", sa.String(120), nullable=False),
        sa.Column("follower_id", sa.Uuid()),
        sa.Column("opened_by", sa.Uuid()),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_by", sa.Uuid()),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_portal_handover"),
        *(_to("portal_handover", name, "portal_agency") for name in ("agency_id", "to_agency_id")),
        *(
            _to("portal_handover", name, "portal_user")
            for name in ("user_id", "follower_id", "opened_by", "completed_by")
        ),
    )
    is_open = sa.text("completed_at IS NULL AND withdrawn_at IS NULL")
    op.create_index(
        "uq_portal_handover_open",
        "portal_handover",
        ["agency_id", "user_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_portal_handover_user_id", "portal_handover", ["user_id"])
    op.create_table(
        "portal_handover_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("to_user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_portal_handover_line"),
        _to("portal_handover_line", "handover_id", "portal_handover"),
        _to("portal_handover_line", "to_user_id", "portal_user"),
    )
    op.create_index("ix_portal_handover_line_handover_id", "portal_handover_line", ["handover_id"])


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def downgrade() -> None:
    op.drop_table("portal_handover_line")
    op.drop_table("portal_handover")
    with op.batch_alter_table("portal_user") as batch:
        batch.drop_column("search_key")
    with op.batch_alter_table("portal_membership") as batch:
        batch.drop_column("suspended_at")
        batch.drop_column("post")
