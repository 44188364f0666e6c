//! What the layout promises, on random graphs.

use super::*;
use proptest::prelude::*;
