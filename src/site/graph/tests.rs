//! Pictures and shards of made-up projects.
