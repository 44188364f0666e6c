//! Artifacts of a newer fft, made by hand: each verb that reads them does its work, shows what it doesn't know as it was
//! written, says so, and calls nothing damaged.

use crate::project::Sandbox;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

const TARGET: &str = ".fastflowtransform/target";

fn value(sandbox: &Sandbox, path: &str) -> Value {
    serde_json::from_str(&sandbox.read(path)).unwrap()
}

/// The newest record.
fn record(sandbox: &Sandbox) -> String {
    let results = value(sandbox, &format!("{TARGET}/run_results.json"));
    format!(".fastflowtransform/runs/{}.json", results["metadata"]["run_id"].as_str().unwrap())
}

/// A project that was built, changed and built again; then the last run's artifacts as a newer fft would have written
/// them, in another `version`.
fn newer(version: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n");
    sandbox.write("models/stg.ff.sql", "select id, name from {{ ref('people') }}\n");
    sandbox.write("models/mart.ff.sql", "select count(*) as n from {{ ref('stg') }}\n");
    sandbox.fft("run").expect(0);
    sandbox.write("models/stg.ff.sql", "select id, upper(name) as name from {{ ref('people') }}\n");
    sandbox.fft("run").expect(0);
    let path = record(&sandbox);
    let mut record = value(&sandbox, &path);
    record["results"] = results(record["results"].clone(), version);
    fingerprint(&mut record["fingerprints"]["stg.ff"]["full"]);
    let mut manifest = value(&sandbox, &format!("{TARGET}/manifest.json"));
    manifest["metadata"]["schema_version"] = version.into();
    manifest["saved_queries"] = json!({"board": {"reads": ["mart.ff"]}});
    let node = &mut manifest["nodes"]["stg.ff"];
    fingerprint(&mut node["fingerprint"]);
    node["materialized"] = "continuous".into();
    node["kind"] = "wasm".into();
    node["columns"][0]["lineage"]["from"][0]["kind"] = "joined".into();
    sandbox.write(&path, &record.to_string());
    sandbox.write(&format!("{TARGET}/manifest.json"), &manifest.to_string());
    sandbox.write(&format!("{TARGET}/run_results.json"), &record["results"].to_string());
    sums(&sandbox, &path);
    sandbox
}

fn results(mut results: Value, version: &str) -> Value {
    results["metadata"]["schema_version"] = version.into();
    results["alerts"] = json!(["somebody was told"]);
    results["roots"][0]["kind"] = "shared".into();
    results["roots"][0]["code"] = "schedule_due".into();
    results["roots"][0]["sentence"] = "its schedule is due: hourly".into();
    let rows = results["results"].as_array_mut().unwrap();
    let row = |name: &str| rows.iter().position(|row| row["name"] == name).unwrap();
    let (stg, people) = (row("stg.ff"), row("people"));
    let decision = &mut rows[stg]["decision"];
    decision["action"] = "refresh".into();
    decision["role"] = "scheduled".into();
    decision["primary_code"] = "schedule_due".into();
    decision["summary"] = "its schedule is due: hourly".into();
    let cause = json!({
        "code": "schedule_due", "kind": "schedule", "change": "elapsed", "name": "hourly",
        "sentence": "its schedule is due: hourly", "due": {"at": "noon"},
    });
    decision["causes"].as_array_mut().unwrap().insert(0, cause);
    decision["checks"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "lease", "ok": true, "evidence": "held", "by": "me"}));
    rows[people]["status"] = "deferred".into();
    rows[people]["credits"] = json!(0.5);
    results
}

fn fingerprint(fingerprint: &mut Value) {
    let component = json!({
        "kind": "schedule", "name": "hourly", "present": true, "size": 1, "digest": "11".repeat(32), "clock": "utc",
    });
    fingerprint["components"].as_array_mut().unwrap().insert(0, component);
}

