//! Which models a run sees: those for its profile's engine and its environment.

use super::Project;
use crate::syntax::audience::Audience;

/// The variables by which projects choose among variants of a model: the engine, and how Python models get its rows.
const ENGINE: &str = "FF_ENGINE";
const VARIANT: &str = "FF_ENGINE_VARIANT";
/// What Python models get here, unless they ask for something else.
const FRAMES: &str = "pandas";

impl Project {
    /// Whether a run of this project is among those that a model is for.
    pub fn sees(&self, audience: &Audience) -> bool {
        let holds = |(name, value): (&String, &String)| match name.as_str() {
            ENGINE => self.profile.is_for(std::slice::from_ref(value)),
            VARIANT => self.env.get(VARIANT).filter(|given| !given.is_empty()).unwrap_or(FRAMES) == value,
            _ => self.env.get(name) == Some(value),
        };
        self.profile.is_for(&audience.engines) && audience.env.iter().all(holds)
    }
}

#[cfg(test)]
mod tests {
    use crate::project::testing::{empty, environment};
    use crate::syntax::audience::Audience;

    #[test]
    fn engine_and_environment_say_who_is_meant() {
        let mut project = empty();
        project.env = environment(&[("FF_CITY", "Rome")], |_| {});
        let sees = |project: &crate::project::Project, engines: &[&str], env: &[(&str, &str)]| {
            let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            project.sees(&Audience { engines: engines.iter().map(|name| name.to_string()).collect(), env })
        };
        let other = project.profile.engine.to_uppercase();
        for (engines, env, seen) in [
            (&[][..], &[][..], true),
            (&[other.as_str()], &[], true),
            (&["another"], &[], false),
            (&["another", other.as_str()], &[("FF_CITY", "Rome")], true),
            (&[], &[("FF_CITY", "Oslo")], false),
            (&[], &[("FF_UNSET", "x")], false),
            (&[], &[("FF_ENGINE", other.as_str()), ("FF_ENGINE_VARIANT", "pandas")], true),
            (&[], &[("FF_ENGINE", "another")], false),
            (&[], &[("FF_ENGINE_VARIANT", "frames")], false),
        ] {
            assert_eq!(sees(&project, engines, env), seen, "{engines:?} {env:?}");
        }
        project.env = environment(&[("FF_ENGINE_VARIANT", "frames")], |_| {});
        assert!(sees(&project, &[], &[("FF_ENGINE_VARIANT", "frames")]));
        assert!(!sees(&project, &[], &[("FF_ENGINE_VARIANT", "pandas")]));
    }
}
