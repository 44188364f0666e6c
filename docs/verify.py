#!/usr/bin/env python3
"""Recomputes what fft recorded, with nothing of fft and nothing but the standard library.

    python3 verify.py [PROJECT/.fastflowtransform]

Format: docs/fingerprints.md and docs/artifacts.md. Ends with status 1 when something doesn't agree.
"""
import hashlib, json, struct, sys, zlib
from pathlib import Path

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".fastflowtransform")
problems, checked = [], dict.fromkeys(["fingerprints", "leaves", "withheld", "keyed", "not kept", "runs"], 0)

def digest(tag, *parts):
    return hashlib.sha256(tag + b"".join(parts)).hexdigest()

def lp(content):
    content = content if isinstance(content, bytes) else content.encode()
    return struct.pack(">Q", len(content)) + content

def leaf(where, kind, name, recorded, content):
    checked["leaves"] += 1
    if digest(b"fft-leaf-v1", lp(kind), lp(name), lp(content)) != recorded:
        problems.append(f"{where}: {kind} {name}: its content doesn't have the digest {recorded}")

def kept(where, kind, name, recorded):
    if recorded not in evidence:
        checked["not kept"] += 1
        return False
    try:
        leaf(where, kind, name, recorded, zlib.decompress(evidence[recorded]))
    except zlib.error as error:
        problems.append(f"{where}: {kind} {name}: its content in evidence.pack can't be read: {error}")
    return True

def fingerprint(where, found):
    parts, left, checked["fingerprints"] = [], [], checked["fingerprints"] + 1
    for one in found["components"]:
        kind, name, recorded = one["kind"], one["name"], one["digest"]
        try:
            parts += lp(kind), lp(name), bytes([one["present"]]), bytes.fromhex(recorded)
        except ValueError:
            problems.append(f"{where}: {kind} {name}: {recorded} is no digest")
        if one.get("withheld") or kind == "env" and one["present"] and "key_id" in found:
            checked["withheld" if one.get("withheld") else "keyed"] += 1
            left.append(f"{kind} {name}")
        elif "value" in one or not one["present"]:
            leaf(where, kind, name, recorded, one.get("value", ""))
        elif not kept(where, kind, name, recorded):
            left.append(f"{kind} {name}")
    for one in found["inputs"]:
        if one["kind"] in ("template", "macro"):
            kept(where, one["kind"], one["name"], one["digest"])
        elif one["kind"] == "var":
            leaf(where, "var", one["name"], one["digest"], one["value"])
    if digest(b"fft-node-v1", *parts) != found["value"]:
        problems.append(f"{where}: its components don't give its fingerprint {found['value']}"
                        + (f"; not recomputed among these: {', '.join(left)}" if left else ""))

def load(path, default=None):
    try:
        return json.loads(path.read_bytes()) if path.exists() else default
    except ValueError as error:
        problems.append(f"{path.relative_to(folder)}: can't be read: {error}")

evidence, at = {}, 0
pack = (folder / "evidence.pack").read_bytes() if (folder / "evidence.pack").exists() else b""
while pack[at:at + 4] == b"FFE2" and len(pack) >= at + 40:
    end = at + 40 + struct.unpack(">I", pack[at + 36:at + 40])[0]
    if end > len(pack):
        break
    evidence[pack[at + 4:at + 36].hex()], at = pack[at + 40:end], end
if at < len(pack):
    problems.append(f"evidence.pack: can't be read from byte {at} on")

if not (folder / "target/manifest.json").is_file():
    sys.exit(f"{folder} holds no target/manifest.json: name a project's .fastflowtransform folder")
for name, node in (load(folder / "target/manifest.json") or {"nodes": {}})["nodes"].items():
    fingerprint(f"target/manifest.json: {name}", node["fingerprint"])

pruned, last = load(folder / "pruned.json", {}) or {}, None
for path in sorted(folder.glob("runs/*.json")):
    checked["runs"] += 1
    where, run = f"runs/{path.name}", load(path)
    if run:
        if run["results"]["metadata"]["run_id"] != path.stem:
            problems.append(f"{where}: it is the record of another run")
        before = run["previous"] or {"run_id": None, "digest": None}
        between = last and last[0] < (before["run_id"] or "") < path.stem
        known = last[1] if last and last[0] == before["run_id"] else pruned.get(before["run_id"]) if between else None
        if last and known != before["digest"]:
            problems.append(f"{where}: {before['run_id']}, the run before it, is missing or was changed")
        for name, node in run["fingerprints"].items():
            if "full" in node:
                fingerprint(f"{where}: {name}", node["full"])
                if node["full"]["value"] != node["value"]:
                    problems.append(f"{where}: {name}: it has two fingerprints")
    last = path.stem, hashlib.sha256(path.read_bytes()).hexdigest(), run
if last and last[2] and last[2]["results"] != load(folder / "target/run_results.json"):
    problems.append(f"target/run_results.json: it tells something else than runs/{last[0]}.json")

print(*problems, sep="\n", end="\n" if problems else "")
print("recomputed:", ", ".join(f"{checked[what]} {what}" for what in ("fingerprints", "leaves", "runs")))
print("not recomputed:", ", ".join(f"{checked[what]} {what}" for what in ("withheld", "keyed", "not kept")))
print(f"{len(problems)} mismatches" if problems else "all of it agrees")
sys.exit(1 if problems else 0)