/// `digests.sha256` of what stands there now.
fn sums(sandbox: &Sandbox, record: &str) {
    let mut text = String::new();
    let names = ["manifest.json", "run_results.json", "catalog.json"].map(|name| format!("{TARGET}/{name}"));
    for path in [record].into_iter().chain(names.iter().map(String::as_str)) {
        let digest =
            Sha256::digest(sandbox.bytes(path)).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        writeln!(text, "{digest}  {}", path.strip_prefix(".fastflowtransform/").unwrap()).unwrap();
    }
    sandbox.write(".fastflowtransform/digests.sha256", &text);
}

#[test]
fn every_verb_that_reads_copes_with_what_a_newer_fft_wrote() {
    let sandbox = newer("1.7");
    let note = "a newer fft wrote it (format 1.7, and this one knows 1.0)";
    let said = "its schedule is due: hourly";
    sandbox.fft("explain stg").expect(0).says(note).says(said).says("schedule_due").says("lease");
    let explained = sandbox.fft("explain stg.ff --json").expect(0);
    let row: Value = serde_json::from_str(&explained.stdout).unwrap();
    assert_eq!(row["decision"]["causes"][0]["code"], "schedule_due");
    assert_eq!((&row["decision"]["role"], &row["decision"]["action"]), (&json!("scheduled"), &json!("refresh")));
    sandbox.fft("explain people").expect(0).says("ended as `deferred`");
    sandbox.fft("explain mart -v --against latest~1").expect(0);
    sandbox.fft("history").expect(0).says(note).says(said);
    let listed: Value = serde_json::from_str(&sandbox.fft("history --json").expect(0).stdout).unwrap();
    assert_eq!(listed["runs"][0]["roots"][0]["kind"], "shared");
    sandbox.fft("history show latest").expect(0).says("DEFERRED").says(said);
    sandbox.fft("history show latest --json").expect(0).says("\"deferred\"");
    sandbox
        .fft("diff latest~1")
        .expect(0)
        .says("CHANGED  stg.ff")
        .says("from a `schedule`, which this one doesn't know");
    sandbox.fft(&format!("diff latest~1 {TARGET}/manifest.json")).expect(0).says(note);
    let verified = sandbox.fft("verify").expect(0).says("its fingerprint isn't checked").says(note);
    verified.says("all that could be checked agrees");
    let report: Value = serde_json::from_str(&sandbox.fft("verify --json").expect(0).stdout).unwrap();
    assert_eq!((&report["ok"], &report["findings"]), (&json!(true), &json!([])));
    assert!(report["notes"].as_array().unwrap().len() >= 3, "{report}");
    sandbox.fft("docs build").expect(0).says(note);
    let page = sandbox.read("site/dag/nodes/stg.ff.html");
    assert!(page.contains(said) && page.contains("schedule") && page.contains("continuous"), "{page}");
    for file in ["index.html", "audit.html"] {
        assert!(sandbox.read(&format!("site/dag/{file}")).contains(said), "{file}");
    }
    // Nothing of what isn't known is shown where something is withheld.
    sandbox.fft("docs build --redact sql,values,paths --out public").expect(0);
    assert!(!sandbox.read("public/nodes/stg.ff.html").contains("hourly"));
    sandbox.fft("run --select result:success").expect(0).says("0 built");
    sandbox.fft("history prune --keep 1").expect(0);
    sandbox.fft("run").expect(0);
    sandbox.fft("verify").expect(0);
}

/// What can't be read at all is told from what is damaged.
#[test]
fn another_major_version_is_no_damage() {
    let sandbox = newer("2.0");
    let path = record(&sandbox);
    let mut record = value(&sandbox, &path);
    record["results"]["results"] = json!({"stored": "elsewhere"});
    sandbox.write(&path, &record.to_string());
    sandbox.write(&format!("{TARGET}/run_results.json"), &record["results"].to_string());
    sums(&sandbox, &path);
    let why = "a newer fft wrote it (format 2.0, and this one knows 1.0), and this one can't read it";
    sandbox.fft("verify").expect(0).says(why).says("all that could be checked agrees");
    sandbox.fft("explain stg").expect(4).says(why);
    sandbox.fft("history").expect(0).says(why);
    sandbox.fft("docs build").expect(4).says(why);
}
