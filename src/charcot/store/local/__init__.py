"""What a site keeps beside the record, in `local/site.sqlite3`: accounts, sessions, drafts; never part of the trial."""
