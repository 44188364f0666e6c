//! The cached HTTP client that Python models call back to.
