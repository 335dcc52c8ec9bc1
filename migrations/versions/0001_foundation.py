"""Tables of the kernel, agencies, users, access, people and cases; the trail is append-only."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from portal.audit.chain import install_triggers, remove_triggers

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_agency",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "defensoria",
                "upe",
                "demuna",
                "care_home",
                "police",
                "prosecutor",
                "court",
                "forensic",
                "cem",
                "health",
                "insurance",
                "education",
                "civil_registry",
                "prison",
                "juvenile_justice",
                "inabif",
                "social_programme",
                "public_defence",
                "migration",
                "local_government",
                "regional_government",
                "charity",
                "prefecture",
                "civil_society",
                name="agencykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=True),
        sa.Column("telephone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("operates_from", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["portal_agency.id"], name=op.f("fk_portal_agency_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_agency")),
        sa.UniqueConstraint("code", name=op.f("uq_portal_agency_code")),
    )
    with op.batch_alter_table("portal_agency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_agency_district"), ["district"], unique=False)
        batch_op.create_index(batch_op.f("ix_portal_agency_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_portal_agency_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "portal_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_attempt")),
    )
    with op.batch_alter_table("portal_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_attempt_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_portal_attempt_subject"), ["subject"], unique=False)

    op.create_table(
        "portal_audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("request_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("facts", sqlmodel.sql.sqltypes.AutoString(length=20000), nullable=False),
        sa.Column("reason_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_audit_entry")),
    )
    with op.batch_alter_table("portal_audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_portal_audit_entry_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_portal_audit_entry_case", ["case_id", "at"], unique=False)

    op.create_table(
        "portal_audit_link",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("entry_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("head", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_portal_audit_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_portal_audit_link_entry_id")),
    )
    op.create_table(
        "portal_person",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("given_names", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("first_surname", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("second_surname", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("estimated_age", sa.Integer(), nullable=True),
        sa.Column("estimated_on", sa.Date(), nullable=True),
        sa.Column(
            "sex",
            sa.Enum("female", "male", "unknown", name="sex", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "document_kind",
            sa.Enum(
                "none",
                "in_process",
                "dni",
                "cui",
                "ce",
                "passport",
                "cpp",
                "ptp",
                name="documentkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("document_number", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("language", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("interpreter_needed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_person")),
    )
    with op.batch_alter_table("portal_person", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_person_document_number"), ["document_number"], unique=False
        )

    op.create_table(
        "portal_plugin_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_plugin_change")),
    )
    op.create_table(
        "portal_plugin_health",
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("hook", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("slowest", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.PrimaryKeyConstraint("slug", "hook", name=op.f("pk_portal_plugin_health")),
    )
    op.create_table(
        "portal_scope_key",
        sa.Column("scope", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master_id", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_portal_scope_key")),
    )
    op.create_table(
        "portal_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("taken_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("finished", sa.JSON(), nullable=False),
        sa.Column("done_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("parked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_task")),
    )
    with op.batch_alter_table("portal_task", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_task_due", ["done_at", "parked_at", "due_at"], unique=False
        )

    op.create_table(
        "portal_user",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(length=5), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("disabled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_user")),
        sa.UniqueConstraint("username", name=op.f("uq_portal_user_username")),
    )
    op.create_table(
        "portal_agency_accreditation",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("resolution", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"],
            ["portal_agency.id"],
            name=op.f("fk_portal_agency_accreditation_agency_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_agency_accreditation")),
    )
    with op.batch_alter_table("portal_agency_accreditation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_agency_accreditation_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_agency_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_agency_alias_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_agency_alias")),
    )
    with op.batch_alter_table("portal_agency_alias", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_agency_alias_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_agency_coverage",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("province", sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_agency_coverage_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_agency_coverage")),
        sa.UniqueConstraint(
            "agency_id",
            "province",
            "since",
            name=op.f("uq_portal_agency_coverage_agency_id_province_since"),
        ),
    )
    with op.batch_alter_table("portal_agency_coverage", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_agency_coverage_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_portal_agency_coverage_province"), ["province"], unique=False
        )

    op.create_table(
        "portal_audit_reason",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Uuid(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["portal_audit_entry.id"], name=op.f("fk_portal_audit_reason_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_portal_audit_reason")),
    )
    op.create_table(
        "portal_case",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("serial_year", sa.Integer(), nullable=False),
        sa.Column("lead_agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "situation",
            sa.Enum(
                "risk", "unprotection", "undecided", name="situation", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum("immediate", "high", "regular", name="priority", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("open", "closed", name="casestatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("district", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=False),
        sa.Column("summary", sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_lead_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case")),
        sa.UniqueConstraint("code", name=op.f("uq_portal_case_code")),
        sa.UniqueConstraint(
            "lead_agency_id",
            "serial_year",
            "serial",
            name=op.f("uq_portal_case_lead_agency_id_serial_year_serial"),
        ),
    )
    with op.batch_alter_table("portal_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_case_district"), ["district"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_portal_case_lead_agency_id"), ["lead_agency_id"], unique=False
        )

    op.create_table(
        "portal_duty_shift",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("telephone", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_duty_shift_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_duty_shift_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_duty_shift")),
    )
    with op.batch_alter_table("portal_duty_shift", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_duty_shift_agency_id"), ["agency_id"], unique=False
        )

    op.create_table(
        "portal_membership",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "caseworker",
                "duty_officer",
                "carer",
                "viewer",
                "agency_admin",
                "privacy_officer",
                "platform_admin",
                "auditor",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_membership_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["portal_user.id"], name=op.f("fk_portal_membership_granted_by")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_membership_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_membership")),
    )
    with op.batch_alter_table("portal_membership", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_membership_agency_id"), ["agency_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_portal_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "portal_plugin",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("admitted_by", sa.Uuid(), nullable=True),
        sa.Column("admitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admitted_by"], ["portal_user.id"], name=op.f("fk_portal_plugin_admitted_by")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_portal_plugin")),
    )
    op.create_table(
        "portal_sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("device", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_sign_in_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_sign_in_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_portal_sign_in_token_hash")),
    )
    with op.batch_alter_table("portal_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "portal_case_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_assignment_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_assignment_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_case_assignment_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_assignment")),
    )
    with op.batch_alter_table("portal_case_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_portal_case_assignment_case_id", ["case_id"], unique=False)
        batch_op.create_index(
            "uq_portal_case_assignment_current",
            ["user_id", "agency_id", "case_id"],
            unique=True,
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )

    op.create_table(
        "portal_case_bar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("barred", "abstained", name="barkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_bar_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_case_bar_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_bar")),
        sa.UniqueConstraint("user_id", "case_id", name=op.f("uq_portal_case_bar_user_id_case_id")),
    )
    with op.batch_alter_table("portal_case_bar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_case_bar_case_id"), ["case_id"], unique=False)

    op.create_table(
        "portal_case_child",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "placement",
            sa.Enum(
                "unknown",
                "alone",
                "with_family",
                "hospital",
                "in_care",
                "fostered",
                name="placement",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("whereabouts_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_child_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_case_child_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["portal_agency.id"], name=op.f("fk_portal_case_child_placed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_child")),
        sa.UniqueConstraint(
            "case_id", "person_id", name=op.f("uq_portal_case_child_case_id_person_id")
        ),
    )
    with op.batch_alter_table("portal_case_child", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_case_child_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "portal_case_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "note",
                "act",
                "interview",
                "visit",
                "referral",
                "commitment",
                "party",
                "right",
                "placement",
                "term",
                "document",
                "council",
                "module",
                name="entrykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "circle",
            sa.Enum(
                "agency", "team", "parties", "sealed", name="circle", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=8000), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("struck_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("struck_by", sa.Uuid(), nullable=True),
        sa.Column("strike_reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_entry_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["portal_user.id"], name=op.f("fk_portal_case_entry_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_entry_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["portal_case_entry.id"], name=op.f("fk_portal_case_entry_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_case_entry_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["struck_by"], ["portal_user.id"], name=op.f("fk_portal_case_entry_struck_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_entry")),
    )
    with op.batch_alter_table("portal_case_entry", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_case_entry_walk", ["case_id", "happened_at", "id"], unique=False
        )

    op.create_table(
        "portal_case_party",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("lead", "team", "informed", name="level", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("legal_basis", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_party_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_party_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["portal_user.id"], name=op.f("fk_portal_case_party_granted_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_party")),
    )
    with op.batch_alter_table("portal_case_party", schema=None) as batch_op:
        batch_op.create_index("ix_portal_case_party_agency", ["agency_id", "case_id"], unique=False)
        batch_op.create_index(
            "uq_portal_case_party_current",
            ["case_id", "agency_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_portal_case_party_lead",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("level = 'lead' AND ended_at IS NULL"),
            postgresql_where=sa.text("level = 'lead' AND ended_at IS NULL"),
        )

    op.create_table(
        "portal_case_right",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "right",
            sa.Enum(
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
                name="right",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "to_verify",
                "not_guaranteed",
                "in_process",
                "restored",
                "not_applicable",
                name="rightstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("next_step", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("evidence", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_right_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_right_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_case_right_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_right")),
        sa.UniqueConstraint(
            "case_id",
            "person_id",
            "right",
            name=op.f("uq_portal_case_right_case_id_person_id_right"),
        ),
    )
    op.create_table(
        "portal_case_term",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "met",
                "suspended",
                "cancelled",
                name="termstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("late_reason", sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_case_term_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_case_term_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["portal_person.id"], name=op.f("fk_portal_case_term_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_term")),
    )
    with op.batch_alter_table("portal_case_term", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_case_term_running", ["case_id", "status", "due_on"], unique=False
        )

    op.create_table(
        "portal_plugin_insistence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("insisted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_plugin_insistence_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["slug"], ["portal_plugin.slug"], name=op.f("fk_portal_plugin_insistence_slug")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_plugin_insistence_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_plugin_insistence")),
        sa.UniqueConstraint(
            "agency_id", "slug", name=op.f("uq_portal_plugin_insistence_agency_id_slug")
        ),
    )
    op.create_table(
        "portal_plugin_switch",
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("switched_by", sa.Uuid(), nullable=True),
        sa.Column("switched_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_plugin_switch_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["slug"], ["portal_plugin.slug"], name=op.f("fk_portal_plugin_switch_slug")
        ),
        sa.ForeignKeyConstraint(
            ["switched_by"], ["portal_user.id"], name=op.f("fk_portal_plugin_switch_switched_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_plugin_switch")),
        sa.UniqueConstraint(
            "agency_id", "slug", name=op.f("uq_portal_plugin_switch_agency_id_slug")
        ),
    )
    with op.batch_alter_table("portal_plugin_switch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_plugin_switch_slug"), ["slug"], unique=False)

    op.create_table(
        "portal_worklist",
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "closed", name="casestatus", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("priority", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("lead", "team", "informed", name="level", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["portal_agency.id"], name=op.f("fk_portal_worklist_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["portal_case.id"], name=op.f("fk_portal_worklist_case_id")
        ),
        sa.PrimaryKeyConstraint(
            "agency_id", "status", "priority", "due_on", "case_id", name=op.f("pk_portal_worklist")
        ),
        sa.UniqueConstraint(
            "agency_id", "case_id", name=op.f("uq_portal_worklist_agency_id_case_id")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("portal_worklist", schema=None) as batch_op:
        batch_op.create_index("ix_portal_worklist_case_id", ["case_id"], unique=False)

    op.create_table(
        "portal_case_entry_reader",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["portal_case_entry.id"],
            name=op.f("fk_portal_case_entry_reader_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk_portal_case_entry_reader_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_case_entry_reader")),
        sa.UniqueConstraint(
            "entry_id", "user_id", name=op.f("uq_portal_case_entry_reader_entry_id_user_id")
        ),
    )
    with op.batch_alter_table("portal_case_entry_reader", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_portal_case_entry_reader_user_id"), ["user_id"], unique=False
        )

    install_triggers(op.get_bind())


def downgrade() -> None:
    remove_triggers(op.get_bind())
    with op.batch_alter_table("portal_case_entry_reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_case_entry_reader_user_id"))

    op.drop_table("portal_case_entry_reader")
    with op.batch_alter_table("portal_worklist", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_worklist_case_id")

    op.drop_table("portal_worklist")
    with op.batch_alter_table("portal_plugin_switch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_plugin_switch_slug"))

    op.drop_table("portal_plugin_switch")
    op.drop_table("portal_plugin_insistence")
    with op.batch_alter_table("portal_case_term", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_case_term_running")

    op.drop_table("portal_case_term")
    op.drop_table("portal_case_right")
    with op.batch_alter_table("portal_case_party", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_portal_case_party_lead",
            sqlite_where=sa.text("level = 'lead' AND ended_at IS NULL"),
            postgresql_where=sa.text("level = 'lead' AND ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_portal_case_party_current",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_portal_case_party_agency")

    op.drop_table("portal_case_party")
    with op.batch_alter_table("portal_case_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_case_entry_walk")

    op.drop_table("portal_case_entry")
    with op.batch_alter_table("portal_case_child", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_case_child_person_id"))

    op.drop_table("portal_case_child")
    with op.batch_alter_table("portal_case_bar", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_case_bar_case_id"))

    op.drop_table("portal_case_bar")
    with op.batch_alter_table("portal_case_assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_portal_case_assignment_current",
            sqlite_where=sa.text("until IS NULL"),
            postgresql_where=sa.text("until IS NULL"),
        )
        batch_op.drop_index("ix_portal_case_assignment_case_id")

    op.drop_table("portal_case_assignment")
    with op.batch_alter_table("portal_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_sign_in_user_id"))

    op.drop_table("portal_sign_in")
    op.drop_table("portal_plugin")
    with op.batch_alter_table("portal_membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_portal_membership_agency_id"))

    op.drop_table("portal_membership")
    with op.batch_alter_table("portal_duty_shift", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_duty_shift_agency_id"))

    op.drop_table("portal_duty_shift")
    with op.batch_alter_table("portal_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_case_lead_agency_id"))
        batch_op.drop_index(batch_op.f("ix_portal_case_district"))

    op.drop_table("portal_case")
    op.drop_table("portal_audit_reason")
    with op.batch_alter_table("portal_agency_coverage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_agency_coverage_province"))
        batch_op.drop_index(batch_op.f("ix_portal_agency_coverage_agency_id"))

    op.drop_table("portal_agency_coverage")
    with op.batch_alter_table("portal_agency_alias", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_agency_alias_agency_id"))

    op.drop_table("portal_agency_alias")
    with op.batch_alter_table("portal_agency_accreditation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_agency_accreditation_agency_id"))

    op.drop_table("portal_agency_accreditation")
    op.drop_table("portal_user")
    with op.batch_alter_table("portal_task", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_task_due")

    op.drop_table("portal_task")
    op.drop_table("portal_scope_key")
    op.drop_table("portal_plugin_health")
    op.drop_table("portal_plugin_change")
    with op.batch_alter_table("portal_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_person_document_number"))

    op.drop_table("portal_person")
    op.drop_table("portal_audit_link")
    with op.batch_alter_table("portal_audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_portal_audit_entry_case")
        batch_op.drop_index("ix_portal_audit_entry_at")

    op.drop_table("portal_audit_entry")
    with op.batch_alter_table("portal_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_attempt_subject"))
        batch_op.drop_index(batch_op.f("ix_portal_attempt_at"))

    op.drop_table("portal_attempt")
    with op.batch_alter_table("portal_agency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_agency_parent_id"))
        batch_op.drop_index(batch_op.f("ix_portal_agency_kind"))
        batch_op.drop_index(batch_op.f("ix_portal_agency_district"))

    op.drop_table("portal_agency")
