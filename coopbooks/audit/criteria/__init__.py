"""The criteria, one module a family; `coopbooks.audit.catalogue` says which family stands where."""
