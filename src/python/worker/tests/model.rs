//! What a model meets: its run, HTTP, its own errors.

use super::*;

#[test]
fn an_error_is_told_with_the_frames_of_the_project() {
    let mut bench = Bench::new(&bare());
    let lib = bench.folder.path().join("lib.py");
    OsWorld::new().write(&lib, b"import json\ndef f(x):\n    return json.loads(x)\n").expect("written");
    let error = bench.error("import lib\n\ndef m():\n    return lib.f('{')\n", &[]);
    assert_eq!(error.kind, ErrorKind::Model);
    assert!(error.message.starts_with("json.decoder.JSONDecodeError: Expecting property name"), "{error}");
    assert_eq!(error.at.as_ref().map(ToString::to_string).as_deref(), Some("lib.py:3"));
    let traceback = error.traceback.expect("one");
    assert!(traceback.contains("File \"models/m.ff.py\", line 4, in m\n    return lib.f('{')"), "{traceback}");
    assert!(traceback.contains("File \"lib.py\", line 3, in f"), "{traceback}");
    assert!(!traceback.contains("decoder.py") && !traceback.contains("<fft>"), "{traceback}");
    let error = bench.error("def m():\n    return (\n", &[]);
    assert_eq!(error.at.map(|at| at.line), Some(2));
    let error = bench.error("import sys\ndef m():\n    sys.exit('stop')\n", &[]);
    assert_eq!((error.message.as_str(), error.kind), ("SystemExit: stop", ErrorKind::Model));
    // A module of the project is loaded anew for each job.
    OsWorld::new().write(&lib, b"def f(x):\n    return [{'a': 1}]\n").expect("written");
    assert!(bench.run("import lib\ndef m():\n    return lib.f('{')\n", &[]).is_ok());
}

#[test]
fn a_missing_package_is_told_with_what_mends_it() {
    let mut bench = Bench::new(&bare());
    let error = bench.error("import no_such_package.part\ndef m():\n    pass\n", &[]);
    assert_eq!(error.kind, ErrorKind::MissingPackage);
    let python = bare().path.display().to_string();
    let told = format!("the model `m` needs the Python package `no_such_package`, which {python} does not have");
    assert_eq!(error.message, told);
    assert!(error.hint.expect("one").contains(&format!("{python} -m pip install no_such_package")));
    assert_eq!(error.at.map(|at| at.to_string()).as_deref(), Some("models/m.ff.py:1"));
    let error = Bench::new(&rich()).error("def m():\n    import yaml\n", &[]);
    assert_eq!(error.hint.as_deref(), Some("add `pyyaml==…`, pinned, to requirements.txt"));
}

#[test]
fn what_a_model_prints_is_logged_and_breaks_nothing() {
    let mut bench = Bench::new(&bare());
    let source = "import os, sys, subprocess\ndef m():\n    print('{\"done\": {}}')\n    print('second', file=sys.stderr)\n    os.write(1, b'third\\n')\n    subprocess.run(['echo', 'fourth'])\n    print('no line end', end='')\n    assert sys.stdin.read() == ''\n    return [{'a': 1}]\n";
    assert_eq!(bench.run(source, &[]).expect("rows").rows(), 1);
    assert_eq!(bench.log, ["{\"done\": {}}", "second", "third", "fourth", "no line end"]);
    assert!(bench.run("import os\ndef m():\n    os.close(2)\n    return [{'a': 1}]\n", &[]).is_ok());
}

#[test]
fn nothing_of_one_model_is_left_for_the_next() {
    let mut bench = Bench::new(&bare());
    let source = "import os, sys\ndef m():\n    os.environ['FF_COLOUR'] = 'blue'\n    os.chdir('/')\n    sys.path.append('/x')\n    return [{'a': 1}]\n";
    bench.run(source, &[]).expect("rows");
    let source = "import os, sys\nfrom fastflowtransform import env\ndef m():\n    assert '/x' not in sys.path\n    return [{'a': env('FF_COLOUR'), 'b': os.getcwd() != '/'}]\n";
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "red");
    assert!(only(&table)["b"].as_boolean().value(0));
}

