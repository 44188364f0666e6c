"""Tables between the files that the host reads and writes and what models take and give.

Files are Arrow IPC where pyarrow is installed, JSON lines elsewhere. pandas is imported when a model is handed a
DataFrame, and not before.
"""
import datetime
import decimal
import importlib.util
import json
import math
import sys

from fastflowtransform._failure import Refused

ALLOWED = "a pandas DataFrame, a pyarrow Table or RecordBatch, a list of dicts or a dict of columns"


class Input:
    """One dependency's rows."""

    def __init__(self, given, file_format):
        self.name = given["name"]
        self.columns = [name for name, _ in given["columns"]]
        self.kinds = dict(given["columns"])
        self.file = given["file"]
        self.format = file_format

    def hand_over(self, annotation):
        """The rows as the parameter's annotation asks for them."""
        form = _form(annotation)
        if form == "rows":
            return self.rows()
        return self.frame() if form == "pandas" else self.arrow()

    def arrow(self):
        import pyarrow

        if self.format == "json":
            return pyarrow.Table.from_pylist(self.rows())
        return pyarrow.ipc.open_file(pyarrow.memory_map(self.file)).read_all()

    def frame(self):
        import pandas

        if self.format == "json":
            return pandas.DataFrame(self.rows(), columns=self.columns)
        table = self.arrow()
        columns = [_without_loss(pandas, column) for column in table.columns]
        frame = pandas.concat(columns, axis=1) if columns else pandas.DataFrame(index=range(table.num_rows))
        frame.columns = table.column_names
        return frame

    def rows(self):
        if self.format != "json":
            return self.arrow().to_pylist()
        with open(self.file, encoding="utf-8") as lines:
            return [{name: _read(row.get(name), self.kinds[name]) for name in self.columns}
                    for row in map(json.loads, lines)]


def _without_loss(pandas, column):
    """A Series in which missing integers and booleans stay integers and booleans."""
    import pyarrow

    kinds = {pyarrow.bool_(): pandas.BooleanDtype}
    for width in (8, 16, 32, 64):
        kinds[getattr(pyarrow, f"int{width}")()] = getattr(pandas, f"Int{width}Dtype")
        kinds[getattr(pyarrow, f"uint{width}")()] = getattr(pandas, f"UInt{width}Dtype")
    kind = kinds.get(column.type) if column.null_count else None
    return column.to_pandas(types_mapper=lambda _: kind()) if kind else column.to_pandas()


def _form(annotation):
    """`pandas`, `arrow` or `rows`, from the annotation or else from what is installed."""
    text = annotation if isinstance(annotation, str) else ""
    if not text and annotation is not None:
        text = f"{getattr(annotation, '__module__', '')}.{annotation!r}"
    words = text.replace("[", " ").replace("]", " ").replace(",", " ").replace("'", " ").split()
    if any(word.endswith(("pa.Table", "pyarrow.Table", "pyarrow.lib.Table")) for word in words):
        return "arrow"
    if any(word.endswith("DataFrame") or word.endswith("DataFrame>") for word in words):
        return "pandas"
    if any(word.rpartition(".")[2] in ("list", "List") for word in words):
        return "rows"
    for package, form in (("pandas", "pandas"), ("pyarrow", "arrow")):
        if importlib.util.find_spec(package) is not None:
            return form
    return "rows"


def check_columns(node, requires, tables):
    """Refuses tables that lack columns the model requires."""
    if not requires:
        return
    if isinstance(requires, list):
        requires = {table.name: requires for table in tables[:1]}
    for key, columns in requires.items():
        stem = key[:-3] if key.endswith(".ff") else key
        wanted = [columns] if isinstance(columns, str) else columns or []
        for table in (table for table in tables if table.name in (key, stem)):
            missing = [column for column in wanted if column not in table.columns]
            if missing:
                raise Refused(f"the model `{node}` requires {_quoted(missing)} of `{table.name}`, which has "
                              f"{_quoted(table.columns)}")


def _quoted(names):
    return ", ".join(f"`{name}`" for name in names) or "no columns"


def write(result, path, file_format):
    """Writes what a model gave; what the host needs to read it."""
    if file_format == "json":
        return _write_lines(_columns(result), path)
    table = _table(result)
    import pyarrow

    with pyarrow.OSFile(path, "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"format": "arrow", "rows": table.num_rows}


def _table(result):
    """The result as a pyarrow Table of plain types."""
    import pyarrow

    try:
        if _is(result, "pandas", "DataFrame"):
            table = pyarrow.Table.from_pandas(_flat(result), preserve_index=False)
        elif isinstance(result, pyarrow.Table):
            table = result
        elif isinstance(result, pyarrow.RecordBatch):
            table = pyarrow.Table.from_batches([result])
        else:
            table = pyarrow.table({name: _array(pyarrow, values) for name, values in _columns(result).items()})
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, pyarrow.ArrowNotImplementedError) as error:
        told = ": ".join(str(part) for part in reversed(error.args))
        raise Refused(f"the rows can't be made a table: {told}") from None
    _check_names(table.column_names)
    return _plain(pyarrow, table.replace_schema_metadata(None))


def _array(pyarrow, values):
    """Values of one column; a Series of pandas keeps its own idea of what is missing."""
    return pyarrow.array(values if hasattr(values, "dtype") else list(values))


