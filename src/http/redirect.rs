//! Redirects, followed hop by hop so that every hop passes the allow-list and credentials stay with their origin.

use super::HttpError;
use super::allow::AllowList;
use super::fetch::{Answer, Failure};
use super::prepare::{Prepared, is_credential};
use super::redact::Redaction;
use url::Url;

const MOST_REDIRECTS: usize = 10;

/// Sends `first` by `exchange` and follows where the answers lead.
pub(super) fn follow(
    first: &Prepared,
    allow: &AllowList,
    redaction: &Redaction,
    mut exchange: impl FnMut(&Prepared) -> Result<Answer, Failure>,
) -> Result<Answer, Failure> {
    let mut request = first.clone();
    let mut from = None;
    for _ in 0..=MOST_REDIRECTS {
        allow.check(&request.url, from.as_ref(), redaction)?;
        let answer = exchange(&request)?;
        let Some(target) = target(&answer, redaction)? else { return Ok(answer) };
        from = Some(request.url.clone());
        redirect(&mut request, answer.status, target);
    }
    Err(HttpError::TooManyRedirects { url: redaction.url(&first.url) }.into())
}

/// Where an answer redirects to.
fn target(answer: &Answer, redaction: &Redaction) -> Result<Option<Url>, HttpError> {
    let location = answer.headers.get("location").filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
    let Some(location) = location else { return Ok(None) };
    let broken = |what: &str| HttpError::Invalid { message: format!("{} {what}", redaction.url(&answer.url)) };
    let mut url = answer.url.join(location).map_err(|_| broken("redirects to what is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(broken(&format!("redirects to a {} URL, which can't be followed", url.scheme())));
    }
    url.set_fragment(None);
    // Can't fail: http and https URLs have a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(Some(url))
}

/// Turns `request` to `target` as RFC 9110, section 15.4 and common practice have it.
fn redirect(request: &mut Prepared, status: u16, target: Url) {
    let becomes_get = match status {
        303 => request.method != "HEAD",
        301 | 302 => request.method == "POST",
        _ => false,
    };
    if becomes_get {
        request.method = "GET".into();
        request.body = None;
        request.headers.retain(|(name, _)| !name.starts_with("content-"));
    }
    if request.url.origin() != target.origin() {
        request.headers.retain(|(name, _)| !is_credential(name));
    }
    request.url = target;
}
