//! Templates rendered from whole projects.
