"""kind: nodes as containers of a Docker engine, this machine's or one that is started for it."""
