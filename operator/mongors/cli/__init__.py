"""`kubectl mongors …`: what a person asks of a set, and how they ask something of it.

Pure: views, sentences, screens, forecasts, masking. I/O: `cluster`, `looking`, `output` and the
commands, which only wire the others. The operator itself knows nothing of this package.
"""
