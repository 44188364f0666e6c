"""BigQuery's front door for tests: who asks, what a query would cost, and the refusals that an emulator leaves out,
in front of local-bigquery, which runs BigQuery's SQL and REST API on DuckDB.

    python bigquery_facade.py DIR PORT PROJECT [SECONDS]

PORT is the emulator's. Makes a service account's key file, DIR/service-account.json, whose `token_uri` is this
server; listens on an unused port of 127.0.0.1 and writes it to DIR/port. SECONDS is how long an access token lives
(3600).

Added here, as BigQuery documents it: the token endpoint for service accounts (the assertion's signature, issuer,
audience and times are checked); 401 for a missing, wrong or outlived token; 403 for another project;
`totalBytesProcessed` and `totalBytesBilled` of queries and dry runs, and `maximumBytesBilled`, which refuses a
query that would bill more; label keys and values that BigQuery doesn't take; places in errors of unknown names and
of syntax, and the names of unknown types; that no table is replaced by one with other partitions or clusters.

Mended here: giving a table another name, which the emulator refuses, is a copy and a drop; a load of Parquet isn't told
the schema of the table that it adds to, by which the emulator takes bytes for base64.

Not BigQuery: a query's bytes are those of the whole tables that it names, whatever columns it reads, at 10 MB a
table at least where billed; no quotas, no rate limits, no partition pruning, no permissions within the project. DDL
in a transaction works here and doesn't there; names of tables differ by case there and not here.
"""

import base64
import datetime
import http.client
import json
import re
import secrets
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EMAIL = "fft@test.iam.gserviceaccount.com"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# A billed table counts with this much at least.
LEAST_BILLED = 10 * 1024 * 1024
STATUSES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"}


# A statement that replaces a table: its name, and what it says of partitions and clusters.
LAYOUT = re.compile(
    r"\s*(?:/\*.*?\*/\s*)?create or replace table (\S+)(?: partition by (.*?))?(?: cluster by (.*?))?"
    r"(?: options\(labels=\[[^\]]*\]\))? as \(\n",
    re.IGNORECASE,
)


class Refusal(Exception):
    """An answer other than the emulator's: its status and its body."""

    def __init__(self, status: int, reason: str, message: str, **place: str):
        super().__init__(message)
        detail = {"message": message, "domain": "global", "reason": reason, **place}
        told = {"code": status, "message": message, "errors": [detail], "status": STATUSES[status]}
        self.status, self.body = status, {"error": told}


