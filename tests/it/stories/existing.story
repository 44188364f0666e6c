# Files as existing projects have them: keys that are set twice, version 1 of sources.yml, seeds by target, templates that
# call what they call there.
--- file project.yml
name: shop
name: shop
version: 1
vars:
docs:
  include_rendered_sql: true
  models:
    clean:
      description: One row a person.
      columns:
        email: In lower case.
---
--- file profiles.yml
profiles:
  dev:
    engine: duckdb
    duckdb:
      path: somewhere/else.duckdb
      schema: public
  other: {engine: duckdb}
---
--- file .env
FF_DUCKDB_PATH=.local/story.duckdb
FF_DUCKDB_SCHEMA=analytics
---
--- file sources.yml
version: 1
sources:
  - name: crm
    dataset: none
    meta: {owner: sales}
    overrides:
      "*": {schema: raw}
    tables:
      - name: people
        identifier: people
        columns:
          - {name: id, description: Number.}
---
--- file seeds/crm/users.csv
id,email,score
007,ADA@EXAMPLE.COM,1
---
--- file seeds/schema.yml
targets:
  crm/users:
    table: people
    schema: elsewhere
    schema_by_engine: {duckdb: raw, postgres: staging}
columns:
  crm/users:
    id: {type: string, engines: {postgres: text}}
dtypes:
  people: {score: float64}
---
--- file models/macros/text.sql.j2
{% macro low(x) %}lower({{ x }}){% if engine('postgres') == 'postgres' %}::text{% endif %}{% endmacro %}
{% macro never_called(x) %}{{ adapter.nothing(ref(x)) | no_filter }}{% endmacro %}
---
--- file models/clean.ff.sql
{{ config(materialized='table', tags=['x']) }}
select id, {{ low('email') }} as email, score,
  {{ this.name | sql_literal }} as name, {{ this.schema | sql_literal }} as schema,
  {{ 'country' | var('NO') | sql_literal }} as country, '{{ var("city") }}' as city
from {{ source('crm', 'people') }}
where {% if is_engine(engine(), 'duckdb', 'bigquery') %}true{% else %}false{% endif %}
; -- the end
---
$ fft run
~ warning: `name` is set twice, first at project.yml:1:1; the last one counts
~ project.yml:2:1
~ var `city` is not set, and gives nothing
~ models/clean.ff.sql:4:61
? * success first_build root
! select id, email, score, name, schema, country, city from analytics.clean
> 007|ada@example.com|1|clean.ff|analytics|NO|
! select count(*) from raw.people
> 1
$ fft run
? * skipped all_inputs_equal
$ fft ls --select tag:x --select kind:seed
exit 2
~ `tag:x & kind:seed` selects nothing
$ fft ls --select tag:x --select type:table
> clean.ff
$ fft run --rebuild
? users success forced root
? clean.ff success forced root
$ fft run -R clean
? users skipped all_inputs_equal
? clean.ff success forced root
$ fft run --select result:ok
? * skipped all_inputs_equal
$ FFT_SQL_DEBUG=1 fft run --rebuild-only clean
~ -- clean.ff
~ select id, lower(email) as email, score,
? users skipped all_inputs_equal
? clean.ff success forced root
$ FFT_LOG_JSON=1 fft run
~ "event":"summary"
? * skipped all_inputs_equal
# Everything is read and wired without a database; what gathers findings gets them as it knows them.
$ fft check --sarif PROJECT/out.sarif --junit PROJECT/out.xml
~ 1 SQL model, 0 Python models, 1 seed and 1 source: 2 warnings
--- file models/broken.ff.sql
select * from {{ ref('nothing') }}
---
$ fft ci-check --junit PROJECT/out.xml
exit 2
~ `broken.ff` refers to unknown node `nothing`
$ fft run --engine oracle
exit 2
~ unknown engine `oracle` in --engine
