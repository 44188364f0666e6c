//! What the project says of a node, for what the contents behind its digests tell.

use super::Outline;
use crate::dialect::Grammar;

/// What the project says of a node, beside what was fingerprinted.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    pub name: &'a str,
    /// The file that defines it, project-relative.
    pub path: &'a str,
    /// That file's text, for lines of a Python model's parts.
    pub text: Option<&'a str>,
    /// The declared key of a seed.
    pub key: &'a [String],
    /// Its columns whose types are declared.
    pub declared: &'a [(String, String)],
    pub delimiter: Option<u8>,
    /// How the text of a query is read.
    pub grammar: Option<&'a Grammar>,
    /// It is compared with a build by another checkout, whose texts this one doesn't keep.
    pub elsewhere: bool,
    /// Of a seed whose rows aren't compared: what it was and is.
    pub outlines: Option<(&'a Outline, &'a Outline)>,
}
