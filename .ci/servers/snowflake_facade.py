"""A Snowflake account for tests: the SQL API v2 (`/api/v2/statements`) in front of fakesnow, which runs Snowflake's
SQL on DuckDB in memory.

    python snowflake_facade.py DIR [SECONDS]

Makes a key pair and a programmatic access token in DIR, listens on an unused port of 127.0.0.1, and writes the port
to DIR/port. SECONDS is how long a statement may take before it is answered by 202 (Snowflake's own 45 where left
out).

As Snowflake documents it: key-pair JWTs (signature, issuer with the key's fingerprint, subject, expiry), `async`,
202 with a status URL, `requestId` with `retry`, `timeout`, cancel, partitions (the first in the answer, the others
gzipped), several statements in one request, bindings, jsonv2 values, statistics of DML, error codes, SQLSTATEs and
the wording and positions of the commonest errors. A request is a session of its own: nothing but data outlives it.

Not Snowflake: what fakesnow doesn't know fails with code 009999 or an error in DuckDB's words; warehouses and roles
are taken and ignored, as are session parameters but MULTI_STATEMENT_COUNT; types told of integers are DuckDB's;
TIMESTAMP_LTZ is TIMESTAMP_TZ, always in UTC; DDL doesn't end a transaction; names that differ by case alone are one
name, though each is told as it was written; a schema's name may have no double quotes. Added to fakesnow here: views and their
comments in INFORMATION_SCHEMA.TABLES, comments that go when a relation is replaced without one, SYSTEM$WAIT, and
EXPLAIN USING JSON, whose bytes are rows × columns × 8 of the tables that the query names, itself or by views;
GET_QUERY_OPERATOR_STATS tells the same of a statement that ran. AS_DOUBLE and its like, and TYPEOF, tell the type that a
value has in front of TO_VARIANT, in DuckDB's words, of which DOUBLE is Snowflake's too. MERGE is DuckDB's. LAST_ALTERED is the time of a relation's last
statement. NUMBER(38, 0) holds what it says where it is written out; other whole numbers have 64 bits.
"""

import base64
import datetime
import decimal
import gzip
import hashlib
import io
import json
import math
import re
import secrets
import sys
import threading
import time
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

import duckdb
import sqlglot
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
import fakesnow.transforms
from fakesnow import cursor, info_schema
from fakesnow.converter import from_binding
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.transforms import transforms
from snowflake.connector import errors
from snowflake.connector.util_text import split_statements
from sqlglot import exp
from sqlglot.errors import SqlglotError

ACCOUNT, USER, DATABASE = "TESTORG-TESTACCOUNT", "FFT", "TEST"
ROWS_OF_A_PARTITION = 10_000
LONGEST_TOKEN = 3600
EPOCH = datetime.datetime(1970, 1, 1)
# What DuckDB says of statements that were in each other's way; in an account they wait for each other.
IN_THE_WAY = re.compile(r"conflict|another transaction", re.I)
ATTEMPTS = 20
ALTERED = "_fs_global._fs_information_schema._altered"


# What a value in a VARIANT is taken for by a function, in DuckDB's words. It has one type of instants.
TAKEN_FOR = {
    "AS_DATE": "DATE",
    "AS_DOUBLE": "DOUBLE",
    "AS_TIME": "TIME",
    "AS_TIMESTAMP_LTZ": "",
    "AS_TIMESTAMP_NTZ": "TIMESTAMP",
    "AS_TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
}


class Quoted(Template):
    """A text in quotes with names in it, some of which have quotes."""

    def substitute(self, **names: str) -> str:
        return super().substitute(**{key: str(name).replace("'", "''") for key, name in names.items()})


class Refusal(Exception):
    """An answer other than 200: its status and its body."""

    def __init__(self, status: int, code: str, message: str, **more: object):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message, **more}


# --- Who asks ---------------------------------------------------------------------------------------------------------


