//! A word of an artifact: one that this fft knows, or one that a newer fft wrote.
//!
//! Read, an unknown word is kept, and it is written back as it was read: no reader fails on it.

use serde::de::value::{Error as NoWord, StrDeserializer};
use serde::de::{DeserializeOwned, Error, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A code, a kind, a status … `T` is an enum that is written as a word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word<T> {
    Known(T),
    /// As it was written.
    Unknown(String),
}

impl<T: Copy> Word<T> {
    pub fn known(&self) -> Option<T> {
        match self {
            Word::Known(value) => Some(*value),
            Word::Unknown(_) => None,
        }
    }
}

impl<T> Word<T> {
    /// The word where this fft doesn't know it.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Word::Known(_) => None,
            Word::Unknown(word) => Some(word),
        }
    }
}

/// A type whose words have a spelling of their own.
pub trait Spelled: Copy {
    /// As it is written in artifacts.
    fn spelled(self) -> &'static str;
}

impl<T: Spelled> Word<T> {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Word::Known(value) => value.spelled(),
            Word::Unknown(word) => word,
        }
    }
}

impl<T: Spelled> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Word<crate::plan::Code> {
    /// Whether the reason lies in another node.
    pub fn is_upstream(&self) -> bool {
        self.known().is_some_and(crate::plan::Code::is_upstream)
    }
}

macro_rules! spelled {
    ($($type:ty)*) => {
        $(impl Spelled for $type {
            fn spelled(self) -> &'static str {
                self.as_str()
            }
        })*
    };
}

spelled! {
    crate::fingerprint::Change
    crate::fingerprint::InputKind
    crate::fingerprint::Kind
    crate::http::Source
    crate::plan::Code
    crate::project::HookTime
    crate::project::TestSeverity
    crate::project::Metric
    crate::test::TestStatus
}

impl<T> From<T> for Word<T> {
    fn from(value: T) -> Word<T> {
        Word::Known(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Word::Known(value) if value == other)
    }
}

impl<T: Serialize> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Word::Known(value) => value.serialize(serializer),
            Word::Unknown(word) => serializer.serialize_str(word),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<T>, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<T: DeserializeOwned> Visitor<'_> for Reader<T> {
            type Value = Word<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Word<T>, E> {
                let known: StrDeserializer<'_, NoWord> = text.into_deserializer();
                Ok(T::deserialize(known).map_or_else(|_| Word::Unknown(text.into()), Word::Known))
            }
        }

        deserializer.deserialize_str(Reader(PhantomData))
    }
}
