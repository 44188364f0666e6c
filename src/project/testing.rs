//! Projects for tests, made without files: [`empty`] and what is added to it.

use super::*;
use crate::diagnostic::Location;

/// A variable of the process with its flags set by `flags`.
pub fn env_var(value: &str, flags: impl FnOnce(&mut EnvVar)) -> EnvVar {
    let mut var =
        EnvVar { value: value.into(), origin: "process".into(), secret: false, exposed: false, ignored: false };
    flags(&mut var);
    var
}

/// Variables of the process, each with its flags set by `flags`.
pub fn environment(vars: &[(&str, &str)], flags: impl Fn(&mut EnvVar)) -> Environment {
    let vars = vars.iter().map(|(name, value)| (name.to_string(), env_var(value, &flags))).collect();
    Environment { vars, ..Environment::default() }
}

/// A project without nodes, for DuckDB with the profile `dev`.
pub fn empty() -> Project {
    Project {
        root: "/project".into(),
        state: None,
        docs_dir: None,
        settings: Settings { name: "test".into(), version: "1".into(), ..Settings::default() },
        profile: Profile {
            name: "dev".into(),
            engine: "duckdb".into(),
            called: "duckdb".into(),
            settings: serde_json::json!({"path": ":memory:"}),
            at: Location::file("profiles.yml"),
        },
        env: Environment::default(),
        vars: BTreeMap::new(),
        models: Vec::new(),
        macros: Vec::new(),
        python_macros: Vec::new(),
        deltas: Default::default(),
        seeds: Vec::new(),
        sources: BTreeMap::new(),
        exposures: BTreeMap::new(),
        properties: BTreeMap::new(),
        documents: Default::default(),
        budgets: Budgets::default(),
        packages: Vec::new(),
        modules: Vec::new(),
        hooks: Vec::new(),
        tests: Vec::new(),
        test_files: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Adds to a project, each call one thing.
impl Project {
    /// The model `models/<name>.ff.sql`.
    pub fn sql(self, name: &str, text: &str) -> Project {
        self.model(&format!("models/{name}.ff.sql"), Language::Sql, text)
    }

    /// The model file `models/<name>.ff.py`.
    pub fn python(self, name: &str, text: &str) -> Project {
        self.model(&format!("models/{name}.ff.py"), Language::Python, text)
    }

    pub fn model(mut self, path: &str, language: Language, text: &str) -> Project {
        self.models.push(ModelFile { path: path.into(), language, text: text.into() });
        self.models.sort_by(|left, right| left.path.cmp(&right.path));
        self
    }

    /// The file `models/macros/<name>.sql`.
    pub fn macros(mut self, name: &str, text: &str) -> Project {
        self.macros.push(MacroFile { path: format!("models/macros/{name}.sql"), text: text.into() });
        self
    }

    /// The file `seeds/<name>.csv`, its table in `schema`.
    pub fn seed(mut self, name: &str, schema: Option<&str>) -> Project {
        self.seeds.push(SeedFile {
            path: format!("seeds/{name}.csv"),
            file: self.root.join(format!("seeds/{name}.csv")),
            name: name.into(),
            format: SeedFormat::Csv,
            size: 0,
            columns: Vec::new(),
            key: Vec::new(),
            delimiter: None,
            meta_columns: true,
            schema: schema.map(String::from),
            alias: None,
            description: None,
        });
        self
    }

    /// The source `group.table`, its relation called like the table.
    pub fn source(self, group: &str, table: &str, schema: Option<&str>) -> Project {
        self.source_table(SourceTable {
            group: group.into(),
            table: table.into(),
            identifier: table.into(),
            schema: schema.map(String::from),
            catalog: None,
            location: Vec::new(),
            format: None,
            description: None,
            loaded_at_field: None,
            loaded_at_query: None,
            freshness: None,
            options: Default::default(),
            meta: None,
            columns: Vec::new(),
            at: Location::file("sources.yml"),
        })
    }

    pub fn source_table(mut self, source: SourceTable) -> Project {
        self.sources.insert((source.group.clone(), source.table.clone()), source);
        self
    }

    pub fn var(mut self, name: &str, value: impl Into<Value>) -> Project {
        self.vars.insert(name.into(), value.into());
        self
    }

    /// A variable of the process.
    pub fn variable(self, name: &str, value: &str) -> Project {
        self.env_var(name, value, |_| {})
    }

    /// A variable that is never shown.
    pub fn secret(self, name: &str, value: &str) -> Project {
        self.env_var(name, value, |var| var.secret = true)
    }

    /// A variable of the process with its flags set by `flags`.
    pub fn env_var(mut self, name: &str, value: &str, flags: impl FnOnce(&mut EnvVar)) -> Project {
        self.env.vars.insert(name.into(), env_var(value, flags));
        self
    }

    /// The section of the profile that is named like the engine.
    pub fn settings(mut self, settings: Value) -> Project {
        self.profile.settings = settings;
        self
    }

    /// What YAML says of a node.
    pub fn properties(mut self, name: &str, properties: Properties) -> Project {
        self.properties.insert(name.into(), properties);
        self
    }
}