def _plain(pyarrow, table):
    """Without dictionary encoding, and without columns whose type no engine has."""
    for index, field in enumerate(table.schema):
        kind = field.type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if pyarrow.types.is_null(kind):
            kind = pyarrow.string()
        if kind != field.type:
            table = table.set_column(index, field.name, table.column(index).cast(kind))
    return table.combine_chunks()


def _flat(frame):
    """The frame with a named index as columns; an unnamed index carries nothing."""
    named = [name for name in frame.index.names if name is not None]
    if named:
        frame = frame.reset_index(level=named)
    if frame.columns.nlevels > 1:
        raise Refused("the DataFrame has columns of several levels: give each one name, for example "
                      "`df.columns = ['_'.join(names) for names in df.columns]`")
    if not all(isinstance(name, str) for name in frame.columns):
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    _check_names(list(frame.columns))
    return frame


def _check_names(names):
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(f"the model gives the column {_quoted(twice)} more than once")
    if not names:
        raise Refused("the model gives a table without columns")


def _is(value, package, name):
    """Whether `value` is of a class of `package`, without importing it."""
    module = sys.modules.get(package)
    return module is not None and isinstance(value, getattr(module, name))


def _columns(result):
    """Rows or columns as a dict of columns."""
    if _is(result, "pandas", "DataFrame"):
        frame = _flat(result)
        return {name: [None if _is_missing(value) else value for value in frame[name].astype(object)]
                for name in frame.columns}
    if isinstance(result, list) and all(isinstance(row, dict) for row in result):
        if not result:
            raise Refused("the model gives an empty list, which names no columns: give a dict of empty columns, "
                          "for example `{\"id\": []}`")
        names = dict.fromkeys(str(name) for row in result for name in row)
        rows = [{str(name): value for name, value in row.items()} for row in result]
        return {name: [row.get(name) for row in rows] for name in names}
    if isinstance(result, dict) and all(hasattr(v, "__len__") and not isinstance(v, (str, bytes, dict))
                                        for v in result.values()):
        lengths = {len(values) for values in result.values()}
        if len(lengths) > 1:
            raise Refused("the model gives columns of different lengths")
        _check_names([str(name) for name in result])
        return {str(name): values for name, values in result.items()}
    kind = type(result)
    name = "None" if result is None else kind.__qualname__
    if isinstance(result, list):
        other = next(row for row in result if not isinstance(row, dict))
        name = f"a list that holds {type(other).__qualname__}"
    elif isinstance(result, dict):
        name = "a dict whose values are not all columns"
    raise Refused(f"the model gave {name}; it must give {ALLOWED}")


def _is_missing(value):
    """Whether pandas counts a scalar as missing: None, NaN, NaT or NA."""
    import pandas

    return value is None or (pandas.api.types.is_scalar(value) and pandas.isna(value))


def _write_lines(columns, path):
    """JSON lines, and the kind of each column."""
    columns = {name: [_scalar(value) for value in values] for name, values in columns.items()}
    kinds = [[name, _kind(name, values)] for name, values in columns.items()]
    written = [[_written(value, kind) for value in columns[name]] for name, kind in kinds]
    with open(path, "w", encoding="utf-8") as lines:
        for row in zip(*written):
            lines.write(json.dumps(dict(zip(columns, row)), allow_nan=False) + "\n")
    rows = len(written[0]) if written else 0
    return {"format": "json", "rows": rows, "columns": kinds}


def _scalar(value):
    """A plain Python value in place of an array library's scalar."""
    return value.item() if type(value).__module__.startswith("numpy") and hasattr(value, "item") else value


def _kind(name, values):
    kinds = {_kind_of(name, value) for value in values if value is not None}
    if not kinds:
        return "str"
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind == "decimal":
            scale = max(-value.as_tuple().exponent for value in values if value is not None)
            return f"decimal({max(scale, 0)})"
        return kind
    if kinds == {"int", "float"}:
        return "float"
    raise Refused(f"the column `{name}` holds values of different types: {', '.join(sorted(kinds))}")


def _kind_of(name, value):
    known = ((bool, "bool"), (int, "int"), (float, "float"), (str, "str"), (decimal.Decimal, "decimal"),
             (datetime.datetime, "datetime"), (datetime.date, "date"), ((list, tuple, dict), "json"))
    for kind, told in known:
        if isinstance(value, kind):
            return "instant" if told == "datetime" and value.tzinfo is not None else told
    raise Refused(f"the column `{name}` holds {type(value).__qualname__}, which needs the package `pyarrow`")


def _written(value, kind):
    if value is None:
        return None
    if kind == "float":
        value = float(value)
        return value if math.isfinite(value) else str(value)
    if kind == "instant":
        return value.astimezone(datetime.timezone.utc).isoformat()
    if kind in ("datetime", "date"):
        return value.isoformat()
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, default=str)
    return format(value, "f") if kind.startswith("decimal") else value


def _read(value, kind):
    """A value of an input file as Python has it."""
    if value is None or kind == "plain":
        return value
    if kind in ("datetime", "instant"):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if kind == "date":
        return datetime.date.fromisoformat(value)
    return decimal.Decimal(str(value))
