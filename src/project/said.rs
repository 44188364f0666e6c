//! What a mapping says of a key that may also be taken from elsewhere.

use super::fields::Fields;

/// What is said of a key. A null says that there is none, so that an override can take away what the rest declares.
#[derive(Clone, Default)]
pub(super) enum Said<T> {
    #[default]
    Nothing,
    Null,
    Value(T),
}

impl<T> Said<T> {
    pub fn of(fields: &Fields<'_>, key: &str, value: Option<T>) -> Said<T> {
        match value {
            Some(value) => Said::Value(value),
            None if fields.is_null(key) => Said::Null,
            None => Said::Nothing,
        }
    }

    pub fn or(self, other: Said<T>) -> Said<T> {
        match self {
            Said::Nothing => other,
            said => said,
        }
    }

    pub fn value(self) -> Option<T> {
        match self {
            Said::Value(value) => Some(value),
            Said::Nothing | Said::Null => None,
        }
    }
}
