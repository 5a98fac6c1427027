"""Container images made on this machine, for a cluster that reaches no registry."""
