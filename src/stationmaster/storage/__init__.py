"""Where things are kept: SQLite embedded, schema through Alembic."""