class Identity:
    """The user's key pair and token, made anew in a folder."""

    def __init__(self, folder: Path):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = key.public_key()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
        (folder / "rsa_key.p8").write_bytes(key.private_bytes(*form, serialization.NoEncryption()))
        der = self.public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.issuer = f"{ACCOUNT}.{USER}.SHA256:{base64.b64encode(hashlib.sha256(der).digest()).decode()}"
        self.token = secrets.token_urlsafe(32)
        (folder / "token").write_text(self.token)

    def check(self, headers) -> None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        kind = headers.get("X-Snowflake-Authorization-Token-Type", "KEYPAIR_JWT" if token.count(".") == 2 else "OAUTH")
        if scheme != "Bearer" or not token:
            raise Refusal(401, "390101", "Authorization header not found in the request data.")
        if kind == "KEYPAIR_JWT":
            if not self.signed(token):
                raise Refusal(401, "390144", f"JWT token is invalid. [{uuid.uuid4()}]")
        elif kind != "PROGRAMMATIC_ACCESS_TOKEN" or not secrets.compare_digest(token, self.token):
            raise Refusal(401, "390303", f"Invalid OAuth access token. [{uuid.uuid4()}]")

    def signed(self, token: str) -> bool:
        try:
            head, body, signature = token.split(".")
            data = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (head, body, signature)]
            self.public.verify(data[2], f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
            claims, now = json.loads(data[1]), time.time()
            # An hour after its issue a token is refused, whatever its own expiry.
            lives = now < claims["exp"] and claims["iat"] - 60 <= now < claims["iat"] + LONGEST_TOKEN
            known = claims["iss"] == self.issuer and claims["sub"] == f"{ACCOUNT}.{USER}"
            return json.loads(data[0])["alg"] == "RS256" and known and lives
        except (ValueError, KeyError, TypeError, InvalidSignature):
            return False


# --- What runs --------------------------------------------------------------------------------------------------------


def database() -> FakeSnow:
    """fakesnow with a database, and with what INFORMATION_SCHEMA.TABLES is to tell of views and comments."""
    for name in ("SCHEMA", "TABLE", "VIEW"):
        setattr(cursor, f"SQL_CREATED_{name}", Quoted(getattr(cursor, f"SQL_CREATED_{name}").template))
    cursor.SQL_DROPPED = Quoted(cursor.SQL_DROPPED.template)
    # It would hold 64 bits else.
    transforms.NUMBER_38_0 = None
    to_variant = fakesnow.transforms.to_variant
    fakesnow.transforms.to_variant = lambda expression: taken_for(expression) or to_variant(expression)
    # DuckDB's own does all or nothing, and takes aliases.
    fakesnow.transforms.merge = told_by_row
    tables = info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template
    names = "database_name, tables.schema_name, tables.table_name"
    altered = f"(select max(moment) from {ALTERED} where relation = [tables.{names}])"
    tables = tables.replace('to_timestamp(0)::timestamptz AS "LAST_ALTERED"', f'{altered} AS "LAST_ALTERED"')
    views = tables[tables.index("select") :]
    for left, right in [
        ("duckdb_tables tables", "duckdb_views tables"),
        ("tables.table_name", "tables.view_name"),
        ("'BASE TABLE'", "'VIEW'"),
        ("tables.estimated_size", "NULL::BIGINT"),
    ]:
        views = views.replace(left, right)
    both = Template(f"{tables} union all {views} and not tables.internal")
    info_schema.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = both
    comment = info_schema.insert_table_comment_sql
    info_schema.insert_table_comment_sql = lambda *words: comment(*[str(word).replace("'", "''") for word in words])
    account = FakeSnow(create_database_on_connect=True, create_schema_on_connect=True)
    account.duck_conn.execute(f"create table if not exists {ALTERED} (relation varchar[], moment timestamptz)")
    account.connect(DATABASE, "PUBLIC").close()
    account.create_database_on_connect = account.create_schema_on_connect = False
    return account


def taken_for(expression: exp.Expression) -> exp.Expression | None:
    """What asks for the type of a value in a VARIANT, as it is asked of the value itself; else nothing."""
    inner = expression.expressions[0] if isinstance(expression, exp.Anonymous) and expression.expressions else expression.this
    if not isinstance(inner, exp.ToVariant):
        return None
    kind = exp.Typeof(this=inner.this.copy())
    if isinstance(expression, exp.Typeof):
        return kind
    if not isinstance(expression, exp.Anonymous) or expression.name.upper() not in TAKEN_FOR:
        return None
    wanted = TAKEN_FOR[expression.name.upper()]
    if not wanted:
        return exp.null()
    text = exp.cast(inner.this.copy(), "text")
    value = exp.TryCast(this=text, to=exp.DataType.build(wanted, dialect="duckdb"))
    return exp.Case(ifs=[exp.If(this=kind.eq(wanted), true=value)])


class Statement:
    """One statement, or several sent together: what it does, and what came of it."""

    def __init__(self, text: str, request: dict, parent: "Statement | None" = None):
        self.handle = str(uuid.uuid4())
        self.text, self.request = text, request
        self.created = int(time.time() * 1000)
        self.url = f"/api/v2/statements/{self.handle}"
        self.done, self.cancelled = threading.Event(), threading.Event()
        self.children: list[Statement] = []
        self.parent = parent
        self.connection = None
        self.failure: Refusal | None = None
        self.types: list[dict] = []
        self.rows: list[list[str | None]] = []
        self.stats: dict[str, int] | None = None
        self.read = 0

    def run(self, account: FakeSnow) -> None:
        """To its end, on a session of its own."""
        request = self.request
        try:
            self.connection = account.connect(request.get("database", DATABASE), request.get("schema"))
            for child in self.children or [self]:
                child.connection = self.connection
                child.execute()
            # Another session would see what is left open as if it had never been.
            self.connection.close()
        except Refusal as refusal:
            self.fail(refusal)
        except Exception as error:  # noqa: BLE001 a fault here is the server's, and the client is to hear of it
            self.fail(Refusal(500, "261000", f"{type(error).__name__}: {error}"))
        finally:
            for statement in [*self.children, self]:
                statement.done.set()

    def fail(self, refusal: Refusal) -> None:
        own = {"statementHandle": self.handle, "createdOn": self.created, "statementStatusUrl": self.url}
        self.failure = self.failure or Refusal(refusal.status, **{**refusal.body, **own})

    def stop(self, failure: Refusal) -> None:
        """Ends it from another thread."""
        self.fail(failure)
        self.cancelled.set()
        if self.connection:
            self.connection._duck_conn.interrupt()

    def execute(self) -> None:
        if (self.parent or self).cancelled.is_set():
            raise cancellation()
        try:
            if self.special():
                return
            self.read = sum(size for _, size in scans(self.connection, parse_one(self.text)))
            ran = self.once_alone()
            keep_comment(self.connection, ran._last_transformed)
            keep_time(self.connection, ran._last_transformed)
            columns = [column.to_pylist() for column in ran._arrow_table.columns]
            if isinstance(ran._last_transformed, exp.Merge):
                self.types = [number_column(f"number of rows {action}") for action in ACTIONS.values()]
                self.rows = [[str(columns[0].count(action)) for action in ACTIONS]]
            else:
                self.types = describe_as_rowtype(
                    [(name, known_type(kind), *more) for name, kind, *more in ran._describe_last_sql()]
                )
                self.rows = [[shown(*pair) for pair in zip(self.types, row)] for row in zip(*columns)]
            self.stats = statistics(self.types, self.rows)
        except (errors.Error, duckdb.Error, SqlglotError) as error:
            refusal = cancellation() if (self.parent or self).cancelled.is_set() else explained(error, self.text)
            self.fail(refusal)
            raise refusal from error

    def once_alone(self):
        """Runs it, again where another one was in its way."""
        for attempt in range(ATTEMPTS):
            ran = self.connection.cursor()
            try:
                ran.execute(self.text, binding_params=bindings(self.request), server=True)
                return ran
            except (errors.Error, duckdb.Error) as error:
                if not IN_THE_WAY.search(str(error)) or attempt == ATTEMPTS - 1 or self.cancelled.is_set():
                    raise
                time.sleep(0.02 * (attempt + 1))

    def special(self) -> bool:
        """Runs what fakesnow can't, if it is that."""
        if found := re.fullmatch(
            r"\s*(?:select|call)\s+system\$wait\((\d+)(?:,\s*'(\w+)')?\)\s*;?\s*", self.text, re.I
        ):
            seconds = int(found[1]) * {None: 1, "SECONDS": 1, "MINUTES": 60}[found[2] and found[2].upper()]
            if (self.parent or self).cancelled.wait(seconds):
                raise cancellation()
            self.answer("SYSTEM$WAIT", f"waited {seconds} seconds")
        elif found := re.match(r"\s*explain\s+using\s+json\s+", self.text, re.I):
            self.answer("content", json.dumps(plan(self.connection, self.text[found.end() :])))
        elif found := re.fullmatch(r"(?s)(select .*) from table\(get_query_operator_stats\('([^']*)'\)\)", self.text, re.I):
            statement = STATEMENTS.get(found[2])
            if statement is None or "io.bytes_scanned" not in found[1].lower():
                raise Refusal(422, "000709", f"Statement {found[2]} not found", sqlState="02000")
            self.types, self.rows = [number_column("BYTES")], [[str(statement.read)]]
        else:
            return False
        return True

    def answer(self, column: str, value: str) -> None:
        self.types, self.rows = [text_column(column)], [[value]]

    def body(self, partition: int) -> dict:
        """The answer to who asks for it, once it is done."""
        if self.failure:
            raise self.failure
        cuts = range(0, max(len(self.rows), 1), ROWS_OF_A_PARTITION)
        parts = [self.rows[cut : cut + ROWS_OF_A_PARTITION] for cut in cuts]
        if partition >= len(parts):
            raise Refusal(400, "391907", f"Partition {partition} doesn't exist.")
        if partition > 0:
            return {"data": parts[partition]}
        sizes = [{"rowCount": len(part), "uncompressedSize": len(json.dumps(part))} for part in parts]
        metadata = {"numRows": len(self.rows), "format": "jsonv2", "partitionInfo": sizes, "rowType": self.types}
        body = {"resultSetMetaData": metadata, "data": parts[0], "code": "090001", "sqlState": "00000"}
        body |= {"message": "Statement executed successfully.", "createdOn": self.created}
        body |= {"statementHandle": self.handle, "statementStatusUrl": self.url}
        if self.children:
            body |= {"statementHandles": [child.handle for child in self.children]}
        return body | ({"stats": self.stats} if self.stats else {})


STATEMENTS: dict[str, Statement] = {}

# What a merge does with a row, as DuckDB and as the account says it.
ACTIONS = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


def cancellation() -> Refusal:
    return Refusal(422, "000604", "SQL execution canceled", sqlState="57014")


def known_type(duckdb_type: str) -> str:
    """One that fakesnow can tell in Snowflake's words: a nested value is a VARIANT."""
    if re.search(r"\[|^(STRUCT|MAP|UNION)\(", duckdb_type):
        return "JSON"
    return {"TINYINT": "INTEGER", "SMALLINT": "INTEGER", "FLOAT": "DOUBLE"}.get(duckdb_type, duckdb_type)


def bindings(request: dict) -> object:
    given = request.get("bindings")
    if not given:
        return None
    try:
        values = {name: None if one["value"] is None else from_binding(one) for name, one in given.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(422, "100037", f"a bind value is not recognized: {error}", sqlState="22018") from error
    return tuple(values[str(place + 1)] for place in range(len(values))) if "1" in values else values


def told_by_row(statement: exp.Expression) -> list[exp.Expression]:
    """A merge that gives what it does with each row."""
    if isinstance(statement, exp.Merge):
        statement.set("returning", exp.Returning(expressions=[exp.column("merge_action")]))
    return [statement]


def keep_comment(connection, statement: exp.Expression) -> None:
    """Lets a comment go with its relation: along when that is renamed, away when it is dropped or replaced without."""

    def place(table: exp.Table) -> list[str]:
        return [table.catalog or connection.database, table.db or connection.schema, table.name]

    comments = "_fs_global._fs_information_schema._fs_tables_ext"
    named = "ext_table_catalog = ? and ext_table_schema = ? and ext_table_name = ?"
    database, table = connection._duck_conn.cursor(), statement.find(exp.Table)
    actions = statement.args.get("actions") or []
    if isinstance(statement, exp.Alter) and isinstance(actions[0], exp.AlterRename):
        target = place(actions[0].this)
        database.execute(f"delete from {comments} where {named}", target)
        sets = "ext_table_catalog = ?, ext_table_schema = ?, ext_table_name = ?"
        database.execute(f"update {comments} set {sets} where {named}", [*target, *place(table)])
        return
    made = isinstance(statement, exp.Create) and not statement.args.get("exists")
    relation = (made or isinstance(statement, exp.Drop)) and statement.kind in ("TABLE", "VIEW")
    if relation and (statement.args.get("table_comment") or (None, None))[1] is None:
        database.execute(f"delete from {comments} where {named}", place(table))


def keep_time(connection, statement: exp.Expression) -> None:
    """Takes note of when a relation was changed."""
    changes = (exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Alter, exp.TruncateTable)
    table = statement.find(exp.Table) if isinstance(statement, changes) else None
    if table:
        names = [table.catalog or connection.database, table.db or connection.schema, table.name]
        now = datetime.datetime.now(datetime.UTC)
        connection._duck_conn.cursor().execute(f"insert into {ALTERED} values (?, ?)", [names, now])


def scans(connection, query: exp.Expression, home: list[str] | None = None) -> list[tuple[str, int]]:
    """The tables that a query reads, itself or by views, each with its bytes."""
    home = home or [connection.database or "", connection.schema or ""]
    tables = list(query.find_all(exp.Table))
    # The first is what it makes or changes.
    read = tables[1:] if isinstance(query, (exp.Create, exp.Insert, exp.Update, exp.Delete, exp.Merge)) else tables
    found = []
    for table in read:
        names = [(table.catalog or home[0]).upper(), (table.db or home[1]).upper(), table.name.upper()]
        where = "where upper(database_name) = ? and upper(schema_name) = ? and upper({}_name) = ?"
        run = connection._duck_conn.cursor().execute
        name = "database_name || '.' || schema_name || '.' || table_name"
        size = "estimated_size * column_count * 8"
        found += run(f"select {name}, {size} from duckdb_tables {where.format('table')}", names).fetchall()
        for (text,) in run(f"select sql from duckdb_views {where.format('view')} and not internal", names).fetchall():
            view = sqlglot.parse_one(text, dialect="duckdb")
            found += scans(connection, view, names[:2])
    return found


def plan(connection, query: str) -> dict:
    """What EXPLAIN USING JSON tells of a query that is valid."""
    connection.cursor().execute(f"explain {query}")
    operations, total = [{"id": 0, "operation": "Result"}], 0
    for name, size in scans(connection, parse_one(query)):
        scan = {"id": len(operations), "operation": "TableScan", "objects": [name], "parentOperators": [0]}
        operations.append(scan | {"partitionsTotal": 1, "partitionsAssigned": 1, "bytesAssigned": size})
        total += size
    count = len(operations) - 1
    return {
        "GlobalStats": {"partitionsTotal": count, "partitionsAssigned": count, "bytesAssigned": total},
        "Operations": [operations],
    }


def explained(error: Exception, text: str) -> Refusal:
    """An error of fakesnow, of DuckDB or of the parser, in Snowflake's words where they are known."""
    message = re.sub(r"^\d{6} \(\w+\): ", "", getattr(error, "msg", None) or str(error))
    message = re.sub(r"\x1b\[\d+m", "", message)

    def place(start: int) -> str:
        line_start = text.rfind("\n", 0, start) + 1
        return f"line {text.count(chr(10), 0, start) + 1} at position {start - line_start}"

    compilation = "SQL compilation error:"
    if found := re.search(r'Referenced column "([^"]+)" (?:was )?not found', message):
        named = re.search(rf"(?<!\w){re.escape(found[1])}(?!\w)", text, re.I)
        told = f"{compilation} error {place(named.start() if named else 0)}\ninvalid identifier '{found[1]}'"
        return Refusal(422, "000904", told, sqlState="42000")
    if found := re.search(r'(?:Table|View|Schema) with name "?(.+?)"? does not exist', message):
        told = f"{compilation}\nObject '{found[1]}' does not exist or not authorized."
        return Refusal(422, "002003", told, sqlState="42S02")
    if found := re.search(
        r"Existing object \"?(\w+)\"? is of type (\w+), trying to (?:replace|drop) \w* ?\w* ?type (\w+)", message
    ):
        told = f"{compilation}\nObject found is of type '{found[2].upper()}', not specified type '{found[3].upper()}'."
        return Refusal(422, "001998" if "replace" in message else "002201", told, sqlState="42710")
    if found := re.search(r'with name "?(.+?)"? already exists', message):
        return Refusal(422, "002002", f"{compilation}\nObject '{found[1]}' already exists.", sqlState="42710")
    if found := re.search(r"Could not convert string '(.*)' to", message):
        return Refusal(422, "100038", f"Numeric value '{found[1]}' is not recognized", sqlState="22018")
    if found := re.search(r"Line (\d+), Col: (\d+)\.\s*(.*)", message, re.S):
        line, end = int(found[1]), int(found[2])
        source = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
        word = re.search(r"(\w+|\S)$", source[:end])
        start, word = (word.start(), word[0]) if word else (end, "<EOF>")
        told = f"{compilation}\nsyntax error line {line} at position {start} unexpected '{word}'."
        return Refusal(422, "001003", told, sqlState="42000")
    if "tokeniz" in message and text.count("'") % 2:
        told = f"{compilation}\nparse error {place(text.rfind(chr(39)))} near '<EOF>'."
        return Refusal(422, "001003", told, sqlState="42000")
    code = max(getattr(error, "errno", None) or 0, 0) or 9999
    return Refusal(422, f"{code:06d}", message, sqlState=getattr(error, "sqlstate", None) or "42000")


def shown(column: dict, value: object) -> str | None:
    """A value as jsonv2 has it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        special = "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
        return repr(value) if math.isfinite(value) else special
    if isinstance(value, datetime.datetime):
        plain = value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value
        micros = (plain - EPOCH) // datetime.timedelta(microseconds=1)
        zone = " 1440" if column["type"] == "timestamp_tz" else ""
        return f"{decimal.Decimal(micros).scaleb(-6):.9f}{zone}"
    if isinstance(value, datetime.date):
        return str((value - EPOCH.date()).days)
    if isinstance(value, datetime.time):
        return f"{value.hour * 3600 + value.minute * 60 + value.second}.{value.microsecond:06d}000"
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    return json.dumps(value, default=str) if isinstance(value, list | dict) else str(value)


def number_column(name: str) -> dict:
    return text_column(name) | {"type": "fixed", "precision": 38, "scale": 0, "length": None, "byteLength": None}


def text_column(name: str) -> dict:
    column = {"name": name, "database": "", "schema": "", "table": "", "type": "text", "nullable": True}
    return column | {"byteLength": 16777216, "length": 16777216, "scale": None, "precision": None, "collation": None}


def statistics(types: list[dict], rows: list[list[str | None]]) -> dict | None:
    """Of DML: its result is a row of counts, whose columns say what they count."""
    kinds = {"inserted": "numRowsInserted", "updated": "numRowsUpdated", "deleted": "numRowsDeleted"}
    words = [re.fullmatch(r"number of rows (\w+)", column["name"]) for column in types]
    values = zip(words, rows[0] if rows else [], strict=False)
    counts = {kinds[word[1]]: int(value) for word, value in values if word and word[1] in kinds}
    return {**dict.fromkeys(kinds.values(), 0), "numDuplicateRowsUpdated": 0, **counts} if counts else None


# --- What is asked ----------------------------------------------------------------------------------------------------


class Account:
    """All statements that were sent, by handle and by request."""

    def __init__(self, folder: Path, patience: float):
        self.identity, self.patience, self.account = Identity(folder), patience, database()
        self.statements = STATEMENTS
        self.requests: dict[str, Statement] = {}
        self.lock = threading.Lock()

    def submit(self, query: dict, request: dict) -> tuple[int, dict]:
        text = request.get("statement")
        if not isinstance(text, str) or not text.strip():
            raise Refusal(400, "390142", "Incoming request does not contain a valid payload.")
        with self.lock:
            asked = query.get("requestId", "")
            known = self.requests.get(asked) if query.get("retry") == "true" else None
            statement = known or self.made(text, request)
            self.requests[asked] = statement
            for one in [statement, *statement.children]:
                self.statements[one.handle] = one
        if not known:
            threading.Thread(target=statement.run, args=(self.account,), daemon=True).start()
            if seconds := request.get("timeout"):
                words = f"Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled."
                late = Refusal(408, "000630", words, sqlState="57014")
                timer = threading.Timer(seconds, lambda: statement.done.is_set() or statement.stop(late))
                timer.daemon = True
                timer.start()
        waits = 0 if query.get("async") == "true" else self.patience
        return self.state(statement, waits, 0, query.get("nullable") == "false")

    def made(self, text: str, request: dict) -> Statement:
        parameters = {name.upper(): value for name, value in (request.get("parameters") or {}).items()}
        wanted = int(parameters.get("MULTI_STATEMENT_COUNT", 1))
        parts = [part.strip() for part, _ in split_statements(io.StringIO(text), remove_comments=True)]
        parts = [part for part in parts if part.strip(";")]
        if wanted not in (0, len(parts)):
            words = f"Actual statement count {len(parts)} did not match the desired statement count {wanted}."
            raise Refusal(422, "000008", words, sqlState="0A000")
        if len(parts) < 2:
            return Statement(text, request)
        if request.get("bindings"):
            raise Refusal(422, "391911", "Bindings are not supported in multi-statement requests.", sqlState="0A000")
        whole = Statement(text, request)
        whole.children = [Statement(part.rstrip(";"), request, whole) for part in parts]
        whole.answer("multiple statement execution", "Multiple statements executed successfully.")
        return whole

    def state(self, statement: Statement, waits: float, partition: int, spelled: bool = False) -> tuple[int, dict]:
        if not statement.done.wait(waits):
            words = "Use provided query id to perform query monitoring and management."
            told = {"code": "333334", "message": f"Asynchronous execution in progress. {words}"}
            return 202, {**told, "statementHandle": statement.handle, "statementStatusUrl": statement.url}
        body = statement.body(partition)
        if spelled:
            body["data"] = [["null" if value is None else value for value in row] for row in body["data"]]
        return 200, body

    def find(self, handle: str) -> Statement:
        statement = self.statements.get(handle)
        if statement is None:
            message = f"Statement {handle} not found"
            raise Refusal(422, "000709", message, sqlState="02000", statementHandle=handle)
        return statement

    def cancel(self, statement: Statement) -> tuple[int, dict]:
        if not statement.done.is_set():
            statement.stop(cancellation())
        body = {**cancellation().body, "statementHandle": statement.handle, "statementStatusUrl": statement.url}
        return 200, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    account: Account

    def do_POST(self) -> None:
        self.reply()

    def do_GET(self) -> None:
        self.reply()

    def reply(self) -> None:
        payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        packed = False
        try:
            status, body, packed = self.told(url.path.rstrip("/").split("/")[1:], query, payload)
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        if packed:
            data = gzip.compress(data, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def told(self, path: list[str], query: dict, payload: bytes) -> tuple[int, dict | None, bool]:
        if path[:3] != ["api", "v2", "statements"]:
            return 404, None, False
        self.account.identity.check(self.headers)
        match (self.command, *path[3:]):
            case ("POST",):
                try:
                    request = json.loads(payload)
                except ValueError as error:
                    raise Refusal(400, "390142", "Incoming request does not contain a valid payload.") from error
                return *self.account.submit(query, request), False
            case ("GET", handle):
                partition = int(query.get("partition", 0))
                try:
                    status, body = self.account.state(self.account.find(handle), 0, partition)
                except Refusal as refusal:
                    # Only who waited for it is told so of a timeout.
                    refusal.status = 422 if refusal.status == 408 else refusal.status
                    raise
                return status, body, partition > 0
            case ("POST", handle, "cancel"):
                return *self.account.cancel(self.account.find(handle)), False
        return 405, None, False

    def log_message(self, format: str, *arguments: object) -> None:
        sys.stderr.write(f"{self.log_date_time_string()} {format % arguments}\n")


def main() -> None:
    folder = Path(sys.argv[1])
    Handler.account = Account(folder, float(sys.argv[2]) if len(sys.argv) > 2 else 45.0)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    (folder / "port.new").write_text(f"{server.server_port}\n")
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()
