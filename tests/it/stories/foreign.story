# Words that people bring from other tools are answered, and all problems of the templates come together: those that
# stop a template and those that the others show.
--- file models/a.ff.sql
select '{{ target.name }}' as x
---
--- file models/b.ff.sql
select '{{ env_var('X', 'd') }}' as x
---
--- file models/c.ff.sql
select * from {{ ref('pkg', 'a', 'v2') }}
---
--- file models/d.ff.sql
{% if is_incremental() %}{% endif %}select 1 as x
---
--- file models/e.ff.sql
select * from {{ ref('A') }}
---
--- file models/f.ff.sql
{{ config(materialized='incremental') }}select 1 as x
---
--- file models/g.ff.sql
{{ config(unique_key='id') }}select {{ dbt_utils.star('x') }}
---
--- file models/h.ff.sql
{% snapshot h %}select 1{% endsnapshot %}
---
--- file models/i.ff.sql
select '{{ this.identifier }}' as x
---
--- file models/j.ff.sql
select * from {{ reff('a') }}
---
--- file models/k.ff.sql
{{ config(sql_header='x') }}select 1 as x
---
$ fft run
exit 2
> --> models/a.ff.sql:1:12
> hint: `engine` is the engine; what differs between profiles goes under the profile's `vars` and is read with `var('…')`
> --> models/b.ff.sql:1:12
> hint: here it is `env('NAME', 'default')`
> --> models/c.ff.sql:1:18
> hint: `ref` takes a model, or a package and a model; models have no versions
> hint: ask for a package of that name in packages.yml, or copy the macro that you use into macros/
> hint: a snapshot is a model of its own file: its query with `config(materialized='snapshot')`
> hint: `this` has `name`, `relation`, `materialized`, `schema` and `database`; a macro knows the relation alone, unless it is given `this`
> hint: did you mean `ref`?
~ `e.ff` refers to unknown node `A`
~ --> models/e.ff.sql:1:18
~ did you mean `a`?
~ `f.ff` doesn't say which rows are new: each run would add all of them again
~ unknown config key `sql_header`
~ write such statements as `pre_hook`
> 10 problems; nothing was run
