"""Tables between the files that the host reads and writes and what models take and give.

Files are Arrow IPC where pyarrow is installed, JSON lines elsewhere. pandas is imported when a model is handed a
DataFrame, and not before.
"""
import collections
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

    def __init__(self, given, file_format, form=None):
        self.name = given["name"]
        self.form = form
        self.columns = [name for name, _ in given["columns"]]
        self.kinds = dict(given["columns"])
        self.file = given["file"]
        self.format = file_format

    def hand_over(self, annotation):
        """The rows as the model declares that it takes them, or as the parameter's annotation asks for them."""
        form = self.form or _form(annotation)
        if form == "rows":
            return self.rows()
        return self.frame() if form == "pandas" else self.arrow()

    def arrow(self):
        import pyarrow

        if self.format == "json":
            return pyarrow.Table.from_pylist(self.rows())
        return pyarrow.ipc.open_file(pyarrow.memory_map(self.file)).read_all()

    def types(self):
        """The Arrow type of each column."""
        return {} if self.format == "json" else {field.name: field.type for field in self.arrow().schema}

    def frame(self):
        import pandas

        if self.format == "json":
            return pandas.DataFrame(self.rows(), columns=self.columns)
        table = self.arrow()
        columns = [self._converted(field, lambda: _without_loss(pandas, column))
                   for field, column in zip(table.schema, table.columns)]
        frame = pandas.concat(columns, axis=1) if columns else pandas.DataFrame(index=range(table.num_rows))
        frame.columns = table.column_names
        return frame

    def rows(self):
        if self.format != "json":
            table = self.arrow()
            columns = [self._converted(field, column.to_pylist) for field, column in zip(table.schema, table.columns)]
            return [dict(zip(table.column_names, row)) for row in zip(*columns)]
        with open(self.file, encoding="utf-8") as lines:
            return [{name: _read(row.get(name), self.kinds[name]) for name in self.columns}
                    for row in map(json.loads, lines)]

    def _converted(self, field, convert):
        """What `convert` gives, or an error of the column."""
        try:
            return convert()
        except (ValueError, OverflowError, NotImplementedError, TypeError) as error:
            raise Refused(f"the column `{field.name}` of `{self.name}`, of type {field.type}, can't be handed to the "
                          f"model as its parameter asks: {_last_line(error)}") from None


def _without_loss(pandas, column):
    """A Series in which missing integers and booleans stay integers and booleans, a number that is none stays apart from
    a missing one, and what is nested is of Python's own lists and dicts."""
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_nested(column.type):
        return pandas.Series(column.to_pylist(), dtype=object)
    if pyarrow.types.is_floating(column.type) and pyarrow.compute.any(pyarrow.compute.is_nan(column)).as_py():
        numbers = column.combine_chunks()
        if pyarrow.types.is_float16(column.type):
            numbers = numbers.cast(pyarrow.float32())
        values = numbers.fill_null(0).to_numpy(zero_copy_only=False)
        return pandas.Series(pandas.arrays.FloatingArray(values.copy(), numbers.is_null().to_numpy(zero_copy_only=False)))
    kinds = {pyarrow.bool_(): pandas.BooleanDtype}
    for width in (8, 16, 32, 64):
        kinds[getattr(pyarrow, f"int{width}")()] = getattr(pandas, f"Int{width}Dtype")
        kinds[getattr(pyarrow, f"uint{width}")()] = getattr(pandas, f"UInt{width}Dtype")
    kind = kinds.get(column.type) if column.null_count else None
    return column.to_pandas(types_mapper=lambda _: kind()) if kind else column.to_pandas()


def _last_line(error):
    return " ".join((str(error).splitlines() or [type(error).__name__])[-1].split())


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


