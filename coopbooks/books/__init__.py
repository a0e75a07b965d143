"""The one door to a ledger: loading, entries to facts, writing. The only room that touches the user's files."""
