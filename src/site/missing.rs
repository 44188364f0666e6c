//! `404.html`: what a host shows for an address that the site doesn't have.
//!
//! It may stand below any address, so its links are whole where the site's own address is known; else they lead from the
//! site's folder.

use super::shell::{Place, Shell};
use super::{Page, Site, Unit};
use askama::Template;

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing<'a> {
    shell: Shell<'a>,
}

pub fn unit<'a>(site: &'a Site<'a>) -> Unit<'a> {
    site.unit("missing", &(), move || vec![page(site)])
}

fn page(site: &Site<'_>) -> Page {
    let path = "404.html";
    let shell = Shell::new(&site.frame, Place::None, path, "No such page");
    let root = site.frame.base_url.clone().unwrap_or_default();
    Page::of(path, &Missing { shell: Shell { root: root.into(), ..shell } })
}
