//! A node's text: as it was rendered, and as its file had it when the last run read it.

use crate::artifact::manifest::ManifestNode;
use crate::fingerprint::InputKind;
use crate::graph::NodeKind;
use crate::site::Site;
use crate::site::highlight::{self, Language};

/// Lines of a text that a page shows open.
const FOLD: usize = 60;
/// Bytes of a file that a page shows.
const LARGEST: usize = 256 << 10;

/// Both texts; the second only where it is another than the first.
pub struct Code {
    pub title: &'static str,
    pub rendered: Text,
    pub source: Option<Text>,
}

/// Lines as HTML; those behind the first ones are folded.
pub struct Text {
    /// In front of a line's number in its anchor.
    pub anchor: char,
    pub open: Vec<String>,
    pub folded: Vec<String>,
}

impl Text {
    fn new(anchor: char, text: &str, language: Language) -> Text {
        let mut open = highlight::lines(text.trim_end(), language);
        let folded = if open.len() > FOLD { open.split_off(FOLD) } else { Vec::new() };
        Text { anchor, open, folded }
    }
}

impl Code {
    /// Nothing where the manifest has no text: of seeds, and where texts are withheld.
    pub fn of(site: &Site<'_>, node: &ManifestNode) -> Option<Code> {
        let python = node.kind == NodeKind::Python;
        let language = if python { Language::Python } else { Language::Sql };
        let rendered = Text::new('L', node.compiled.as_deref()?, language);
        let source = source(site, node).map(|text| Text::new('S', &text, language));
        Some(Code { title: if python { "Python" } else { "Compiled SQL" }, rendered, source })
    }
}

/// The file's text, as evidence keeps it; `None` where it is what was rendered, isn't kept, or is withheld.
pub fn source(site: &Site<'_>, node: &ManifestNode) -> Option<String> {
    let compiled = node.compiled.as_deref().filter(|_| !site.input.archive.redaction().sql)?;
    let fingerprint = node.fingerprint.known()?;
    let mut own =
        fingerprint.inputs.iter().filter(|input| input.kind == InputKind::Template && input.path == node.path);
    let file = own.next().filter(|_| own.next().is_none())?;
    let content = site.input.archive.content(&file.digest).filter(|content| content.len() <= LARGEST)?;
    let text = std::str::from_utf8(&content).ok()?;
    (text.trim_end() != compiled.trim_end()).then(|| text.to_string())
}
