"""Prices that were told to stations."""

import sqlalchemy as sa
from alembic import op

from stationmaster.storage.migrations.columns import ints, texts

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_publications",
        *ints("key"),
        *texts("tenant", "tariff"),
        *ints("at"),
        *texts("body"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("price_publications_tariff", "price_publications", ["tenant", "tariff", "key"])


def downgrade() -> None:
    op.drop_table("price_publications")
