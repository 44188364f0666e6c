//! A project with a past: whatever may become of a node between two runs became of one here.

use crate::project::Sandbox;

/// Seven runs: a macro edited with a seed, a model renamed, one added and one removed, a variable and the key of digests
/// changed, a var, a failure and what it blocks, and its end.
pub fn audited() -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("FF_REGION", "eu");
    let project = |least: u32| {
        format!(
            "name: audited\nversion: '1.0'\nvars: {{least: {least}}}\nfingerprint: {{env: {{expose: [FF_REGION]}}}}\n"
        )
    };
    let tidy = |call: &str| format!("{{% macro tidy(column) %}}{call}({{{{ column }}}}){{% endmacro %}}\n");
    sandbox.write("project.yml", &project(0));
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n");
    sandbox.write("seeds/orders.csv", "id,person,amount\n1,1,10\n2,2,20\n");
    sandbox.write("macros/tidy.sql", &tidy("trim"));
    let stg = "select id, {{ tidy('name') }} as name\nfrom {{ ref('people') }}\nwhere id > {{ var('least') }}\n";
    sandbox.write("models/stg_people.ff.sql", stg);
    sandbox.write("models/stg_orders.ff.sql", "select id, person, amount from {{ ref('orders') }}\n");
    sandbox.write("models/named.ff.sql", "select {{ tidy(\"'x'\") }} as x\n");
    sandbox.write("models/gone.ff.sql", "select count(*) as one from {{ ref('stg_orders') }}\n");
    sandbox.write(
        "models/mart.ff.sql",
        "select p.name, sum(o.amount) as amount\nfrom {{ ref('stg_people') }} p\njoin {{ ref('stg_orders') }} o on o.person = p.id\n\
         group by p.name\n",
    );
    let report = "select count(*) as n from {{ ref('mart') }}\n";
    sandbox.write("models/report.ff.sql", &format!("{report}union all select one from {{{{ ref('gone') }}}}\n"));
    sandbox.fft("run").expect(0);
    sandbox.write("seeds/people.csv", "id,name\n1,Ada\n2,Grace\n3,Radia\n");
    sandbox.write("macros/tidy.sql", &tidy("upper"));
    sandbox.fft("run").expect(0);
    std::fs::create_dir_all(sandbox.path("models/orders")).unwrap();
    std::fs::rename(sandbox.path("models/stg_orders.ff.sql"), sandbox.path("models/orders/stg_orders.ff.sql")).unwrap();
    std::fs::remove_file(sandbox.path("models/gone.ff.sql")).unwrap();
    sandbox.write("models/report.ff.sql", report);
    sandbox.write("models/new.ff.sql", "select amount from {{ ref('mart') }} -- new\n");
    sandbox.fft("run").expect(0);
    sandbox.set("FFT_FINGERPRINT_KEY", "a key");
    sandbox.set("FF_REGION", "us");
    sandbox.fft("run").expect(0);
    sandbox.write("project.yml", &project(1));
    sandbox.write("models/mart.ff.sql", "select no_such_column from {{ ref('stg_people') }}\n");
    sandbox.fft("run --keep-going").expect(1);
    sandbox.write("models/mart.ff.sql", "select name, 1 as amount\nfrom {{ ref('stg_people') }} -- fewer\n");
    sandbox.fft("run").expect(0);
    sandbox.fft("run").expect(0).says("0 built");
    sandbox
}
