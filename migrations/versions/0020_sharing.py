"""Emergency access, look-ups, moved circles, bars that are lifted, staff sessions."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020_sharing"
down_revision = "0019_signers"
branch_labels = None
depends_on = None

MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    op.add_column("portal_case", sa.Column("shielded_at", MOMENT()))
    op.add_column("portal_case_party", sa.Column("reminded_at", MOMENT()))
    _make_grants()
    _make_moves()
    _make_staff_sessions()
    with op.batch_alter_table("portal_case_bar") as batch:
        batch.add_column(sa.Column("agency_id", sa.Uuid()))
        batch.add_column(sa.Column("barred_by", sa.Uuid()))
        batch.add_column(sa.Column("lifted_at", MOMENT()))
        batch.add_column(sa.Column("lifted_by", sa.Uuid()))
        batch.create_foreign_key(
            "fk_portal_case_bar_agency_id", "portal_agency", ["agency_id"], ["id"]
        )
        batch.create_foreign_key(
            "fk_portal_case_bar_barred_by", "portal_user", ["barred_by"], ["id"]
        )
        batch.create_foreign_key(
            "fk_portal_case_bar_lifted_by", "portal_user", ["lifted_by"], ["id"]
        )
        batch.drop_constraint("uq_portal_case_bar_user_id_case_id", type_="unique")
    op.create_index(
        "uq_portal_case_bar_current",
        "portal_case_bar",
        ["user_id", "case_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )


def _make_grants() -> None:
    grant, lookup = "portal_case_grant", "portal_case_lookup"
    op.create_table(
        grant,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", MOMENT(), nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT()),
        sa.Column("review_due_on", sa.Date(), nullable=False),
        sa.Column("reviewed_at", MOMENT()),
        sa.Column("reviewed_by", sa.Uuid()),
        sa.Column("verdict", _enum("verdict", "justified", "unjustified")),
        sa.Column("words_sealed", sa.LargeBinary()),
        _key(grant, "case_id", "portal_case"),
        _key(grant, "agency_id", "portal_agency"),
        _key(grant, "user_id", "portal_user"),
        _key(grant, "reviewed_by", "portal_user"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{grant}"),
    )
    op.create_index("ix_portal_case_grant_case_id", grant, ["case_id"])
    op.create_index("ix_portal_case_grant_holder", grant, ["user_id", "until"])
    op.create_index("ix_portal_case_grant_review", grant, ["reviewed_at", "review_due_on"])
    op.create_table(
        lookup,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("by_identity", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            _enum("lookupoutcome", "asked", "opened", "none", "barred", "shielded"),
            nullable=False,
        ),
        sa.Column("case_id", sa.Uuid()),
        _key(lookup, "user_id", "portal_user"),
        _key(lookup, "agency_id", "portal_agency"),
        _key(lookup, "case_id", "portal_case"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{lookup}"),
    )
    op.create_index("ix_portal_case_lookup_person", lookup, ["user_id", "at"])


def _make_moves() -> None:
    move, circles = "portal_case_entry_move", ("agency", "team", "parties", "sealed")
    op.create_table(
        move,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("at", MOMENT(), nullable=False),
        sa.Column("old", _enum("circle", *circles), nullable=False),
        sa.Column("new", _enum("circle", *circles), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary()),
        _key(move, "entry_id", "portal_case_entry"),
        _key(move, "user_id", "portal_user"),
        _key(move, "agency_id", "portal_agency"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{move}"),
    )
    op.create_index("ix_portal_case_entry_move_entry_id", move, ["entry_id"])


def _make_staff_sessions() -> None:
    staff = "portal_staff_session"
    op.create_table(
        staff,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", MOMENT(), nullable=False),
        sa.Column("until", MOMENT(), nullable=False),
        sa.Column("seen_at", MOMENT(), nullable=False),
        sa.Column("ended_at", MOMENT()),
        _key(staff, "user_id", "portal_user"),
        _key(staff, "sign_in_id", "portal_sign_in"),
        _key(staff, "agency_id", "portal_agency"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{staff}"),
    )
    op.create_index("ix_portal_staff_session_sign_in_id", staff, ["sign_in_id"])
    op.create_index("ix_portal_staff_session_agency_id", staff, ["agency_id"])


def _bars() -> sa.TableClause:
    return sa.table("portal_case_bar", *[sa.column(name) for name in ("id", "user_id", "case_id")])


def downgrade() -> None:
    op.drop_index("uq_portal_case_bar_current", "portal_case_bar")
    # The old table holds one bar of a person: the latest. A lifted one bars again, which is safe.
    bar, later = _bars(), _bars().alias("later")
    again = sa.exists().where(
        later.c.user_id == bar.c.user_id, later.c.case_id == bar.c.case_id, later.c.id > bar.c.id
    )
    op.get_bind().execute(sa.delete(bar).where(again))
    with op.batch_alter_table("portal_case_bar") as batch:
        batch.create_unique_constraint("uq_portal_case_bar_user_id_case_id", ["user_id", "case_id"])
        for name in ("agency_id", "barred_by", "lifted_by"):
            batch.drop_constraint(f"fk_portal_case_bar_{name}", type_="foreignkey")
        for name in ("lifted_by", "lifted_at", "barred_by", "agency_id"):
            batch.drop_column(name)
    for name in (
        "portal_staff_session",
        "portal_case_entry_move",
        "portal_case_lookup",
        "portal_case_grant",
    ):
        op.drop_table(name)
    for table, column in (("portal_case_party", "reminded_at"), ("portal_case", "shielded_at")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
