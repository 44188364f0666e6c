//! One fingerprint: its value from its components, each leaf from its content, each input's digest.

use super::{Place, Verification, is_kept};
use crate::artifact::evidence::LARGEST;
use crate::artifact::wire;
use crate::digest::Digest;
use crate::fingerprint::{Component, FORMAT, Fingerprint, Input, InputKind, Kind, leaf, value};

impl Verification<'_> {
    /// As an artifact has it. Of one that a newer fft recorded nothing can be computed; what it refers to is kept.
    pub(super) fn recorded(&mut self, place: Place<'_>, recorded: &wire::Fingerprint, complete: bool) {
        match recorded {
            wire::Fingerprint::Known(known) => self.fingerprint(place, known, complete),
            wire::Fingerprint::Newer(newer) => {
                self.referred.extend(recorded.digests());
                self.note(place, format!("its fingerprint isn't checked: {}", newer.why()));
            }
        }
    }

    /// `complete` says that every content that may be kept must be there.
    pub(super) fn fingerprint(&mut self, place: Place<'_>, fingerprint: &Fingerprint, complete: bool) {
        self.report.counts.fingerprints += 1;
        if fingerprint.format != FORMAT {
            let problem = format!("its fingerprint has the format `{}`, which isn't known here", fingerprint.format);
            return self.find(place, None, &problem);
        }
        let left: Vec<String> = fingerprint
            .components
            .iter()
            .filter(|component| !self.component(place, component, fingerprint, complete))
            .map(|component| format!("{} {}", component.kind, component.name))
            .collect();
        let computed = value(&fingerprint.components);
        if computed != fingerprint.value {
            let left = match left.as_slice() {
                [] => String::new(),
                left => format!("; not recomputed among these: {}", left.join(", ")),
            };
            let problem =
                format!("its fingerprint is recorded as {}, its components give {computed}{left}", fingerprint.value);
            self.find(place, None, &problem);
        }
        for input in fingerprint.inputs.iter() {
            self.input(place, input, complete);
        }
    }

    /// Gives whether the leaf could be computed again.
    fn component(&mut self, place: Place<'_>, component: &Component, of: &Fingerprint, complete: bool) -> bool {
        let (kind, name) = (component.kind.as_str(), component.name.as_str());
        self.referred.insert(component.digest);
        let keyed = component.kind == Kind::Env && component.present && of.key_id.is_some();
        match &component.value {
            _ if component.withheld => {
                self.report.counts.withheld += 1;
                return false;
            }
            Some(_) if keyed && of.key_id != self.key.id() => {
                self.report.counts.keyed += 1;
                return false;
            }
            Some(content) => {
                let computed = if keyed {
                    self.key.leaf(kind, name, content.as_bytes())
                } else {
                    leaf(kind, name, content.as_bytes())
                };
                self.compare(place, (kind, name), component.digest, computed, "its recorded value gives");
                self.size(place, component, content.len() as u64);
            }
            None if !component.present => {
                let computed = leaf(kind, name, b"");
                self.compare(place, (kind, name), component.digest, computed, "what is absent has");
            }
            None if is_kept(component.kind) => {
                let complete = complete && component.size <= LARGEST;
                let Some(size) = self.kept(place, (kind, name), component.digest, complete) else { return false };
                self.size(place, component, size);
            }
            None => self.find(place, Some((kind, name)), "its value is neither recorded nor withheld"),
        }
        true
    }

    fn input(&mut self, place: Place<'_>, input: &Input, complete: bool) {
        self.referred.insert(input.digest);
        let name = input.name.as_str();
        match (input.kind, &input.value) {
            (InputKind::Template, _) => drop(self.kept(place, ("template", name), input.digest, complete)),
            (InputKind::Macro, _) => drop(self.kept(place, ("macro", name), input.digest, complete)),
            (InputKind::Constant, _) => drop(self.kept(place, ("constant", name), input.digest, complete)),
            (InputKind::Var, Some(value)) => {
                let computed = leaf("var", name, value.as_bytes());
                self.compare(place, ("var", name), input.digest, computed, "its recorded value gives");
            }
            (InputKind::Var, None) => self.find(place, Some(("var", name)), "its value isn't recorded"),
            // Its digest is that of the component of the same name.
            (InputKind::Env, _) => {}
            (InputKind::Function | InputKind::Class | InputKind::Import | InputKind::Statement, _) => {
                self.find(place, Some((input.kind.as_str(), name)), "inputs of this kind are never recorded")
            }
        }
    }

    /// Compares a leaf with what its content in the evidence gives, each once. Gives the content's size in bytes where
    /// the two agree.
    fn kept(&mut self, place: Place<'_>, id: (&'static str, &str), digest: Digest, complete: bool) -> Option<u64> {
        let key = (id.0, id.1.to_string(), digest);
        if let Some(size) = self.seen.get(&key) {
            return *size;
        }
        let mut size = None;
        match self.evidence.look(&digest) {
            Some(Ok(content)) => {
                let computed = leaf(id.0, id.1, &content);
                self.compare(place, id, digest, computed, "its content in evidence.pack gives");
                size = (computed == digest).then_some(content.len() as u64);
            }
            Some(Err(error)) => {
                let problem = format!("its content in evidence.pack can't be read: {error}");
                self.find(place, Some(id), &problem);
            }
            None if complete => self.find(place, Some(id), "its content isn't in evidence.pack"),
            None => self.report.counts.not_kept += 1,
        }
        self.seen.insert(key, size);
        size
    }

    fn compare(&mut self, place: Place<'_>, id: (&str, &str), recorded: Digest, computed: Digest, what: &str) {
        self.report.counts.leaves += 1;
        if recorded != computed {
            let problem = format!("its digest is recorded as {}, {what} {}", recorded.short(), computed.short());
            self.find(place, Some(id), &problem);
        }
    }

    fn size(&mut self, place: Place<'_>, component: &Component, size: u64) {
        if component.size != size {
            let problem = format!("its size is recorded as {} bytes, its content has {size}", component.size);
            self.find(place, Some((component.kind.as_str(), &component.name)), &problem);
        }
    }
}
