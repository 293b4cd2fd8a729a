"""Store: the ledger in a database (SQLite or PostgreSQL), its triggers, and the keys of persons."""
