# Models of other engines aren't there for a run: several files may give one model, in folders of any name.
--- file seeds/users.csv
id,email
1,ada@example.com
---
--- file models/engines/duckdb/latest.ff.py
from fastflowtransform import engine_model


@engine_model(only="duckdb", name="latest", deps=["clean.ff"], require={"clean.ff": ["id"]})
def build(clean):
    return clean
---
--- file models/engines/postgres/latest.ff.py
import not_installed
from fastflowtransform import engine_model


@engine_model(only=("postgres",), name="latest", deps=["not_there.ff"])
def build(clean):
    return not_installed.latest(clean)
---
--- file models/engines/bigquery/latest.ff.py
from fastflowtransform import engine_model


@engine_model(env_match={"FF_ENGINE": "bigquery", "FF_ENGINE_VARIANT": "bigframes"}, name="latest", deps=["clean.ff"])
def build(clean):
    return clean
---
--- file models/a/clean.ff.sql
{{ config(engines=['duckdb', 'snowflake_snowpark']) }}
select id, email from {{ ref('users') }};
---
--- file models/b/clean.ff.sql
{{ config(only='postgres') }}
select id, {{ var('not_set') }} from {{ source('not', 'there') }}
---
$ fft ls
> users
> clean.ff
> latest
~ 3 models are for other engines or environments, and not here
$ fft ls -v
~ clean.ff (models/b/clean.ff.sql): postgres
~ latest (models/engines/bigquery/latest.ff.py): FF_ENGINE=bigquery, FF_ENGINE_VARIANT=bigframes
~ latest (models/engines/postgres/latest.ff.py): postgres
$ fft run
? * success first_build root
! select email from analytics.latest
> ada@example.com
# What happens to a model of another engine is nothing to this one.
--- append models/engines/postgres/latest.ff.py
# another line
---
--- append models/b/clean.ff.sql
where true
---
$ fft run
? * skipped all_inputs_equal
# Two files that this run sees are one too many, with both places.
--- file models/b/clean.ff.sql
select 1 as id
---
$ fft plan
exit 2
~ two nodes are called `clean`; the other is in models/a/clean.ff.sql
~ models/b/clean.ff.sql
~ `config(engines=[…])`
# So does a name that only other engines have: it isn't there.
--- file models/b/clean.ff.sql
{{ config(engines='postgres') }} select 1 as id
---
--- file models/a/clean.ff.sql
{{ config(engines='snowflake') }} select 1 as id
---
$ fft run
exit 2
~ `latest` refers to unknown node `clean.ff`
~ it is only for snowflake; postgres, and this profile's engine is duckdb
