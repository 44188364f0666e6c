//! The Python code that a worker runs, embedded; nothing is installed or written.

use std::collections::BTreeMap;

/// What `python -c` is given.
pub const BOOTSTRAP: &str = include_str!("../package/bootstrap.py");

/// Module (packages end in `.__init__`) → source of the package `fastflowtransform`.
pub fn sources() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("fastflowtransform.__init__", include_str!("../package/fastflowtransform/__init__.py")),
        ("fastflowtransform.core", include_str!("../package/fastflowtransform/core.py")),
        ("fastflowtransform.decorators", include_str!("../package/fastflowtransform/decorators.py")),
        ("fastflowtransform._failure", include_str!("../package/fastflowtransform/_failure.py")),
        ("fastflowtransform._host", include_str!("../package/fastflowtransform/_host.py")),
        ("fastflowtransform._project", include_str!("../package/fastflowtransform/_project.py")),
        ("fastflowtransform._spark", include_str!("../package/fastflowtransform/_spark.py")),
        ("fastflowtransform._state", include_str!("../package/fastflowtransform/_state.py")),
        ("fastflowtransform._tables", include_str!("../package/fastflowtransform/_tables.py")),
        ("fastflowtransform._worker", include_str!("../package/fastflowtransform/_worker.py")),
        ("fastflowtransform.api.__init__", include_str!("../package/fastflowtransform/api/__init__.py")),
        ("fastflowtransform.api.http", include_str!("../package/fastflowtransform/api/http.py")),
        ("fastflowtransform.hooks.__init__", include_str!("../package/fastflowtransform/hooks/__init__.py")),
        ("fastflowtransform.hooks.registry", include_str!("../package/fastflowtransform/hooks/registry.py")),
        ("fastflowtransform.hooks.types", include_str!("../package/fastflowtransform/hooks/types.py")),
    ])
}
