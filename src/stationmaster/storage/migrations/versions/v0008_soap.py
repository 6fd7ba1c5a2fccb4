"""Where stations that speak SOAP are called."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stations", sa.Column("callback", sa.Text(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("stations", "callback")
