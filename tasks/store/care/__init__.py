"""The care of a store: retention and removal, backups, compaction, checks, and an export put back."""
