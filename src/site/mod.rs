//! The site: pages from artifacts alone.

pub mod diff;
pub mod highlight;
pub mod markdown;
