//! Rows between host and model.

use super::*;

#[test]
fn every_type_comes_back_through_pandas() {
    let mut bench = Bench::new(&rich());
    let users = users();
    for source in [
        "import pandas as pd\ndef m(df):\n    assert isinstance(df, pd.DataFrame), type(df)\n    return df\n",
        "import pyarrow as pa\ndef m(t: pa.Table):\n    assert isinstance(t, pa.Table), type(t)\n    return t\n",
        "from __future__ import annotations\ndef m(t: pyarrow.Table):\n    return t.to_batches()[0]\n",
        "def m(rows: list[dict]):\n    assert isinstance(rows[0], dict)\n    return rows\n",
    ] {
        let table = bench.run(source, &[("users", &users)]).expect(source);
        let back = only(&table);
        assert_eq!(back.num_rows(), 3, "{source}");
        for name in ["id", "score", "name", "ok", "day"] {
            assert_eq!(back.column_by_name(name), users.column_by_name(name), "{name} of {source}");
        }
        let at = arrow::compute::cast(&back["at"], users["at"].data_type()).expect("a timestamp");
        assert_eq!(&at, &users["at"], "{source}");
        let age = arrow::compute::cast(&back["age"], &DataType::Int32).expect("an integer");
        assert!(back["age"].data_type().is_integer(), "{source}");
        assert_eq!(&age, &users["age"], "{source}");
    }
    assert_eq!(bench.log, Vec::<String>::new());
}

#[test]
fn every_type_comes_back_without_packages() {
    let mut bench = Bench::new(&bare());
    let users = users();
    let source = "import datetime\ndef m(rows):\n    assert rows[0]['at'] == datetime.datetime(2023, 11, 14, 22, 13, 20, 123456), rows\n    assert rows[0]['day'] == datetime.date(2022, 1, 8), rows\n    assert rows[1]['name'] is None\n    return rows\n";
    let table = bench.run(source, &[("users", &users)]).expect("rows");
    let back = only(&table);
    for name in ["id", "score", "name", "ok", "at", "day"] {
        assert_eq!(back.column_by_name(name), users.column_by_name(name), "{name}");
    }
    let age = arrow::compute::cast(&back["age"], &DataType::Int32).expect("an integer");
    assert_eq!(&age, &users["age"]);
    let source = "import decimal, math\ndef m():\n    return {'d': [decimal.Decimal('1.50'), None], 'f': [math.nan, 1], 'j': [[1, 'a'], {}], 'e': [None, None]}\n";
    let table = bench.run(source, &[]).expect("columns");
    let back = only(&table);
    assert_eq!(back["d"].data_type(), &DataType::Decimal128(38, 2));
    assert_eq!(back["d"].as_primitive::<Decimal128Type>().value(0), 150);
    assert!(back["f"].as_primitive::<Float64Type>().value(0).is_nan());
    assert_eq!(back["j"].as_string::<i32>().value(0), "[1, \"a\"]");
    assert_eq!(back["e"].null_count(), 2);
    let empty = bench.run("def m():\n    return {'id': []}\n", &[]).expect("no rows");
    assert_eq!((empty.rows(), empty.schema.fields().len()), (0, 1));
}

#[test]
fn what_models_may_give() {
    let mut bench = Bench::new(&rich());
    let rows = |bench: &mut Bench, body: &str| {
        let source = format!("import pandas as pd\nimport pyarrow as pa\ndef m():\n    return {body}\n");
        let table = bench.run(&source, &[])?;
        Ok::<_, PythonError>((table.rows(), table.schema.fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>()))
    };
    let a = |count| Ok((count, vec!["a".to_string()]));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2]})"), a(2));
    assert_eq!(rows(&mut bench, "pa.table({'a': [1, 2]})"), a(2));
    assert_eq!(rows(&mut bench, "pa.table({'a': [1]}).to_batches()[0]"), a(1));
    assert_eq!(rows(&mut bench, "{'a': pd.Series([1, None])}"), a(2));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': ['x', 'x']}, dtype='category')"), a(2));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [None]})"), a(1));
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': []})"), a(0));
    let two = Ok((2, vec!["a".to_string(), "b".to_string()]));
    assert_eq!(rows(&mut bench, "[{'a': 1}, {'b': 2}]"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2], 'b': [1, 2]}).set_index('a')"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame({'a': [1, 2], 'b': [1, 2]}, index=[7, 8])"), two);
    assert_eq!(rows(&mut bench, "pd.DataFrame([[1]])"), Ok((1, vec!["0".to_string()])));
    for (body, told) in [
        ("None", "the model gave None; it must give a pandas DataFrame, a pyarrow Table"),
        ("3", "the model gave int;"),
        ("[1]", "the model gave a list that holds int;"),
        ("[]", "the model gives an empty list"),
        ("{'a': 1}", "a dict whose values are not all columns"),
        ("{'a': [1], 'b': []}", "columns of different lengths"),
        ("pd.DataFrame([[1, 2]], columns=['a', 'a'])", "the column `a` more than once"),
        ("pd.DataFrame({'a': [1, 'x']})", "the column `a` can't be stored"),
        ("pd.DataFrame()", "a table without columns"),
        ("pd.DataFrame([[1]], columns=[['a'], ['b']])", "columns of several levels"),
    ] {
        let error = rows(&mut bench, body).expect_err(body);
        assert!(error.message.contains(told), "{body}: {}", error.message);
        assert_eq!((error.kind, error.traceback), (ErrorKind::Model, None));
    }
    assert_eq!(rows(&mut bench, "{'a': [1]}"), a(1), "the worker serves on");
}

