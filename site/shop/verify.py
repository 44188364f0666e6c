#!/usr/bin/env python3
"""Recomputes what fft recorded, with nothing of fft and nothing but the standard library.

    python3 verify.py [PROJECT/.fastflowtransform | SITE]

Of a site, records and pages are computed again; texts are in the project alone. Format: docs/fingerprints.md and
docs/artifacts.md. Ends with status 1 when something doesn't agree.
"""
import hashlib, html, json, re, struct, sys, zlib
from pathlib import Path

folder = next(Path(one) for one in [*sys.argv[1:2], ".fastflowtransform", Path(__file__).parent] if Path(one).exists() or sys.argv[1:])
site = (folder / ".fft-site").is_file() and (folder / "audit.json").is_file()
problems, checked = [], dict.fromkeys(["fingerprints", "leaves", "withheld", "keyed", "not kept", "runs"], 0)
KEPT, LARGEST, WITHHELD = ("hook", "sql", "python", "python_module", "seed"), 64 << 20, "path withheld"

def digest(tag, *parts):
    return hashlib.sha256(tag + b"".join(parts)).hexdigest()

def lp(content):
    content = content if isinstance(content, bytes) else content.encode()
    return struct.pack(">Q", len(content)) + content

def leaf(where, kind, name, recorded, content):
    checked["leaves"] += 1
    if digest(b"fft-leaf-v1", lp(kind), lp(name), lp(content)) != recorded:
        problems.append(f"{where}: {kind} {name}: its content doesn't have the digest {recorded}")

def kept(where, kind, name, recorded, complete):
    if recorded not in evidence:
        if complete:
            problems.append(f"{where}: {kind} {name}: its content isn't in evidence.pack")
        checked["not kept"] += not complete
        return False
    try:
        leaf(where, kind, name, recorded, zlib.decompress(evidence[recorded]))
    except zlib.error as error:
        problems.append(f"{where}: {kind} {name}: its content in evidence.pack can't be read: {error}")
    return True

def fingerprint(where, found, complete):
    parts, left, checked["fingerprints"] = [], [], checked["fingerprints"] + 1
    if site and any(one["name"] == WITHHELD for one in found["components"]):
        checked["withheld"] += len(found["components"])
        return
    for one in found["components"]:
        kind, name, recorded = one["kind"], one["name"], one["digest"]
        parts += lp(kind), lp(name), bytes([one["present"]]), bytes.fromhex(recorded)
        if one.get("withheld") or kind == "env" and one["present"] and "key_id" in found:
            checked["withheld" if one.get("withheld") else "keyed"] += 1
            left.append(f"{kind} {name}")
        elif "value" in one or not one["present"]:
            leaf(where, kind, name, recorded, one.get("value", ""))
        elif not kept(where, kind, name, recorded, complete and kind in KEPT and one["size"] <= LARGEST):
            left.append(f"{kind} {name}")
    for one in found["inputs"]:
        if one["kind"] in ("template", "macro"):
            kept(where, one["kind"], one["name"], one["digest"], complete)
        elif one["kind"] == "var" and not (site and one.get("value") is None):
            leaf(where, "var", one["name"], one["digest"], one["value"])
    if digest(b"fft-node-v1", *parts) != found["value"]:
        problems.append(f"{where}: its components don't give its fingerprint {found['value']}"
                        + (f"; not recomputed among these: {', '.join(left)}" if left else ""))

def attempt(where, check, *arguments):
    """A record that was changed may be of any form: that is a finding, and no error of this script."""
    try:
        return check(*arguments)
    except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
        problems.append(f"{where}: can't be read: {type(error).__name__}: {error}")

def load(path, default=None):
    return attempt(path.relative_to(folder), lambda: json.loads(path.read_bytes())) if path.exists() else default

def packed(pack):
    found, at = {}, 0
    while pack[at:at + 4] == b"FFE2" and len(pack) >= at + 40:
        end = at + 40 + struct.unpack(">I", pack[at + 36:at + 40])[0]
        if end > len(pack):
            break
        found[pack[at + 4:at + 36].hex()], at = pack[at + 40:end], end
    if at < len(pack):
        problems.append(f"evidence.pack: can't be read from byte {at} on")
    return found

def read(gives, columns):
    listed = {one["name"]: one["digest"] for one in gives.get("columns", [])}
    parts = [lp(name) + bytes.fromhex(listed[name]) for name in (listed if columns is None else columns)]
    return digest(b"fft-reads-v1", bytes.fromhex(gives["rows"]), *parts)

def columns(where, rows):
    for row in rows.values():
        told = list(row.get("by_column", {}).get("reads", {}).items()) if row["status"] != "not_selected" else []
        told += [(one["name"], one["unread"]) for one in row["decision"]["causes"] if "unread" in one]
        for upstream, reads in told:
            gives = rows.get(upstream, {}).get("by_column", {}).get("gives")
            if gives and read(gives, reads.get("columns")) != reads["digest"]:
                problems.append(f"{where}: {row['name']}: what it is said to read of {upstream} isn't what that gives")

