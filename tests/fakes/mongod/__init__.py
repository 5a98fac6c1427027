"""Stand-ins for mongod that speak its wire protocol: thousands of them in one process.

They keep no documents. What they know is a replica set's life: initiation, elections,
configurations, users, write concerns, server parameters; and they refuse what a real mongod
refuses, with the same code. `tests/e2e/test_stub_mongod.py` holds both to the same tests.

Not simulated: partitions between members, rollback, streamed `hello`, reading and writing.
"""
