//! Secret values in every form that a text may hold them in.
//!
//! [`Secrets`] takes values with the variables that hold them and knows each as it is, escaped in JSON, in hexadecimal
//! digits and in base64 at each of its three offsets, all of these in percent coding too, however often it was applied.
//! Records are searched ([`Secrets::leak`]) and refused; messages and lines are given with the values taken out
//! ([`Secrets::redact`], [`Secrets::hide`]). One list of forms for all of it: what one lets through, none stops.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes that a value must have to be looked for in records: shorter ones are found by chance.
const LEAST: usize = 6;
/// A value of hexadecimal digits alone that is shorter than this is found in digests by chance: it counts only where
/// no letter or digit stands next to it.
const LEAST_IN_DIGITS: usize = 16;
/// A value that is one word in letters alone says nothing below this: `postgres`, `localhost`.
const LEAST_WORD: usize = 12;
/// Letters that a base64 form must have.
const LEAST_BASE64: usize = 7;
/// Bytes that a value must have to be taken out of a message, where one too many does no harm.
const LEAST_IN_MESSAGES: usize = 3;
/// How often percent coding is taken off.
const MOST_LAYERS: usize = 3;

/// Secret values, in every form that is looked for.
#[derive(Default)]
pub struct Secrets {
    automaton: Option<AhoCorasick>,
    forms: Vec<Form>,
}

/// What is known of one form.
struct Form {
    variable: String,
    /// It counts only where no letter or digit stands next to it.
    alone: bool,
    /// Finding it means something; others are taken out of messages only.
    telling: bool,
    /// Letters beside it are of the same text.
    base64: bool,
}

/// Where a value stands.
struct Found<'a> {
    form: &'a Form,
    /// Where the value itself begins.
    at: usize,
    /// With the letters beside it that hold some of it.
    span: Range<usize>,
}

impl Secrets {
    /// Takes pairs of value and variable. Of two variables with the same value the first is told.
    pub fn new<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Secrets {
        let mut found: BTreeMap<Vec<u8>, Form> = BTreeMap::new();
        for (value, name) in values.into_iter().flat_map(|(value, name)| given(value).map(move |value| (value, name))) {
            let (value, variable) = (value.as_str(), name.to_string());
            if !is_telling(value) {
                if value.len() >= LEAST_IN_MESSAGES {
                    let form = Form { variable, alone: false, telling: false, base64: false };
                    found.entry(value.into()).or_insert(form);
                }
                continue;
            }
            let digits = value.len() < LEAST_IN_DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            for (text, base64) in encodings(value) {
                let alone = digits && text == value;
                let form = Form { variable: variable.clone(), alone, telling: true, base64 };
                found.entry(text.into_bytes()).or_insert(form);
            }
        }
        let (texts, forms): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        // Matches may overlap, so each is looked at.
        let build = |texts| AhoCorasick::builder().match_kind(MatchKind::Standard).build(texts).ok();
        Secrets { automaton: if texts.is_empty() { None } else { build(texts) }, forms }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        !self.forms.iter().any(|form| form.telling)
    }

    /// The variable whose value is in `bytes`, if any.
    pub fn leak(&self, bytes: &[u8]) -> Option<&str> {
        self.find(bytes).map(|(variable, _)| variable)
    }

    /// The same with the byte where the value begins.
    pub fn find(&self, bytes: &[u8]) -> Option<(&str, usize)> {
        let found = self.search(bytes, &|found| found.form.telling, true).pop()?;
        Some((&found.form.variable, found.at))
    }

    /// The variable whose value begins in `bytes` at `from` or behind it, if any.
    pub fn leak_from(&self, bytes: &[u8], from: usize) -> Option<&str> {
        let found = self.search(bytes, &|found| found.form.telling && found.at >= from, true).pop()?;
        Some(&found.form.variable)
    }

    /// Bytes that a value takes at most in a text, in whatever form, with the letters beside it that decide about it.
    pub fn reach(&self) -> usize {
        let longest = self.automaton.as_ref().map_or(0, AhoCorasick::max_pattern_len);
        // Each layer of percent coding may write three bytes for one.
        (longest + 2) * 3_usize.pow(MOST_LAYERS as u32)
    }

    /// A message without any of the values, short ones too: `mask` gives what stands in the place of a variable's.
    pub fn redact(&self, text: &str, mask: impl Fn(&str) -> String) -> String {
        self.without(text, &|_| true, &mask).into_owned()
    }

