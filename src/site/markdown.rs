//! Descriptions: Markdown as HTML that is safe to publish, whatever was written.
//!
//! CommonMark with tables, strikethrough and task lists. Raw HTML is text; a link keeps its target only where the
//! scheme is on the list; an image becomes a link, for no page loads anything from elsewhere; there is no inline style
//! and no id. Headings continue those of the page: the first is an `h3`, and none skips a level.

#[cfg(test)]
mod tests;

use super::highlight::{self, Language};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Headings that stand above a description on its page: the page's own and its section's.
const LEVELS_ABOVE: usize = 2;

/// The HTML of a description, to stand below an `h2`.
pub fn html(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut page = Page::default();
    Parser::new_ext(text, options).for_each(|event| page.take(event));
    let mut out = String::with_capacity(text.len() * 2);
    pulldown_cmark::html::push_html(&mut out, page.events.into_iter());
    out
}

#[derive(Default)]
struct Page<'a> {
    events: Vec<Event<'a>>,
    /// Links and images that are open, outermost first.
    links: Vec<Link>,
    /// Levels of the headings above this place, as they were written.
    headings: Vec<HeadingLevel>,
    code: Option<Code<'a>>,
}

struct Link {
    target: String,
    /// Whether a tag was written: the target is allowed and no other link is around.
    shown: bool,
    /// How many events there were when it began.
    began: usize,
}

/// A code block in the making.
struct Code<'a> {
    language: Option<Language>,
    text: Vec<CowStr<'a>>,
}

impl<'a> Page<'a> {
    fn take(&mut self, event: Event<'a>) {
        if let (Some(code), Event::Text(text)) = (&mut self.code, &event) {
            return code.text.push(text.clone());
        }
        match event {
            Event::Html(text) | Event::InlineHtml(text) => self.events.push(Event::Text(text)),
            Event::TaskListMarker(done) => self.task(done),
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            other => self.events.push(other),
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Link { link_type, dest_url, title, .. } => self.open_link(link_type, dest_url, title),
            Tag::Image { dest_url, title, .. } => self.open_link(LinkType::Inline, dest_url, title),
            Tag::CodeBlock(kind) => self.code = Some(Code { language: language(&kind), text: Vec::new() }),
            Tag::HtmlBlock => self.events.push(Event::Start(Tag::Paragraph)),
            // Alignment would be an inline style.
            Tag::Table(columns) => {
                self.events.push(Event::Start(Tag::Table(vec![pulldown_cmark::Alignment::None; columns.len()])))
            }
            Tag::Heading { level, .. } => {
                let level = self.open_heading(level);
                let (classes, attrs) = Default::default();
                self.events.push(Event::Start(Tag::Heading { level, id: None, classes, attrs }));
            }
            other => self.events.push(Event::Start(other)),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link | TagEnd::Image => self.close_link(),
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::HtmlBlock => self.events.push(Event::End(TagEnd::Paragraph)),
            TagEnd::Heading(_) => {
                let level = shown_level(self.headings.len());
                self.events.push(Event::End(TagEnd::Heading(level)));
            }
            other => self.events.push(Event::End(other)),
        }
    }

    /// The level by how many headings of a higher rank stand above, so that none is skipped.
    fn open_heading(&mut self, level: HeadingLevel) -> HeadingLevel {
        while self.headings.pop_if(|above| *above >= level).is_some() {}
        self.headings.push(level);
        shown_level(self.headings.len())
    }

    fn open_link(&mut self, link_type: LinkType, target: CowStr<'a>, title: CowStr<'a>) {
        let allowed = link_type == LinkType::Email || is_allowed(&target);
        let shown = allowed && !self.links.iter().any(|link| link.shown);
        self.links.push(Link { target: target.to_string(), shown, began: self.events.len() });
        if shown {
            let id = CowStr::Borrowed("");
            self.events.push(Event::Start(Tag::Link { link_type, dest_url: target, title, id }));
        }
    }

    /// A link with nothing to read is its target.
    fn close_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let reads = |event: &Event<'_>| match event {
            Event::Text(text) | Event::Code(text) => !text.trim().is_empty(),
            _ => false,
        };
        if !self.events[link.began..].iter().any(reads) && !link.target.is_empty() {
            self.events.push(Event::Text(link.target.into()));
        }
        if link.shown {
            self.events.push(Event::End(TagEnd::Link));
        }
    }

    fn close_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        let text: String = code.text.iter().map(|part| part.as_ref()).collect();
        let body = match code.language {
            Some(language) => highlight::html(&text, language),
            None => {
                let mut out = String::new();
                highlight::escape(&mut out, &text);
                out
            }
        };
        let block = format!("<pre class=\"code\" tabindex=\"0\"><code>{body}</code></pre>\n");
        self.events.push(Event::Html(block.into()));
    }

    fn task(&mut self, done: bool) {
        let (mark, word) = if done { ("☑", "done") } else { ("☐", "to do") };
        let task = format!("<span role=\"img\" aria-label=\"{word}\">{mark}</span> ");
        self.events.push(Event::InlineHtml(task.into()));
    }
}

fn shown_level(depth: usize) -> HeadingLevel {
    HeadingLevel::try_from((LEVELS_ABOVE + depth).min(6)).unwrap_or(HeadingLevel::H6)
}

fn language(kind: &CodeBlockKind<'_>) -> Option<Language> {
    let CodeBlockKind::Fenced(info) = kind else { return None };
    let word = info.split([' ', ',', '{']).next().unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "sql" | "jinja" => Some(Language::Sql),
        "python" | "py" => Some(Language::Python),
        _ => None,
    }
}

/// A scheme of the list, or a path below the page's own folder or beside it. Browsers take control characters and
/// blanks out of a target before they read it, so one with such has no meaning here.
fn is_allowed(target: &str) -> bool {
    if target.is_empty() || target.contains(|character: char| character.is_control() || "\\ \u{a0}".contains(character))
    {
        return false;
    }
    let head = &target[..target.find(['/', '?', '#']).unwrap_or(target.len())];
    match head.split_once(':') {
        Some((scheme, _)) => SCHEMES.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed)),
        None => !target.starts_with('/'),
    }
}