#[test]
fn dependencies_are_handed_over_by_position_or_by_name() {
    let mut bench = Bench::new(&bare());
    let (users, orders) = (users(), users().slice(0, 1));
    let both: &[(&str, &RecordBatch)] = &[("stg_users", &users), ("stg_orders", &orders)];
    let count = |bench: &mut Bench, source: &str| {
        let table = bench.run(source, both).expect(source);
        only(&table)["n"].as_primitive::<Int64Type>().value(0)
    };
    assert_eq!(count(&mut bench, "def m(a, b):\n    return [{'n': len(a) * 10 + len(b)}]\n"), 31);
    let named = "def m(t):\n    return [{'n': len(t['stg_users']) * 10 + len(t['stg_orders'])}]\n";
    assert_eq!(count(&mut bench, named), 31);
    let product = "[{'n': len(a) * 10 + len(b)}]";
    for (parameters, before) in [
        ("a, b, limit=10", ""),
        ("a, b=None", ""),
        ("*frames", "a, b = frames"),
        ("a, *more", "b, = more"),
        ("*, stg_orders, stg_users", "a, b = stg_users, stg_orders"),
        ("a, *, stg_orders", "b = stg_orders"),
        ("**t", "a, b = t['stg_users'], t['stg_orders']"),
        ("a, **t", "b = t['stg_orders']"),
        ("t, *, limit=10", "a, b = t['stg_users'], t['stg_orders']"),
        ("a, b, /", ""),
        // What nothing fills is None.
        ("a, b, c, *, d", "assert c is None and d is None"),
    ] {
        let source = format!("def m({parameters}):\n    {before}\n    return {product}\n").replace("    \n", "");
        assert_eq!(count(&mut bench, &source), 31, "{parameters}");
    }
    let error = bench.error("def m():\n    return []\n", both);
    assert!(error.message.contains("doesn't take the model's dependencies (`stg_users`, `stg_orders`)"), "{error}");
}

#[test]
fn required_columns_are_checked_before_the_call() {
    for interpreter in [bare(), rich()] {
        let mut bench = Bench::new(&interpreter);
        bench.requires = Some(json!({"users.ff": ["id", "email"]}));
        let error = bench.error("def m(df):\n    raise SystemError\n", &[("users", &users())]);
        assert!(
            error.message.starts_with("the model `m` requires `email` of `users`, which has `id`, `age`"),
            "{error}"
        );
        bench.requires = Some(json!(["id", "name"]));
        assert!(bench.run(IDENTITY, &[("users", &users())]).is_ok());
    }
}

#[test]
fn small_batches_are_put_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.arrow");
    let users = users();
    let many = (0..50).map(|_| users.clone()).collect::<Vec<_>>();
    crate::python::write_ipc(&file, &users.schema(), &many).expect("written");
    let table = crate::python::read_ipc(&file).expect("read");
    assert_eq!((table.batches.len(), table.rows()), (1, 150));
    crate::python::write_ipc(&file, &users.schema(), &[]).expect("written");
    let table = crate::python::read_ipc(&file).expect("read");
    assert_eq!((table.batches.len(), table.schema), (0, users.schema()));
}