    /// A text without the values that mean something wherever they stand.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.without(text, &|found| found.form.telling, &mask)
    }

    fn without<'t>(
        &self,
        text: &'t str,
        wanted: &dyn Fn(&Found<'_>) -> bool,
        mask: &dyn Fn(&str) -> String,
    ) -> Cow<'t, str> {
        let mut found = self.search(text.as_bytes(), wanted, false);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        // The longest of those that overlap is told.
        found.sort_by_key(|found| (found.span.start, std::cmp::Reverse(found.span.end)));
        let mut apart: Vec<(Range<usize>, &Found<'_>)> = Vec::new();
        for one in &found {
            match apart.last_mut() {
                Some((span, told)) if one.span.start < span.end => {
                    span.end = span.end.max(one.span.end);
                    if one.span.len() > told.span.len() {
                        *told = one;
                    }
                }
                _ => apart.push((one.span.clone(), one)),
            }
        }
        let mut shown = text.to_string();
        for (span, told) in apart.into_iter().rev() {
            let start = (0..=span.start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let end = (span.end..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            shown.replace_range(start..end, &mask(&told.form.variable));
        }
        Cow::Owned(shown)
    }

    /// Every place of a form, in the text as it stands and under its percent coding; the first alone where that will do.
    fn search(&self, bytes: &[u8], wanted: &dyn Fn(&Found<'_>) -> bool, first: bool) -> Vec<Found<'_>> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found = Vec::new();
        let mut layers: Vec<Decoded> = Vec::new();
        loop {
            let text = layers.last().map_or(bytes, |layer| &layer.bytes);
            for place in automaton.find_overlapping_iter(text) {
                let form = &self.forms[place.pattern().as_usize()];
                let Some(span) = form.span(text, place.range()) else { continue };
                let original = |span| layers.iter().rev().fold(span, |span, layer: &Decoded| layer.original(span));
                let one = Found { form, at: original(place.range()).start, span: original(span) };
                if wanted(&one) {
                    found.push(one);
                    if first {
                        return found;
                    }
                }
            }
            match decoded(text).filter(|_| layers.len() < MOST_LAYERS) {
                Some(layer) => layers.push(layer),
                None => return found,
            }
        }
    }
}

/// What stands in the place of a value in messages.
pub fn mask(variable: &str) -> String {
    if is_variable(variable) { format!("‹env:{variable}›") } else { format!("‹{variable}›") }
}

/// Whether a secret's name is that of a variable, or words for where it stands.
pub fn is_variable(name: &str) -> bool {
    !name.contains(' ')
}

impl Form {
    /// Where the value stands in `text`, given the place of this form; none where it is there by chance.
    fn span(&self, text: &[u8], place: Range<usize>) -> Option<Range<usize>> {
        let at = |place: Option<usize>| place.and_then(|place| text.get(place));
        let (before, behind) = (at(place.start.checked_sub(1)), at(Some(place.end)));
        if self.alone
            && (before.is_some_and(u8::is_ascii_alphanumeric) || behind.is_some_and(u8::is_ascii_alphanumeric))
        {
            return None;
        }
        // The letters at both ends hold bits of the value and of what stands beside it.
        let shared =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte));
        let start = place.start - usize::from(self.base64 && shared(before));
        let end = place.end + usize::from(self.base64 && shared(behind));
        Some(start..end)
    }
}

/// A text with one layer of percent coding taken off.
struct Decoded {
    bytes: Vec<u8>,
    /// Of each byte that stood as three: where it stands now, in order.
    escapes: Vec<usize>,
}

impl Decoded {
    fn original(&self, span: Range<usize>) -> Range<usize> {
        let at = |place: usize| place + 2 * self.escapes.partition_point(|escape| *escape < place);
        at(span.start)..at(span.end)
    }
}

/// `%2F` as `/`; `None` where nothing is coded. By hand, since a decoder tells nothing of where it found what.
fn decoded(bytes: &[u8]) -> Option<Decoded> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8);
    let escape = |at: usize| Some(digit(at + 1)? << 4 | digit(at + 2)?);
    let mut layer = Decoded { bytes: Vec::new(), escapes: Vec::new() };
    let mut rest = 0;
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == b'%') {
        at += next;
        match escape(at) {
            Some(byte) => {
                layer.bytes.extend_from_slice(&bytes[rest..at]);
                layer.escapes.push(layer.bytes.len());
                layer.bytes.push(byte);
                at += 3;
                rest = at;
            }
            None => at += 1,
        }
    }
    layer.bytes.extend_from_slice(&bytes[rest..]);
    if layer.escapes.is_empty() { None } else { Some(layer) }
}

/// A value, and what it stands for where it is percent-coded itself: the password of a URL.
fn given(value: &str) -> impl Iterator<Item = String> + use<> {
    let plain = decoded(value.as_bytes()).and_then(|layer| String::from_utf8(layer.bytes).ok());
    [Some(value.to_string()), plain].into_iter().flatten()
}

