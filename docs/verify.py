#!/usr/bin/env python3
"""Recomputes what fft recorded, with nothing of fft and nothing but the standard library.

    python3 verify.py [PROJECT/.fastflowtransform]

Format: docs/fingerprints.md and docs/artifacts.md. Ends with status 1 when something doesn't agree.
"""
import hashlib, json, struct, sys, zlib
from pathlib import Path

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".fastflowtransform")
problems, checked = [], dict.fromkeys(["fingerprints", "leaves", "withheld", "keyed", "not kept", "runs"], 0)
KEPT, LARGEST = ("sql", "python", "python_module", "seed"), 64 << 20

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
        elif one["kind"] == "var":
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
        told = list(row.get("by_column", {}).get("reads", {}).items())
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
    known = last[1] if last and last[0] == before["run_id"] else pruned.get(before["run_id"]) if between else None
    if (last or before["run_id"] in pruned) and known != before["digest"]:
        problems.append(f"{where}: {before['run_id']}, the run before it, is missing or was changed")
    named.add(before["run_id"])
    writes = record["results"]["cache_mode"] in ("rw", "wo")
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

if not (folder / "target/manifest.json").is_file():
    sys.exit(f"{folder} holds no target/manifest.json: name a project's .fastflowtransform folder")
read = lambda name: (folder / name).read_bytes() if (folder / name).exists() else b""
evidence, named, last = packed(read("evidence.pack")), set(), None
pruned = load(folder / "pruned.json", {}) or {}
for path in sorted(folder.glob("runs/*.json")):
    checked["runs"] += 1
    where, record = f"runs/{path.name}", load(path)
    attempt(where, run, where, record, path.stem, last)
    last = path.stem, hashlib.sha256(path.read_bytes()).hexdigest(), record
nodes = (load(folder / "target/manifest.json") or {}).get("nodes", {})
for name, node in nodes.items():
    attempt(f"target/manifest.json: {name}", lambda: fingerprint(f"target/manifest.json: {name}", node["fingerprint"], False))
if last and (last[2] or {}).get("results") != load(folder / "target/run_results.json"):
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
