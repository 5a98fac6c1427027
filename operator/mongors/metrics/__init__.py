"""What Prometheus is told: described in one place, read from the store when it is asked for.

What belongs to a set is never kept as a metric: each scrape makes it from the resources that are
there, so a deleted set is gone from the next scrape. Only what happens (passes, actions, requests)
is counted as it happens.
"""
