"""One file per concern of the plan; each step states its rule."""
