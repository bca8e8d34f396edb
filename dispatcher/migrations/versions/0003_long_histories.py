"""what is looked up among years of closed cases: records by time, texts by offer, the audit by case, replies by code"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_opened_at", "cases", ["opened_at", "id"])
    op.create_index("ix_inbound_texts_offer_id", "inbound_texts", ["offer_id"])
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject", "id"])
    op.create_index("ix_offers_volunteer_code", "offers", ["volunteer_id", "code", "asked_at"])


def downgrade() -> None:
    op.drop_index("ix_offers_volunteer_code", table_name="offers")
    op.drop_index("ix_audit_entries_subject", table_name="audit_entries")
    op.drop_index("ix_inbound_texts_offer_id", table_name="inbound_texts")
    op.drop_index("ix_cases_opened_at", table_name="cases")
