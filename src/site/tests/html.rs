//! What a page holds, as far as tests look: its tags with their attributes, its text.

use std::collections::BTreeMap;

pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
}

/// Every opening tag, in order. The pages are well-formed: no `>` stands in an attribute but as a reference.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((inside, _)) = piece.split_once('>') else { panic!("an open tag: {}", &piece[..piece.len().min(80)]) };
        if inside.starts_with(['/', '!']) {
            continue;
        }
        let name: String = inside.chars().take_while(|letter| letter.is_ascii_alphanumeric()).collect();
        found.push(Tag { attributes: attributes(&inside[name.len()..]), name });
    }
    found
}

fn attributes(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && rest != "/" {
        let end = rest.find(['=', ' ', '\n', '/']).unwrap_or(rest.len());
        let name = rest[..end].to_string();
        rest = &rest[end..];
        let value = match rest.strip_prefix("=\"") {
            None => String::new(),
            Some(quoted) => {
                let end = quoted.find('"').expect("a closing quote");
                rest = &quoted[end + 1..];
                plain(&quoted[..end])
            }
        };
        assert!(!name.is_empty(), "no attribute at {rest}");
        assert!(found.insert(name, value).is_none(), "twice the same attribute in {text}");
        rest = rest.trim_start();
    }
    found
}

/// The text between tags.
pub fn text(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split('<').skip(1) {
        out.push_str(piece.split_once('>').map_or("", |(_, text)| text));
    }
    plain(&out)
}

/// Character references as what they mean.
fn plain(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    named.iter().fold(text.to_string(), |text, (reference, letter)| text.replace(reference, letter))
}
