"""What the worker and the functions that models call share."""

# The functions that are models, in the order of decoration.
declared = []

# The job that runs: vars, engine, profile and the rest of its frame.
job = {"vars": {}, "env": [], "engine": None, "profile": None, "incremental": None}

# The environment as fft made it, `.env` files included.
environment = {}

# The channel to the host, set by the worker.
host = None
