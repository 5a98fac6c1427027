"""The local backend: every node a set of Linux namespaces, every program the real one."""
