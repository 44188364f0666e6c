//! Secrets in the forms that programs put them into, and answers that nobody can use: what Python models do with both.

use crate::project::Sandbox;
use crate::secret::{ODD, look_for};
use crate::server::Server;

/// In the forms that a program puts it into before it prints, raises or sends it; a run that fails leaves its record.
#[test]
fn no_coded_secret_is_printed_or_written() {
    let server = Server::start(|_| ("200 OK", "[{\"n\": 1}]".into()));
    let sandbox = Sandbox::new();
    sandbox.write(".env", &format!("FF_API_TOKEN='{ODD}'\n"));
    let head = "import base64, json, os, sys\nfrom urllib.parse import quote\n\nfrom fastflowtransform import model, env\n\
                from fastflowtransform.api.http import get_json\n\n\n";
    let asked = format!(
        "{head}@model(name=\"asked\", deps=[])\ndef build() -> list:\n    token = env(\"FF_API_TOKEN\")\n\
         \x20   coded = base64.b64encode(token.encode()).decode()\n    root = \"http://127.0.0.1:{}\"\n\
         \x20   rows = get_json(f\"{{root}}/bot{{quote(token, safe='')}}/x\")\n\
         \x20   rows += get_json(root + \"/q\", params={{\"b\": coded}})\n\
         \x20   rows += get_json(f\"{{root}}/{{quote(quote(coded, safe=''), safe='')}}\")\n    return rows\n",
        server.port
    );
    sandbox.write("models/asked.ff.py", &asked);
    look_for(ODD, &sandbox, &sandbox.fft("run").expect(0), "a coded request");
    assert_eq!(server.seen().len(), 3);
    assert_eq!(sandbox.rows()["asked"].rows, Some(3));
    look_for(ODD, &sandbox, &sandbox.fft("run --rebuild asked").expect(0), "answers of the cache");
    assert_eq!(server.seen().len(), 3, "the cache answers");
    let told = format!(
        "{head}@model(name=\"told\", deps=[])\ndef build() -> list:\n    token = env(\"FF_API_TOKEN\").encode()\n\
         \x20   print(base64.b64encode(token).decode(), token.hex(), token)\n    print(json.dumps(token.decode()))\n\
         \x20   print(base64.urlsafe_b64encode(b\"user:\" + token).decode(), file=sys.stderr)\n\
         \x20   for part in (token.hex()[:7], token.hex()[7:]):\n        os.write(1, part.encode())\n\
         \x20   raise ValueError(token.hex().upper(), base64.b64encode(b\"x\" + token))\n"
    );
    sandbox.write("models/told.ff.py", &told);
    sandbox.write(
        "models/cast.ff.sql",
        "{{ config(materialized='table') }}select error(to_base64(encode('{{ env('FF_API_TOKEN') }}')) || hex('{{ env('FF_API_TOKEN') }}')) as n\n",
    );
    for command in ["run --keep-going", "run --keep-going --log-format json"] {
        //: Nothing is shown either: not on the terminal, in no message, not by a Python model that prints it. As
        //: everywhere, the value is looked for as it is, percent-coded, in base64, in hexadecimal digits and escaped
        //: in JSON; a message that holds it is recorded without it.
        look_for(ODD, &sandbox, &sandbox.fft(command).expect(1), command);
        let rows = sandbox.rows();
        assert_eq!((rows["told"].status.as_str(), rows["cast.ff"].status.as_str()), ("error", "error"), "{command}");
        assert!(rows["told"].message.contains("‹env:FF_API_TOKEN›"), "{}", rows["told"].message);
        assert!(rows["cast.ff"].message.contains("‹env:FF_API_TOKEN›"), "{}", rows["cast.ff"].message);
    }
    look_for(ODD, &sandbox, &sandbox.fft("explain told").expect(0), "the failure's explanation");
    look_for(ODD, &sandbox, &sandbox.fft("history show latest").expect(0), "the failure's record");
}

/// An answer that its model can't use isn't what every later run gets.
#[test]
fn an_answer_that_is_not_json_is_asked_for_again() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => ("200 OK", "<html>log in</html>".into()),
        _ => ("200 OK", "[{\"n\": 1}]".into()),
    });
    let sandbox = Sandbox::new();
    let model = format!(
        "from fastflowtransform import model\nfrom fastflowtransform.api.http import get_json\n\n\n\
         @model(name=\"rows\", deps=[])\ndef build() -> list:\n    return get_json(\"http://127.0.0.1:{}/\")\n",
        server.port
    );
    sandbox.write("models/rows.ff.py", &model);
    sandbox.fft("run").expect(1).says("the answer is not JSON").says("the next run asks again");
    sandbox.fft("run").expect(0);
    sandbox.fft("run --rebuild rows").expect(0);
    assert_eq!(server.seen().len(), 2, "a good answer is kept");
}
