//! Where a server is, as a profile says it.

use url::{Host, Url};

/// A server's address, with or without `https://`; why it is none, in words. No secret goes over a network in clear.
pub fn address(text: &str) -> Result<Url, String> {
    let text = if text.contains("://") { text.to_string() } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|error| format!("is no address: {error}"))?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err("is no address of a server".into()),
    };
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        _ => return Err("is to begin with `https://`".into()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("is to have no user in it".into());
    }
    Ok(url)
}

/// The same without what is behind the server's name.
pub fn root(url: &Url) -> Url {
    let mut root = url.clone();
    root.set_path("/");
    root.set_query(None);
    root.set_fragment(None);
    root
}