/// Whether finding `value` means anything.
fn is_telling(value: &str) -> bool {
    let word = value.len() < LEAST_WORD && value.bytes().all(|byte| byte.is_ascii_lowercase());
    let placeholder = value.bytes().all(|byte| byte == b'*' || byte == b'x' || byte == b'.');
    value.trim().len() >= LEAST && !word && !placeholder
}

/// `value` in every form that is looked for, and whether that is base64. Percent coding is no form: it is taken off.
fn encodings(value: &str) -> Vec<(String, bool)> {
    let bytes = value.as_bytes();
    let hex = |upper: bool| -> String {
        bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let escaped = serde_json::to_string(value).expect("invariant: text is JSON");
    let escaped = &escaped[1..escaped.len() - 1];
    let texts = [
        value.to_string(),
        // As a form has blanks.
        value.replace(' ', "+"),
        hex(false),
        hex(true),
        escaped.to_string(),
        escaped.replace('/', "\\/"),
        ascii(value),
    ];
    // As Python shows texts and bytes, its quotes escaped or not.
    let backslashes = value.replace('\\', "\\\\");
    let shown: String = backslashes
        .bytes()
        .map(|byte| match byte {
            b' '..=b'~' => char::from(byte).to_string(),
            _ => byte.escape_ascii().to_string(),
        })
        .collect();
    let python = [backslashes, shown].into_iter().flat_map(|text| [text.replace('\'', "\\'"), text]);
    let mut forms: Vec<(String, bool)> = texts.into_iter().chain(python).map(|text| (text, false)).collect();
    for before in 0..3 {
        let standard = within_base64(&STANDARD_NO_PAD, bytes, before);
        forms.extend(
            [standard.replace('/', "\\/"), standard, within_base64(&URL_SAFE_NO_PAD, bytes, before)]
                .map(|text| (text, true)),
        );
    }
    forms.retain(|(form, _)| form.len() >= LEAST);
    forms
}

/// As JSON in ASCII alone has it.
fn ascii(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text += &format!("\\u{unit:04x}")),
        }
    }
    text
}

