//! Addresses of commits and files where the project's repository can be looked at.
//!
//! GitHub, GitLab, Gitea and Bitbucket differ in a word; others are taken to be like GitHub.

use crate::artifact::manifest::Git;

/// The page of a commit.
pub fn commit(repository: &str, commit: &str) -> String {
    let word = match () {
        () if repository.contains("bitbucket") => "commits",
        () if repository.contains("gitlab") => "-/commit",
        () => "commit",
    };
    format!("{repository}/{word}/{commit}")
}

/// A file of the project as the commit has it, at a line; none where files differed from the commit, or that isn't
/// known: the line would be another one.
pub fn file(repository: &str, git: &Git, path: &str, line: Option<usize>) -> Option<String> {
    let commit = git.commit.as_deref().filter(|_| git.dirty == Some(false))?;
    let (word, anchor) = match () {
        () if repository.contains("bitbucket") => ("src", "#lines-"),
        () if repository.contains("gitlab") => ("-/blob", "#L"),
        () => ("blob", "#L"),
    };
    let folder = git.folder.as_ref().map(|folder| format!("{folder}/")).unwrap_or_default();
    let line = line.map(|line| format!("{anchor}{line}")).unwrap_or_default();
    Some(format!("{repository}/{word}/{commit}/{}{line}", escaped(&format!("{folder}{path}"))))
}

/// As an address takes it.
fn escaped(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    path.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_linked_where_the_commit_has_it() {
        let git = |dirty| Git { commit: Some("abc".into()), dirty, folder: Some("shop".into()), ..Git::default() };
        let at = |repository, dirty| file(repository, &git(dirty), "models/a b.sql", Some(5));
        assert_eq!(
            at("https://github.com/o/r", Some(false)).as_deref(),
            Some("https://github.com/o/r/blob/abc/shop/models/a%20b.sql#L5")
        );
        assert_eq!(
            at("https://gitlab.com/o/r", Some(false)).as_deref(),
            Some("https://gitlab.com/o/r/-/blob/abc/shop/models/a%20b.sql#L5")
        );
        assert_eq!(at("https://github.com/o/r", Some(true)), None);
        assert_eq!(at("https://github.com/o/r", None), None);
        assert_eq!(commit("https://bitbucket.org/o/r", "abc"), "https://bitbucket.org/o/r/commits/abc");
    }
}
