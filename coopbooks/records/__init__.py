"""Records: one frozen class a kind, read from one table of fields. Form is judged here; references are a rule."""
