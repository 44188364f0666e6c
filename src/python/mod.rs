//! Python models: read without starting Python, run in worker processes.