def run(where, record, name, last):
    if record["results"]["metadata"]["run_id"] != name:
        problems.append(f"{where}: it is the record of another run")
    before = record["previous"] or {"run_id": None, "digest": None}
    between = (last[0] if last else "") < (before["run_id"] or "") < name
    if site and (not last or last[0] != before["run_id"]):
        last = None  # A site may have the records of some runs alone.
    known = last[1] if last and last[0] == before["run_id"] else pruned.get(before["run_id"]) if between else None
    if (last or before["run_id"] in pruned) and known != before["digest"]:
        problems.append(f"{where}: {before['run_id']}, the run before it, is missing or was changed")
    named.add(before["run_id"])
    writes = record["results"]["cache_mode"] in ("rw", "wo") and not site
    built = {row["name"] for row in record["results"]["results"] if writes and row["status"] == "success"}
    columns(where, {row["name"]: row for row in record["results"]["results"]})
    for node, recorded in record["fingerprints"].items():
        if "full" in recorded:
            fingerprint(f"{where}: {node}", recorded["full"], node in built)
            if recorded["full"]["value"] != recorded["value"]:
                problems.append(f"{where}: {node}: it has two fingerprints")

def entries(where, lines):
    last = {}
    for number, line in enumerate(lines, 1):
        check, _, text = line.partition(b" ")
        if line and hashlib.sha256(text).hexdigest()[:12].encode() != check:
            problems.append(f"{where}:{number}: the line doesn't have its digest")
        elif line and "built" in (entry := json.loads(text)):
            last[entry["built"]["node"]] = entry["built"]["fingerprint"]
    for node, found in last.items():
        fingerprint(f"{where}: {node}", found, True)

def sums(text):
    for line in text.splitlines():
        recorded, name = line.split("  ", 1)
        if not (folder / name).is_file() or hashlib.sha256((folder / name).read_bytes()).hexdigest() != recorded:
            problems.append(f"{name}: it isn't what the last run left (digests.sha256)")

def pages(newest):
    """What the pages of nodes and the audit say of the newest run is what its record says."""
    audit = load(folder / "audit.json")
    values = {node: one["value"] for node, one in newest["fingerprints"].items()}
    if audit["run"]["run_id"] != newest["results"]["metadata"]["run_id"]:
        problems.append(f"audit.json: it tells of run {audit['run']['run_id']}, and no record here does")
        return
    told = {one["node"]: one["fingerprint"] for one in audit["nodes"]}
    for node, value in told.items():
        if values.get(node) != value:
            problems.append(f"audit.json: {node}: the record has the fingerprint {values.get(node)}")
    for path in sorted(folder.glob("nodes/*.html")):
        shown = re.search(r'data-node="([^"]*)" data-value="([0-9a-f]{64})"', path.read_text("utf-8"))
        node, value = (html.unescape(shown[1]), shown[2]) if shown else (path.stem, None)
        if node in told and told[node] != value:
            problems.append(f"nodes/{path.name}: it shows the fingerprint {value}, the record has {told[node]}")

if not site and not (folder / "target/manifest.json").is_file():
    sys.exit(f"{folder} holds no target/manifest.json: name a project's .fastflowtransform folder, or a site's")
read = lambda name: (folder / name).read_bytes() if (folder / name).exists() else b""
evidence, named, last = packed(read("evidence.pack")), set(), None
pruned = load(folder / "pruned.json", {}) or {}
digests = load(folder / "runs/digests.json", {}) or {}
for path in sorted(folder.glob("runs/[0-9]*.json")):
    checked["runs"] += 1
    where, record, sha = f"runs/{path.name}", load(path), hashlib.sha256(path.read_bytes()).hexdigest()
    attempt(where, run, where, record, path.stem, last)
    shown = digests.get(path.stem, {"kept": sha, "copy": None})
    if sha != (shown["copy"] or shown["kept"]):
        problems.append(f"{where}: its SHA-256 is {sha}, the site says {shown['copy'] or shown['kept']}")
    # A copy without what is withheld stands for the record that the next one holds the digest of.
    last = path.stem, shown["kept"] if shown["copy"] else sha, record
if site and last:
    attempt("the site", pages, last[2])
nodes = (load(folder / "target/manifest.json") or {}).get("nodes", {})
for name, node in nodes.items():
    attempt(f"target/manifest.json: {name}", lambda: fingerprint(f"target/manifest.json: {name}", node["fingerprint"], False))
if last and not site and (last[2] or {}).get("results") != load(folder / "target/run_results.json"):
    problems.append(f"target/run_results.json: it tells something else than runs/{last[0]}.json")
for path in sorted(folder.glob("cache/*.jsonl")):
    attempt(f"cache/{path.name}", entries, f"cache/{path.name}", path.read_bytes().split(b"\n"))
for name in sorted(set(pruned) - named):
    problems.append(f"pruned.json: no run names {name} as the one before it")
attempt("digests.sha256", lambda: sums(read("digests.sha256").decode()))

print(*problems, sep="\n", end="\n" if problems else "")
print("recomputed:", ", ".join(f"{checked[what]} {what}" for what in ("fingerprints", "leaves", "runs")))
print("not recomputed:", ", ".join(f"{checked[what]} {what}" for what in ("withheld", "keyed", "not kept")))
print(f"{len(problems)} mismatches" if problems else "all of it agrees")
sys.exit(1 if problems else 0)