#[test]
fn http_goes_through_the_host() {
    let mut bench = Bench::new(&rich());
    let mut calls = Vec::new();
    let large = "x".repeat(3 << 20);
    let mut http = |ask: HttpAsk| {
        let call = match ask {
            HttpAsk::Send(call) => call,
            HttpAsk::Unusable(key) => return Err(format!("{key} is dropped")),
        };
        let path = call.url.clone();
        calls.push(call);
        let reply = |status, body: &str| {
            let headers = BTreeMap::from([("Content-Type".to_string(), "application/json; charset=utf-8".to_string())]);
            Ok(HttpReply {
                status,
                headers,
                body: body.as_bytes().to_vec(),
                url: format!("{path}?token=s"),
                key: "k".into(),
            })
        };
        match path.as_str() {
            "http://a/users" => reply(200, r#"[{"id": 1, "geo": {"lat": 1.5}}, {"id": 2, "geo": {"lat": 2.5}}]"#),
            "http://a/large" => reply(200, &large),
            "http://a/gone" => reply(404, "no"),
            _ => Err("b is not an allowed domain".to_string()),
        }
    };
    let source = r#"
from fastflowtransform.api.http import HttpError, get, get_df, get_json, post
def told(call):
    try:
        call()
    except HttpError as error:
        return str(error)
def m():
    df = get_df("http://a/users", params={"page": [1, 2], "none": None}, headers={"Accept": "x"}, timeout=2.5)
    assert list(df.columns) == ["id", "geo.lat"], df
    assert get_json("http://a/users")[1]["id"] == 2
    large = get("http://a/large")
    assert len(large.text) == 3 << 20 and large.headers["content-type"] and large.status == 200
    assert get("http://a/gone").status == 404
    assert post("http://a/gone", json={"a": 1}).content == b"no"
    df["gone"] = told(lambda: get_json("http://a/gone"))
    df["refused"] = told(lambda: get("http://b/"))
    df["broken"] = told(lambda: get_json("http://a/large"))
    return df
"#;
    let table = bench.run_with(source, &[], &mut http).expect("rows");
    let told = |name: &str| only(&table)[name].as_string::<i32>().value(0).to_string();
    assert_eq!(told("gone"), "GET http://a/gone was answered with status 404");
    assert_eq!(told("refused"), "b is not an allowed domain");
    assert_eq!(
        told("broken"),
        "GET http://a/large: the answer is not JSON: Expecting value: line 1 column 1 (char 0); k is dropped"
    );
    assert_eq!(calls.len(), 8);
    let pair = |name: &str, value: &str| (name.to_string(), value.to_string());
    assert_eq!(calls[0].params, [pair("page", "1"), pair("page", "2")]);
    assert_eq!((calls[0].headers.as_slice(), calls[0].timeout), (&[pair("Accept", "x")][..], Some(2.5)));
    assert_eq!((calls[4].method.as_str(), calls[4].body.as_deref()), ("POST", Some(&br#"{"a": 1}"#[..])));
    let left = OsWorld::new().walk(bench.folder.path()).expect("a folder");
    assert_eq!(left.len(), 1, "the large body's file is gone: {left:?}");
}

#[test]
fn a_model_may_ask_about_its_run() {
    let mut bench = Bench::new(&bare());
    let source = "import fastflowtransform as fft\nfrom fastflowtransform import model, engine_model, var, env, engine, profile\nC = var('limit')\n@engine_model(only='postgres', name='m')\ndef m():\n    return [{'a': 'wrong'}]\n@fft.engine_model(only=['duckdb'], name='m', tags=['x'])\ndef m():\n    return [{'a': f\"{C} {var('no', 1)} {env('FF_COLOUR')} {env('FF_NO', 'd')} {engine()} {profile()}\"}]\n@model\ndef other():\n    pass\n@engine_model(only='bigquery', name='m')\ndef m():\n    return [{'a': 'wrong too'}]\n";
    bench.ordinal = 1;
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "3 1 red d duckdb dev");
    bench.ordinal = 0;
    let error = bench.error("from fastflowtransform import var\ndef m():\n    return var('nope')\n", &[]);
    assert!(error.message.starts_with("LookupError: the variable `nope` has no value"), "{error}");
}

#[test]
fn an_answer_is_read_in_its_own_charset() {
    let mut bench = Bench::new(&bare());
    let text = r#"{"a": "é€"}"#;
    let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let answers: Vec<(&str, Vec<u8>)> = vec![
        ("application/json; Charset=\"windows-1252\"", b"{\"a\": \"\xe9\x80\"}".to_vec()),
        ("application/json", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("text/plain; charset=utf-8", [&b"\xff\xfe"[..], &utf16(u16::to_le_bytes)].concat()),
        ("application/json", utf16(u16::to_be_bytes)),
        ("application/json; charset=us-ascii", text.as_bytes().to_vec()),
        ("application/json; charset=none-such", text.as_bytes().to_vec()),
        ("text/html", text.as_bytes().to_vec()),
    ];
    let count = answers.len();
    let mut answers = answers.into_iter();
    let mut http = |_: HttpAsk| {
        let (kind, body) = answers.next().expect("no more is asked");
        let headers = BTreeMap::from([("content-type".to_string(), kind.to_string())]);
        Ok(HttpReply { status: 200, headers, body, url: "http://a/".into(), key: "k".into() })
    };
    let source = format!(
        "import json\nfrom fastflowtransform.api.http import get\ndef m():\n    rows = []\n    for _ in range({count}):\n        answer = get('http://a/')\n        assert json.loads(answer.text) == answer.json(), answer.text\n        rows.append(answer.json())\n    return rows\n"
    );
    let table = bench.run_with(&source, &[], &mut http).expect("rows");
    let column = &only(&table)["a"];
    let read: Vec<&str> = column.as_string::<i32>().iter().flatten().collect();
    assert_eq!(read, vec!["é€"; count]);
}

#[test]
fn modules_are_run_as_they_were_read() {
    let mut bench = Bench::new(&bare());
    let write = |bench: &Bench, path: &str, text: &str| {
        OsWorld::new().write(&bench.folder.path().join(path), text.as_bytes()).expect("written");
    };
    for path in ["lib.py", "pack/__init__.py", "pack/deep.py", "space/leaf.py"] {
        write(&bench, path, "X = 'changed since'\n");
    }
    let text = |text: &str| text.to_string();
    bench.modules = BTreeMap::from([
        (text("lib.py"), text("X = __file__.endswith('lib.py')\n")),
        (text("pack/__init__.py"), text("from . import deep\n")),
        (text("pack/deep.py"), text("X = 2\ndef fail():\n    raise ValueError('é')\n")),
        (text("space/leaf.py"), text("X = __name__\n")),
        (text("gone.py"), text("X = 4\n")),
    ]);
    let source = "import lib, pack, space.leaf, gone\ndef m():\n    return [{'a': [lib.X, pack.deep.X, space.leaf.X, gone.X]}]\n";
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "[true, 2, \"space.leaf\", 4]");
    let error = bench.error("import pack.deep\ndef m():\n    pack.deep.fail()\n", &[]);
    assert!(error.traceback.expect("one").contains("line 3, in fail\n    raise ValueError('é')"));
    assert_eq!(error.at.map(|at| at.to_string()).as_deref(), Some("pack/deep.py:3"));
    bench.log.clear();
    write(&bench, "late.py", "X = 1\n");
    bench.run("import late\ndef m():\n    return [{'a': late.X}]\n", &[]).expect("rows");
    assert_eq!(bench.log, ["late.py was imported in a way that fft can't see by reading the code: it isn't watched"]);
}

#[test]
fn modules_of_the_project_replace_none_of_python() {
    let mut bench = Bench::new(&bare());
    bench.modules = BTreeMap::from([("queue.py".to_string(), "X = 1\n".to_string())]);
    OsWorld::new().write(&bench.folder.path().join("queue.py"), b"X = 1\n").expect("written");
    let table = bench.run("import queue\ndef m():\n    return [{'a': hasattr(queue, 'Queue')}]\n", &[]).expect("rows");
    assert!(only(&table)["a"].as_boolean().value(0));
    let error = bench.error("from queue import X\ndef m():\n    pass\n", &[]);
    assert!(error.message.contains("queue.py of the project has the name of a module of Python"), "{error}");
}

#[test]
fn the_environment_is_what_was_read() {
    let mut bench = Bench::new(&bare());
    let source = "import os\nfrom fastflowtransform import env\nos.environ['REGION'] = 'changed'\ndef m():\n    return [{'a': env('REGION')}]\n";
    let table = bench.run(source, &[]).expect("rows");
    assert_eq!(only(&table)["a"].as_string::<i32>().value(0), "eu");
    let error = bench.error("from fastflowtransform import env\ndef m():\n    return env('OTHER', 1)\n", &[]);
    assert!(error.message.contains("fft can't see by reading the code that it asks for"), "{error}");
}