def write(result, path, file_format, tables, allowed=ALLOWED):
    """Writes what a model gave; what the host needs to read it. `tables` are those that the model was given, `allowed`
    says in words what it may give."""
    if file_format == "json":
        return _write_lines(_columns(result, allowed), path)
    table = _table(result, _known_types(tables), allowed)
    import pyarrow

    with pyarrow.OSFile(path, "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return {"format": "arrow", "rows": table.num_rows}


def _known_types(tables):
    """Types of the columns that came in, by their names, where all tables agree."""
    known = {}
    for table in tables:
        for name, kind in table.types().items():
            known[name] = kind if known.get(name, kind) == kind else None
    return known


def _table(result, known, allowed):
    """The result as a pyarrow Table of plain types."""
    import pyarrow

    if isinstance(result, pyarrow.Table):
        table = result
    elif isinstance(result, pyarrow.RecordBatch):
        table = pyarrow.Table.from_batches([result])
    else:
        if _is(result, "pandas", "DataFrame"):
            frame = _flat(result)
            columns = {name: frame[name] for name in frame.columns}
        else:
            columns = _columns(result, allowed)
        table = pyarrow.table({name: _array(pyarrow, name, values, known.get(name)) for name, values in columns.items()})
    check_names(table.column_names)
    return _plain(pyarrow, table.replace_schema_metadata(None))


def _array(pyarrow, name, values, known):
    """The values of one column; a Series of pandas keeps its own idea of what is missing. `known` is the type that a
    column of this name came with: it decides where the values don't say."""
    values = values if hasattr(values, "dtype") else list(values)
    try:
        array = pyarrow.array(values)
    except (ValueError, OverflowError, TypeError, NotImplementedError) as error:
        array = _large_integers(pyarrow, values)
        array = _as_known(pyarrow, values, known) if array is None else array
        if array is None:
            raise Refused(f"the column `{name}` can't be stored: {_last_line(error)}") from None
    if isinstance(array.type, pyarrow.BaseExtensionType) and array.type.extension_name.startswith("pandas."):
        raise Refused(f"the column `{name}` holds values of {array.type.extension_name}, which no database has: give "
                      f"texts, numbers or times in their place")
    if pyarrow.types.is_null(array.type):
        better = _as_known(pyarrow, values, known)
        return array if better is None else better
    # pandas counts nanoseconds where Python's own times don't.
    if array.type == pyarrow.timestamp("us", getattr(array.type, "tz", None)) and isinstance(values, list) \
            and any(getattr(value, "nanosecond", 0) for value in values):
        return pyarrow.array(values, type=pyarrow.timestamp("ns", array.type.tz))
    return array


def _as_known(pyarrow, values, known):
    try:
        return None if known is None else pyarrow.array(values, type=known)
    except (ValueError, OverflowError, TypeError, NotImplementedError):
        return None


def _large_integers(pyarrow, values):
    """Integers beyond 64 bits, as the decimal numbers that hold them; None where they are something else."""
    values = [None if value is None or _is_missing(value) else value for value in values]
    given = [value for value in values if value is not None]
    if not given or not all(isinstance(value, int) and not isinstance(value, bool) for value in given):
        return None
    if 0 <= min(given) and max(given) < 2 ** 64:
        return pyarrow.array(values, type=pyarrow.uint64())
    digits = max(len(str(abs(value))) for value in given)
    kind = pyarrow.decimal128(38, 0) if digits <= 38 else pyarrow.decimal256(39, 0)
    if digits > 39:
        return None
    return pyarrow.array([None if value is None else decimal.Decimal(value) for value in values], type=kind)


def _plain(pyarrow, table):
    """Without dictionary encoding, and without columns whose type no engine has."""
    columns = []
    for field, column in zip(table.schema, table.columns):
        kind = field.type
        if pyarrow.types.is_dictionary(kind):
            kind = kind.value_type
        if pyarrow.types.is_null(kind):
            kind = pyarrow.string()
        columns.append(column if kind == field.type else column.cast(kind))
    return pyarrow.Table.from_arrays(columns, names=table.column_names).combine_chunks()


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
    check_names(list(frame.columns))
    return frame


def check_names(names):
    if any("\0" in name for name in names):
        raise Refused("the model gives a column whose name holds a NUL character")
    twice = sorted(name for name, count in collections.Counter(names).items() if count > 1)
    if twice:
        raise Refused(f"the model gives the column {_quoted(twice)} more than once")
    if not names:
        raise Refused("the model gives a table without columns")


def _is(value, package, name):
    """Whether `value` is of a class of `package`, without importing it."""
    module = sys.modules.get(package)
    return module is not None and isinstance(value, getattr(module, name))


def _columns(result, allowed):
    """Rows or columns as a dict of columns."""
    if _is(result, "pandas", "DataFrame"):
        frame = _flat(result)
        return {name: [None if _is_missing(value) else value for value in frame[name].astype(object)]
                for name in frame.columns}
    if isinstance(result, list) and all(isinstance(row, dict) for row in result):
        if not result:
            raise Refused("the model gives an empty list, which names no columns: give a dict of empty columns, "
                          "for example `{\"id\": []}`")
        given = dict.fromkeys(name for row in result for name in row)
        check_names([str(name) for name in given])
        names = [str(name) for name in given]
        rows = [{str(name): value for name, value in row.items()} for row in result]
        return {name: [row.get(name) for row in rows] for name in names}
    if isinstance(result, dict) and all(hasattr(v, "__len__") and not isinstance(v, (str, bytes, dict))
                                        for v in result.values()):
        lengths = {len(values) for values in result.values()}
        if len(lengths) > 1:
            raise Refused("the model gives columns of different lengths")
        check_names([str(name) for name in result])
        return {str(name): values for name, values in result.items()}
    kind = type(result)
    name = "None" if result is None else kind.__qualname__
    if isinstance(result, list):
        other = next(row for row in result if not isinstance(row, dict))
        name = f"a list that holds {type(other).__qualname__}"
    elif isinstance(result, dict):
        name = "a dict whose values are not all columns"
    raise Refused(f"the model gave {name}; it must give {allowed}")


def _is_missing(value):
    """Whether pandas counts a scalar as missing: None, NaN, NaT or NA."""
    pandas = sys.modules.get("pandas")
    return value is None or pandas is not None and (pandas.api.types.is_scalar(value) and pandas.isna(value))


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
    given = [value for value in values if value is not None]
    kinds = {_kind_of(name, value) for value in given}
    if not kinds:
        return "str"
    if kinds == {"int"} and any(not -2 ** 63 <= value < 2 ** 63 for value in given):
        return _whole(name, given)
    if len(kinds) == 1:
        kind = kinds.pop()
        if kind == "decimal":
            if not all(value.is_finite() for value in given):
                raise Refused(f"the column `{name}` holds a decimal number that is infinite or none")
            scale = max(0, *(-value.as_tuple().exponent for value in given))
            if scale == 0:
                return _whole(name, given)
            if any(scale + max(0, value.adjusted() + 1) > 38 for value in given):
                raise Refused(f"the column `{name}` holds decimal numbers that need more than 38 digits")
            return f"decimal({scale})"
        return kind
    if kinds == {"int", "float"}:
        if any(isinstance(value, int) and int(float(value)) != value for value in given):
            raise Refused(f"the column `{name}` holds integers that aren't exact as floating-point numbers")
        return "float"
    raise Refused(f"the column `{name}` holds values of different types: {', '.join(sorted(kinds))}")


def _whole(name, values):
    """The kind of whole numbers beyond 64 bits."""
    digits = max(len(str(abs(int(value)))) for value in values)
    if digits > 39:
        raise Refused(f"the column `{name}` holds a number of more than 39 digits")
    return "decimal(0)" if digits <= 38 else "whole"


def _kind_of(name, value):
    known = ((bool, "bool"), (int, "int"), (float, "float"), (str, "str"), (decimal.Decimal, "decimal"),
             (datetime.datetime, "datetime"), (datetime.date, "date"), (datetime.time, "time"),
             ((bytes, bytearray), "bytes"), ((list, tuple, dict), "json"))
    for kind, told in known:
        if isinstance(value, kind):
            if told == "str":
                _check_text(name, value)
            if told == "time" and value.tzinfo is not None:
                break
            return "instant" if told == "datetime" and value.tzinfo is not None else told
    raise Refused(f"the column `{name}` holds {type(value).__qualname__}, which needs the package `pyarrow`")


def _check_text(name, value):
    try:
        value.encode()
    except UnicodeError as error:
        raise Refused(f"the column `{name}` can't be stored: {error}") from None


def _written(value, kind):
    if value is None:
        return None
    if kind == "float":
        value = float(value)
        return value if math.isfinite(value) else str(value)
    if kind == "instant":
        return value.astimezone(datetime.timezone.utc).isoformat()
    if kind in ("datetime", "date", "time"):
        return value.isoformat()
    if kind == "bytes":
        return value.hex()
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, default=str)
    if kind == "whole" or kind.startswith("decimal"):
        return format(value if isinstance(value, decimal.Decimal) else decimal.Decimal(value), "f")
    return value


def _read(value, kind):
    """A value of an input file as Python has it."""
    if value is None or kind == "plain":
        return value
    if kind == "float":
        return float(value)
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind in ("datetime", "instant"):
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "time":
        return datetime.time.fromisoformat(value)
    return decimal.Decimal(str(value))