class Gate:
    """Who may come in: a service account by its key, then by the tokens it was given."""

    def __init__(self, folder: Path, url: str, project: str, lifetime: float):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public, self.token_uri, self.lifetime = key.public_key(), f"{url}/token", lifetime
        self.project, self.tokens = project, {}
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        account = {
            "type": "service_account",
            "project_id": project,
            "private_key_id": secrets.token_hex(20),
            "private_key": key.private_bytes(*form).decode(),
            "client_email": EMAIL,
            "client_id": "1",
            "token_uri": self.token_uri,
        }
        (folder / "service-account.json").write_text(json.dumps(account, indent=2))

    def token(self, payload: bytes) -> tuple[int, dict]:
        form = dict(urllib.parse.parse_qsl(payload.decode()))
        if form.get("grant_type") != GRANT:
            return 400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}
        try:
            head, body, signature = form["assertion"].split(".")
            data = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (head, body, signature)]
            self.public.verify(data[2], f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
            claims, now = json.loads(data[1]), time.time()
            known = claims["iss"] == EMAIL and claims["aud"] == self.token_uri and claims["scope"]
            lives = claims["iat"] - 60 <= now < claims["exp"] <= claims["iat"] + 3600
            if not (known and lives):
                return 400, {"error": "invalid_grant", "error_description": "Invalid JWT: issuer, audience or times"}
        except (KeyError, ValueError, TypeError, InvalidSignature):
            return 400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
        token = f"ya29.{secrets.token_urlsafe(32)}"
        self.tokens[token] = now + self.lifetime
        return 200, {"access_token": token, "expires_in": int(self.lifetime), "token_type": "Bearer"}

    def check(self, headers, path: str) -> None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(token, 0) < time.time():
            words = "Request had invalid authentication credentials. Expected OAuth 2 access token."
            raise Refusal(401, "authError", words, location="Authorization", locationType="header")
        project = re.search(r"/projects/([^/]+)", path)
        if project and project[1] != self.project:
            words = f"Access Denied: Project {project[1]}: User does not have bigquery.jobs.create permission in it."
            raise Refusal(403, "accessDenied", words)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate
    emulator: int
    own: str

    def reply(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urllib.parse.urlsplit(self.path).path
        headers: dict[str, str] = {}
        try:
            if (self.command, path) == ("POST", "/token"):
                status, body = self.gate.token(payload)
            else:
                self.gate.check(self.headers, path)
                status, headers, body = self.served(path, payload)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = reply

    def served(self, path: str, payload: bytes) -> tuple[int, dict, dict | None]:
        """The emulator's answer, amended."""
        asked = self.asked(path, payload)
        query = asked.get("query") or ""
        for key, value in re.findall(r"\(\s*['\"]([^'\"]*)['\"]\s*,\s*['\"]([^'\"]*)['\"]\s*\)", labels(query)):
            if not re.fullmatch(r"[^\W\d_][\w-]{0,62}", key) or key != key.lower():
                raise Refusal(400, "invalid", f'Label key "{key}" has invalid characters or is too long.')
            if not re.fullmatch(r"[\w-]{0,63}", value) or value != value.lower():
                raise Refusal(400, "invalid", f'Label value "{value}" has invalid characters or is longer than 63.')
        if limit := asked.get("maximumBytesBilled"):
            billed = self.bytes(self.dry(asked))[1]
            if billed > int(limit):
                words = f"Query exceeded limit for bytes billed: {limit}. {billed} or higher required."
                raise Refusal(400, "bytesBilledLimitExceeded", words)
        if laid := LAYOUT.match(query):
            self.laid_out(laid)
        if path.startswith("/upload/"):
            payload = without_schema(payload)
        renamed, kept = self.renamed(query)
        if renamed:
            payload = payload.replace(json.dumps(query)[1:-1].encode(), json.dumps(renamed)[1:-1].encode())
        status, headers, body = self.ask(self.command, self.path, payload)
        if renamed and status == 200:
            body = self.ended(body)
            self.ask("PATCH", kept[0], json.dumps(kept[1]).encode())
        if isinstance(body, dict):
            self.place(body, query)
            self.count(path, body)
        return status, headers, body

    def laid_out(self, laid: re.Match) -> None:
        """Refuses to replace a table by one whose rows are stored otherwise."""
        project, dataset, table = self.named(laid[1])
        told = self.ask("GET", where_is(project, dataset, table))[2] or {}
        for words, key, found in (("partitioning", "timePartitioning", laid[2]), ("clustering", "clustering", laid[3])):
            fields = told.get(key, {}).get("fields") or [told.get(key, {}).get("field")]
            differs = bool(found) != (key in told) or found and not all(field in found for field in filter(None, fields))
            if told.get("type") == "TABLE" and differs:
                words = f"Cannot replace a table with a different {words} spec. Instead, DROP the table, and then recreate it."
                raise Refusal(400, "invalidQuery", words)

    def ended(self, job: dict) -> dict:
        """A job once it is done."""
        where = f"/bigquery/v2/projects/{self.gate.project}/jobs/{job['jobReference']['jobId']}"
        while job["status"]["state"] != "DONE":
            time.sleep(0.1)
            job = self.ask("GET", where)[2]
        return job

    def named(self, text: str) -> list[str]:
        """Project, dataset and name of a relation as a statement has it."""
        return [self.gate.project, *(part.strip("`") for part in text.split("."))][-3:]

    def renamed(self, query: str) -> tuple[str | None, tuple]:
        """What the emulator can do in the place of giving a table another name, and the table with what it is to keep;
        nothing of any other statement."""
        found = re.fullmatch(r"\s*(?:/\*.*?\*/\s*)?alter table (\S+) rename to (\S+)\s*", query, re.IGNORECASE)
        if not found:
            return None, ()
        project, dataset, table = self.named(found[1])
        told = self.ask("GET", where_is(project, dataset, table))[2] or {}
        new = f"`{project}`.`{dataset}`.{found[2]}"
        where = where_is(project, dataset, found[2].strip("`"))
        kept = {key: told[key] for key in ("labels", "timePartitioning", "clustering") if key in told}
        return f"create table {new} copy {found[1]};\ndrop table {found[1]}", (where, kept)

    def asked(self, path: str, payload: bytes) -> dict:
        """The query that a request is for, with its settings; empty for any other."""
        if self.command != "POST" or not re.search(r"^/bigquery/.*/(jobs|queries)$", path):
            return {}
        try:
            request = json.loads(payload)
        except ValueError:
            return {}
        return request if path.endswith("/queries") else request.get("configuration", {}).get("query", {})

    def ask(self, method: str, path: str, payload: bytes = b"") -> tuple[int, dict, dict | None]:
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator, timeout=600)
        passed = {name: self.headers[name] for name in ("Content-Type", "Content-Range") if name in self.headers}
        passed |= {name: value for name, value in self.headers.items() if name.lower().startswith("x-upload-")}
        connection.request(method, path, payload, passed)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        # A resumable upload is told where to go on.
        headers = {name: answer.headers[name] for name in ("Location", "Range") if name in answer.headers}
        if "Location" in headers:
            headers["Location"] = re.sub(r"^https?://[^/]+", self.own, headers["Location"])
        return answer.status, headers, json.loads(data) if data else None

    def bytes(self, job: dict) -> tuple[int, int]:
        """What a job's query reads, and what that is billed as."""
        sizes: dict[tuple, int] = {}
        self.measure(job, sizes)
        return sum(sizes.values()), sum(max(size, LEAST_BILLED) for size in sizes.values())

    def measure(self, job: dict, sizes: dict[tuple, int]) -> None:
        """Adds the sizes of the tables that a job's query names, those behind views among them."""
        query = job.get("statistics", {}).get("query", {})
        if query.get("statementType") == "CREATE_VIEW":
            return
        for table in query.get("referencedTables", []):
            where = where_is(table["projectId"], table["datasetId"], table["tableId"])
            status, _, told = self.ask("GET", where)
            if status == 200 and told["type"] == "TABLE":
                sizes[tuple(table.values())] = int(told["numBytes"])
            elif status == 200 and told["type"] == "VIEW":
                self.measure(self.dry({"query": told["view"]["query"]}), sizes)

    def dry(self, asked: dict) -> dict:
        """The job that a query would be; an error where it can't be one."""
        job = {"configuration": {"dryRun": True, "query": {**asked, "useLegacySql": False}}}
        return self.ask("POST", f"/bigquery/v2/projects/{self.gate.project}/jobs", json.dumps(job).encode())[2] or {}

    def count(self, path: str, body: dict) -> None:
        """Fills in the bytes where the emulator says 0."""
        if body.get("kind") == "bigquery#job" and "query" in body.get("statistics", {}):
            read, billed = self.bytes(body)
            statistics = body["statistics"]
            statistics["totalBytesProcessed"] = statistics["query"]["totalBytesProcessed"] = str(read)
            if "endTime" in statistics and not body["configuration"].get("dryRun"):
                statistics["query"]["totalBytesBilled"] = str(billed)
                slots = max(1, int(statistics["endTime"]) - int(statistics["startTime"]))
                statistics["totalSlotMs"] = statistics["query"]["totalSlotMs"] = str(slots)
        elif body.get("jobComplete") and "jobId" in body.get("jobReference", {}):
            where = f"/bigquery/v2/projects/{self.gate.project}/jobs/{body['jobReference']['jobId']}"
            status, _, job = self.ask("GET", where)
            if status == 200 and job:
                body["totalBytesProcessed"] = str(self.bytes(job)[0])

    def place(self, body: dict, query: str) -> None:
        """Says where in the query an unknown name is, as BigQuery does."""
        told = [body.get("error"), *(body.get("error") or {}).get("errors", [])]
        told += [body.get("status", {}).get("errorResult")] if isinstance(body.get("status"), dict) else []
        for one in filter(None, told):
            name = re.fullmatch(r"Unrecognized name: (\w+)", one["message"])
            found = name and re.search(rf"(?<!\w){re.escape(name[1])}(?!\w)", query, re.IGNORECASE)
            if found:
                one["message"] += f" at {place_of(query, found.start())}"
            one["message"] = syntax(one["message"], query)
            if missing := re.match(r'Schema "(.*?)" not found in \w+ "(.*?)"', one["message"]):
                one["reason"] = "notFound"
                one["message"] = f"Not found: Dataset {missing[2]}:{missing[1]} was not found in location US"

    def log_message(self, format: str, *arguments: object) -> None:
        now = datetime.datetime.now().isoformat(timespec="seconds")
        sys.stderr.write(f"{now} {format % arguments}\n")


# Words that a cast may have behind `as`, in small letters.
TYPES = """array bigint bignumeric bool boolean byteint bytes date datetime decimal float64 geography int int64 integer
    interval json numeric smallint string struct time timestamp tinyint""".split()


def without_schema(payload: bytes) -> bytes:
    """A multipart upload whose job, its first part, says nothing of a schema."""
    head, job, rest = payload.split(b"\r\n\r\n", 2)[0], *payload.split(b"\r\n\r\n", 1)[1].split(b"\r\n", 1)
    told = json.loads(job)
    if told.get("configuration", {}).get("load", {}).get("sourceFormat") == "PARQUET":
        told["configuration"]["load"].pop("schema", None)
    return b"\r\n".join([head + b"\r\n", json.dumps(told).encode(), rest])


def where_is(*names: str) -> str:
    """The path of a relation, given its project, dataset and name."""
    project, dataset, table = (urllib.parse.quote(name, safe="") for name in names)
    return f"/bigquery/v2/projects/{project}/datasets/{dataset}/tables/{table}"


def place_of(query: str, start: int) -> str:
    line = query.count("\n", 0, start) + 1
    return f"[{line}:{start - query.rfind(chr(10), 0, start)}]"


def syntax(message: str, query: str) -> str:
    """An error of syntax as BigQuery tells it: by the first word that can't stand where it does."""
    casts = re.finditer(r"\bas (\w+)\)", query, re.IGNORECASE)
    unknown = next((kind for kind in casts if kind[1].lower() not in TYPES), None)
    if unknown and re.match("Syntax error: (Error tokenizing|Expected TYPE)", message):
        return f"Type not found: {unknown[1]} at {place_of(query, unknown.start(1))}"
    found = re.fullmatch(r"Syntax error: (.*) at \[(\d+):(\d+)\]", message, re.DOTALL)
    if not found:
        return message
    lines = query.split("\n")
    start = sum(len(line) + 1 for line in lines[: int(found[2]) - 1]) + int(found[3]) - 1
    # The emulator tells the word before the one that it doesn't expect.
    behind = re.compile(r"\w+\s+(\w+)").match(query, start)
    if re.search("got keyword|Unexpected token|Expecting", found[1]) and behind:
        return f'Syntax error: Unexpected identifier "{behind[1]}" at {place_of(query, behind.start(1))}'
    return message


def labels(query: str) -> str:
    """What a statement's options say of labels."""
    found = re.search(r"\blabels\s*=\s*\[([^\]]*)\]", query, re.IGNORECASE)
    return found[1] if found else ""


def main() -> None:
    folder, emulator, project = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    lifetime = float(sys.argv[4]) if len(sys.argv) > 4 else 3600.0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.own, Handler.emulator = f"http://127.0.0.1:{server.server_port}", emulator
    Handler.gate = Gate(folder, Handler.own, project, lifetime)
    (folder / "port.new").write_text(f"{server.server_port}\n")
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
