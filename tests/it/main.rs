//! The real binary on real projects in temporary folders: what a user is promised, tried out.
//!
//! Nothing here needs the network but the Python environment of the demo, which fft makes once in the user's cache
//! folder. No test asserts a duration; each has a folder of its own, so all may run at once.

#![expect(clippy::disallowed_methods, reason = "tests look at fft from outside, through no World of it")]

mod advice;
mod agreement;
mod ahead;
mod altered;
mod apart;
mod bigquery;
mod browser;
mod budget;
mod cause;
mod changed_since;
mod checkouts;
mod circle;
mod coded;
mod columns;
mod component;
mod crash;
mod cutoff;
mod databricks;
mod demo;
mod dialogue;
mod diff;
mod documents;
mod events;
mod example_site;
mod existing;
mod fault;
mod getting_started;
#[path = "../../src/engine/conformance/server.rs"]
mod held_server;
mod hook;
mod hostile;
mod incremental;
mod killed;
mod ledger;
mod ledger_table;
mod lineage;
mod link;
mod literal_secret;
mod mend;
mod newer;
mod packages;
mod panic;
mod place;
mod postgres;
mod postgres_source;
mod project;
mod promise;
mod proxy;
mod requirements;
mod rules;
mod schema;
mod second_run;
mod secret;
mod seed;
mod serve;
mod server;
mod settings;
mod shop;
mod site;
mod site_verify;
mod snapshot;
mod snowflake;
mod source;
mod story;
mod tidy;
mod verify;
mod who;
