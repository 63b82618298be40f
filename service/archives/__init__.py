"""Archives: many items from files, containers and object stores, each digested exactly once."""
