"""HTTP for models. Every request goes through fft, which caches, records and limits it."""
import base64
import codecs
import json
import os
import re

from fastflowtransform import _state

__all__ = ["HttpError", "Response", "get", "get_df", "get_json", "post"]


class HttpError(Exception):
    """A request without a usable answer."""


class Response:
    """An answer: `status`, `headers` (names in lower case), `content`, `url`."""

    def __init__(self, method, status, headers, content, url, key=None):
        self.method = method
        self.status = status
        self.headers = headers
        self.content = content
        self.url = url
        self._key = key

    @property
    def status_code(self):
        return self.status

    @property
    def ok(self):
        return self.status < 400

    @property
    def text(self):
        encodings = self._encodings()
        for encoding in encodings:
            try:
                return self.content.decode(encoding)
            except UnicodeDecodeError:
                pass
        return self.content.decode(encodings[0], errors="replace")

    def json(self):
        problem = None
        for encoding in self._encodings():
            try:
                text = self.content.decode(encoding)
            except UnicodeDecodeError as error:
                problem = problem or error
                continue
            try:
                return json.loads(text)
            except ValueError as error:
                problem = error
                break
        message = f"{self.method} {_shown(self.url)}: the answer is not JSON: {problem}"
        answer = self._key and _state.host.ask({"unusable": self._key})
        note = answer and answer.get("error")
        raise HttpError(f"{message}; {note}" if note else message)

    def _encodings(self):
        """How the bytes may be read, the likeliest first: a byte order mark, the charset that the server declares,
        and what JSON is written in."""
        marks = [(codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
                 (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")]
        marked = [encoding for mark, encoding in marks if self.content.startswith(mark)]
        kind = self.headers.get("content-type", "")
        declared = re.findall(r"""(?i);\s*charset\s*=\s*["']?([^\s;"']+)""", kind)
        usual = [json.detect_encoding(self.content)] if "json" in kind.lower() else []
        return [encoding for encoding in marked[:1] + declared[:1] + usual + ["utf-8"] if _is_charset(encoding)]

    def raise_for_status(self):
        if not self.ok:
            raise HttpError(f"{self.method} {_shown(self.url)} was answered with status {self.status}")
        return self


def get(url, params=None, headers=None, timeout=None):
    """The answer to a GET request."""
    return _request("GET", url, params, headers, None, timeout)


def post(url, data=None, json=None, params=None, headers=None, timeout=None):
    """The answer to a POST request of bytes or text (`data`) or of a value as JSON (`json`)."""
    headers = dict(headers or {})
    body = data
    if json is not None:
        import json as encoder

        body = encoder.dumps(json)
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
    if isinstance(body, str):
        body = body.encode()
    return _request("POST", url, params, headers, body, timeout)


def get_json(url, params=None, headers=None, timeout=None):
    """The decoded JSON of a GET request; an error where the status isn't a success."""
    return get(url, params, headers, timeout).raise_for_status().json()


def get_df(url, params=None, headers=None, record_path=None, meta=None, normalize=True, timeout=None):
    """A pandas DataFrame of a GET request's JSON. Nested objects become columns `outer.inner`."""
    import pandas

    data = get_json(url, params, headers, timeout)
    if record_path is None and isinstance(data, dict):
        data = [data]
    if not normalize and record_path is None:
        return pandas.DataFrame(data)
    return pandas.json_normalize(data, record_path=record_path, meta=meta)


def _request(method, url, params, headers, body, timeout):
    answer = _state.host.ask({"http": {
        "method": method,
        "url": url,
        "params": _pairs(params),
        "headers": _pairs(headers),
        "body": None if body is None else base64.b64encode(body).decode(),
        "timeout": timeout,
    }})
    if answer is None:
        raise HttpError("the run has ended")
    if "error" in answer:
        raise HttpError(answer["error"])
    reply = answer["reply"]
    headers = {name.lower(): value for name, value in reply["headers"].items()}
    return Response(method, reply["status"], headers, _body(reply), reply["url"], reply.get("key"))


def _is_charset(name):
    try:
        # Others turn bytes into bytes.
        return getattr(codecs.lookup(name), "_is_text_encoding", True)
    except (LookupError, ValueError):
        return False


def _body(reply):
    if reply.get("file") is None:
        return base64.b64decode(reply["body"])
    with open(reply["file"], "rb") as file:
        content = file.read()
    os.unlink(reply["file"])
    return content


def _pairs(values):
    """Name and value, a pair for each value of a list; None leaves a name out."""
    pairs = []
    for name, value in (values.items() if hasattr(values, "items") else values or ()):
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is not None:
                pairs.append([str(name), str(one)])
    return pairs


def _shown(url):
    """A URL for messages: the query may hold a secret."""
    return url.partition("?")[0]