/// Columns of three values, one missing, that hold what is lost on the ways that are wrong.
fn exacting() -> Vec<(&'static str, ArrayRef)> {
    let decimals = |values: [Option<i128>; 3]| Decimal128Array::from(values.to_vec());
    let whole = vec![Some(i256::from_parts(u128::MAX, 0)), None, Some(i256::ONE)];
    let months = IntervalMonthDayNano::new(1, -3, 5_000_000_000);
    let lists = vec![Some(vec![Some((1 << 60) + 1), None]), None, Some(vec![])];
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    maps.keys().append_value("k");
    maps.values().append_value(1);
    maps.append(true).expect("one length");
    maps.append(false).expect("one length");
    maps.append(true).expect("one length");
    let inner: ArrayRef = Arc::new(Int64Array::from(vec![Some((1 << 60) + 1), None, None]));
    let field = Arc::new(Field::new("x", DataType::Int64, true));
    let structs = StructArray::new(vec![field].into(), vec![inner], Some(vec![true, false, true].into()));
    vec![
        ("i64", Arc::new(Int64Array::from(vec![Some((1 << 60) + 1), None, Some(i64::MIN)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0)]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(f64::INFINITY)]))),
        ("money", Arc::new(decimals([Some(12_345), None, Some(-1)]).with_precision_and_scale(38, 2).expect("fits"))),
        ("whole", Arc::new(Decimal256Array::from(whole).with_precision_and_scale(39, 0).expect("fits"))),
        ("hour", Arc::new(Time64MicrosecondArray::from(vec![Some(1), None, Some(86_399_999_999)]))),
        ("day", Arc::new(Date32Array::from(vec![Some(-719_162), None, Some(2_932_896)]))),
        ("span", Arc::new(IntervalMonthDayNanoArray::from(vec![Some(months), None, Some(months)]))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"a\0"[..]), None, Some(b"")]))),
        ("items", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))),
        ("pair", Arc::new(structs)),
        ("pairs", Arc::new(maps.finish())),
        ("none", Arc::new(Time64MicrosecondArray::from(vec![None, None, None]))),
    ]
}

#[test]
fn values_arrive_and_leave_as_they_are() {
    let mut bench = Bench::new(&rich());
    for (name, array) in exacting() {
        let fields = vec![Field::new(name, array.data_type().clone(), true)];
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), vec![array.clone()]).expect("one column");
        for annotation in ["pd.DataFrame", "pa.Table", "list"] {
            let source = format!("import pandas as pd, pyarrow as pa\ndef m(t: {annotation}):\n    return t\n");
            let table = bench.run(&source, &[("t", &batch)]).unwrap_or_else(|error| panic!("{name}: {error}"));
            let back = arrow::compute::cast(&only(&table)[name], array.data_type()).expect("the same type");
            assert_eq!(&back, &array, "{name} as {annotation}");
        }
        let source = "import pandas as pd\ndef m(t: pd.DataFrame):\n    return t[:0]\n";
        let empty = bench.run(source, &[("t", &batch)]).expect("no rows");
        assert!(arrow::compute::can_cast_types(empty.schema.field(0).data_type(), array.data_type()), "{name}");
    }
}

#[test]
fn what_cannot_be_kept_is_an_error_of_its_column() {
    let rich = rich();
    for (python, body, told) in [
        (&bare(), "[{'a\\0': 1}]", "NUL character"),
        (&bare(), "[{'a': '\\ud800'}]", "the column `a` can't be stored"),
        (&bare(), "[{'a': 2**200}]", "the column `a` holds a number of more than 39 digits"),
        (&bare(), "[{'a': 2**60 + 1}, {'a': 2.5}]", "the column `a` holds integers that aren't exact"),
        (&bare(), "[{1: 1, '1': 2}]", "the column `1` more than once"),
        (&rich, "[{'a': [{'k\\0': 1}]}]", "the column `a` has a name, or a field inside it has one"),
        (&rich, "[{'a': '\\ud800'}]", "the column `a` can't be stored"),
        (&rich, "[{'a': 2**200}]", "the column `a` can't be stored"),
        (
            &rich,
            "pd.DataFrame({'a': pd.period_range('2020', periods=2)})",
            "the column `a` holds values of pandas.period",
        ),
    ] {
        let source =
            format!("try:\n    import pandas as pd\nexcept ImportError:\n    pass\ndef m():\n    return {body}\n");
        let error = Bench::new(python).error(&source, &[]);
        assert!(error.message.contains(told), "{body}: {error}");
    }
    let mut bench = Bench::new(&rich);
    let table = bench.run("def m():\n    return [{'a': 2**63}, {'a': None}]\n", &[]).expect("rows");
    assert_eq!(only(&table)["a"].data_type(), &DataType::UInt64);
    let table = bench.run("def m():\n    return [{'a': 2**128 - 1}]\n", &[]).expect("rows");
    assert_eq!(only(&table)["a"].data_type(), &DataType::Decimal256(39, 0));
    let batch: ArrayRef = Arc::new(Date32Array::from(vec![i32::MAX]));
    let batch = RecordBatch::try_from_iter([("d", batch)]).expect("one column");
    let error = bench.error("import pandas as pd\ndef m(t: pd.DataFrame):\n    return t\n", &[("t", &batch)]);
    assert!(
        error.message.contains("the column `d` of `t`, of type date32[day], can't be handed to the model"),
        "{error}"
    );
}