/// The letters of a base64 text that `bytes` alone decide, where `before` other bytes stand in front (modulo 3): so
/// that a password is found in `user:password` too. Empty where they are too few to tell.
fn within_base64(engine: &impl Engine, bytes: &[u8], before: usize) -> String {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let text = engine.encode(&padded);
    let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    if end - start < LEAST_BASE64 { String::new() } else { text[start..end].to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, prop};
    use proptest::{prop_assert, prop_assert_eq};

    fn secrets(vars: &[(&'static str, &str)]) -> Secrets {
        Secrets::new(vars.iter().map(|(name, value)| (*value, *name)))
    }

    fn percent(text: &str, kept: &[u8], lower: bool) -> String {
        let one = |byte: u8| match byte {
            _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => char::from(byte).to_string(),
            _ if lower => format!("%{byte:02x}"),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(one).collect()
    }

    /// A text that holds `value` in one of the forms; the numbers choose which.
    fn coded(value: &str, front: &str, form: usize, layers: usize) -> String {
        use base64::engine::general_purpose::{STANDARD, URL_SAFE};
        let text = match form % 7 {
            0 => format!("{front}{value}"),
            1 => serde_json::to_string(&format!("{front}{value}")).unwrap(),
            2 => value.bytes().map(|byte| format!("{byte:02x}")).collect(),
            3 => value.bytes().map(|byte| format!("{byte:02X}")).collect(),
            4 => STANDARD.encode(format!("{front}{value}")),
            5 => URL_SAFE.encode(format!("{front}{value}@")),
            _ => format!("{front}{}", ascii(value)),
        };
        (0..layers).fold(text, |text, layer| percent(&text, if layer == 0 { b"-._~" } else { b"/:" }, layer == 1))
    }

    #[test]
    fn every_form_is_found() {
        let value = "p\"ä/?+k9 Zq";
        let found = secrets(&[("FF_TOKEN", value), ("FF_OTHER_TOKEN", "unrelated-1")]);
        let hex = |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}")).collect() };
        //: Values are found as they are, in base64 (also inside a longer text), in hexadecimal digits, percent-encoded
        //: and escaped in JSON.
        for text in [
            format!("x{value}y"),
            "p\\\"\\u00e4/?+k9 Zq".into(),
            "p\\\"ä\\/?+k9 Zq".into(),
            "p\"\\xc3\\xa4/?+k9 Zq".into(),
            "p%22%C3%A4%2F%3F%2Bk9+Zq".into(),
            percent(&hex(value), b"", false),
            percent(&percent(value, b"", false), b"", true),
        ] {
            assert_eq!(found.leak(text.as_bytes()), Some("FF_TOKEN"), "{text}");
        }
        assert_eq!(found.leak(b"nothing of it, 100%"), None);
        assert_eq!(found.find(b"%20 an unrelated-1 word"), Some(("FF_OTHER_TOKEN", 7)));
        assert_eq!(found.find(b"%20 an unrelated%2D1 word"), Some(("FF_OTHER_TOKEN", 7)));
        assert_eq!(found.hide("at /a%2Funrelated%2d1/x"), "at /a%2F‹env:FF_OTHER_TOKEN›/x");
        let of_url = secrets(&[("FF_DSN", "hun%2Fter2%40")]);
        assert_eq!(of_url.hide("hun%2Fter2%40 is hun/ter2@"), "‹env:FF_DSN› is ‹env:FF_DSN›");
    }

    #[test]
    fn what_says_nothing_is_looked_for_in_messages_alone() {
        //: Not looked for are values that would be found by chance: under 6 bytes, or a single word of lower-case
        //: letters under 12, such as `postgres`, or `*`, `x` and `.` alone; one of up to 15 hexadecimal digits counts
        //: only where no letter or digit stands beside it.
        for value in ["true", "12345", "postgres", "localhost", "******", "xxxxxxxx", " a1 "] {
            let found = secrets(&[("FF_TOKEN", value)]);
            let text = format!("a {value} b");
            assert!(found.is_empty(), "{value}");
            assert_eq!((found.leak(text.as_bytes()), &*found.hide(&text)), (None, &*text));
            assert_eq!(found.redact(&text, mask), "a ‹env:FF_TOKEN› b");
        }
        assert_eq!(secrets(&[("FF_TOKEN", "ab")]).redact("ab", mask), "ab");
        assert_eq!(Secrets::default().leak(b"anything"), None);
    }

    #[test]
    fn a_short_number_is_not_found_within_a_digest() {
        let found = secrets(&[("FF_PIN_TOKEN", "123456")]);
        //: Not looked for are values that would be found by chance: under 6 bytes, or a single word of lower-case
        //: letters under 12, such as `postgres`, or `*`, `x` and `.` alone; one of up to 15 hexadecimal digits counts
        //: only where no letter or digit stands beside it.
        assert_eq!(found.leak(b"\"9f1234567a\""), None);
        assert_eq!(found.leak(b"9f1234567a, then '123456'"), Some("FF_PIN_TOKEN"));
        assert_eq!(found.leak(b"123456"), Some("FF_PIN_TOKEN"));
        let long = secrets(&[("FF_TOKEN", "0123456789abcdef0")]);
        assert_eq!(long.leak(b"ff0123456789abcdef0ff"), Some("FF_TOKEN"));
    }

    #[test]
    fn one_secret_may_hide_another() {
        let found = secrets(&[("FF_A_TOKEN", "123456"), ("FF_B_TOKEN", "x12345678y")]);
        assert_eq!(found.leak(b"ax12345678yb"), Some("FF_B_TOKEN"));
        assert_eq!(found.hide("1 x12345678y 123456"), "1 ‹env:FF_B_TOKEN› ‹env:FF_A_TOKEN›");
    }

    proptest::proptest! {
        #[test]
        fn no_form_of_a_value_is_shown_or_written(
            value in "[ -~äß€😀]{8,40}".prop_filter("says something", |value| is_telling(value) && value.contains(|c: char| !c.is_ascii_hexdigit())),
            front in "[a-z]{0,4}",
            form in 0..7usize,
            layers in 0..3usize,
        ) {
            let found = secrets(&[("FF_TOKEN", &value)]);
            let text = coded(&value, &front, form, layers);
            prop_assert_eq!(found.leak(text.as_bytes()), Some("FF_TOKEN"), "{}", text);
            let shown = found.hide(&text).into_owned();
            prop_assert!(shown.contains("‹env:FF_TOKEN›") && found.leak(shown.as_bytes()).is_none(), "{}", shown);
        }

        #[test]
        fn any_text_can_be_searched(text in "[%0-9a-fäK/+ ]{0,40}", values in prop::collection::vec("[%0-9aäK/ ]{1,8}", 0..4)) {
            let found = Secrets::new(values.iter().map(|value| (value.as_str(), "FF_TOKEN")));
            let shown = found.redact(&text, |_| "\u{0}".into());
            prop_assert!(values.iter().filter(|value| value.len() >= 3).all(|value| is_telling(value) || !shown.contains(value.as_str())));
        }
    }
}
