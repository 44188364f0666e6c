//! What pages say of what is around the project: who uses it, and how old the data are that it reads.

use super::sample::{Project, shop};
use super::{files, lived, site};
use crate::artifact::freshness::{AgesMetadata, SourceAge, SourceAges};
use crate::artifact::wire::{ExposureOwner, ExposureUse, Limit, Limits, ManifestExposure, Word};
use crate::check::freshness::FreshnessStatus;
use crate::project::Period;
use crate::world::World;

fn used(node: &str, columns: &[&str]) -> ExposureUse {
    let columns = columns.iter().map(|name| name.to_string()).collect();
    ExposureUse { columns, node: Some(node.into()), source: None }
}

fn weekly() -> ManifestExposure {
    ManifestExposure {
        at: "exposures.yml:3:5".into(),
        depends_on: vec![
            used("mart_user_orders.ff", &["user_id"]),
            ExposureUse { columns: Vec::new(), node: None, source: Some("crm.users".into()) },
        ],
        description: Some("For *all*.".into()),
        label: Some("Weekly <report>".into()),
        maturity: None,
        meta: None,
        name: "weekly".into(),
        owner: Some(ExposureOwner { email: Some("ana@x.org".into()), name: Some("Ana".into()) }),
        tags: Vec::new(),
        kind: Some("dashboard".into()),
        url: Some("https://x.org/weekly".into()),
    }
}

#[test]
fn exposures_are_told_where_they_read_and_what_they_rest_on() {
    let (project, mut artifacts) = lived();
    site(&project, &artifacts);
    let before = files(&project);
    assert!(!before.contains_key("exposures.html") && !before["index.html"].contains("exposures.html"));
    artifacts.manifest.exposures.insert("weekly".into(), weekly());
    site(&project, &artifacts);
    let files = files(&project);
    let page = &files["exposures.html"];
    for part in [
        "<a href=\"https://x.org/weekly\" rel=\"noreferrer\">Weekly &#60;report&#62;</a>",
        "href=\"mailto:ana@x.org\"",
        "nodes/mart_user_orders.ff.html",
        "sources/crm.users.html",
        "<em>all</em>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let section = |name: &str| {
        let page = &files[&format!("nodes/{name}.html")];
        page.split_once("id=\"exposures\"").map(|(_, rest)| rest.split("</section>").next().unwrap().to_string())
    };
    let own = section("mart_user_orders.ff").unwrap();
    assert!(own.contains("exposures.html#weekly") && own.contains("user_id"), "{own}");
    let through = section("seed_users").unwrap();
    assert!(through.contains("through") && through.contains("mart_user_orders.ff"), "{through}");
    assert_eq!(section("report.ff"), None);
    assert!(files["index.html"].contains("href=\"exposures.html\""));
}

#[test]
fn the_age_of_a_source_is_on_its_pages() {
    let mut project = Project::new(shop());
    let mut artifacts = project.run(&[], &[]);
    let limits = Limits { error_after: None, warn_after: Some(Limit { count: 6, period: Word::Known(Period::Hour) }) };
    artifacts.manifest.sources.get_mut("crm.users").unwrap().freshness = Some(limits.clone());
    site(&project, &artifacts);
    let told = |project: &Project| {
        let files = files(project);
        [files["sources.html"].clone(), files["sources/crm.users.html"].clone()]
    };
    assert!(told(&project).iter().all(|page| page.contains("not looked at; warns after 6 h")));
    let age = SourceAge {
        age_seconds: Some(25_500),
        at: "sources.yml:5:9".into(),
        checked_at: "2026-11-28T10:00:00.000Z".into(),
        limits,
        loaded_at: Some("2026-11-28T02:55:00.000Z".into()),
        sentence: "7 h 5 min old; warns after 6 h".into(),
        status: Word::Known(FreshnessStatus::Warn),
    };
    let metadata = AgesMetadata { profile: artifacts.results.profile.clone(), ..AgesMetadata::default() };
    let ages = SourceAges { metadata, sources: [("crm.users".to_string(), age)].into() };
    let write = |ages: &SourceAges| {
        project.world.write(&project.layout().sources(), &crate::artifact::json(ages)).unwrap();
        site(&project, &artifacts);
    };
    write(&ages);
    for page in told(&project) {
        assert!(page.contains("7 h 5 min old; warns after 6 h") && page.contains("badge warn"), "{page}");
    }
    // What was found in another profile's database says nothing of this one's.
    let metadata = AgesMetadata { profile: "elsewhere".into(), ..AgesMetadata::default() };
    write(&SourceAges { metadata, ..ages });
    assert!(told(&project).iter().all(|page| page.contains("not looked at; warns after 6 h")));
}
