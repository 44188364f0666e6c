//! What needs no socket.

use super::address::url;
use super::live::{ELEMENTS, with_elements};

#[test]
fn the_url_is_one_to_open_here() {
    for (address, expected) in [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("0.0.0.0:1", "http://127.0.0.1:1/"),
        ("[::]:1", "http://[::1]:1/"),
        ("[::1]:1", "http://[::1]:1/"),
    ] {
        assert_eq!(url(address.parse().unwrap()), expected);
    }
}

#[test]
fn a_page_gets_the_elements_once() {
    let page = String::from_utf8(with_elements(b"<body>a</body></html>".to_vec())).unwrap();
    assert_eq!(page, format!("<body>a{ELEMENTS}</body></html>"));
    assert_eq!(with_elements(b"b".to_vec()), format!("b{ELEMENTS}").into_bytes());
}
