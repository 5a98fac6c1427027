"""The commands, one in a module: options, one or two looks at the cluster, and what is shown."""
