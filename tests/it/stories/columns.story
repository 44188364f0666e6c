# With `run.columns` a node isn't built for an upstream edit of which it reads nothing.
--- file project.yml
name: story
version: '1.0'
run: {columns: true}
---
--- file seeds/people.csv
id,name,email
1,Ada,a@x
2,Grace,g@x
---
--- file models/stg.ff.sql
select id, name as full_name, lower(email) as email from {{ ref('people') }}
---
--- file models/mails.ff.sql
select id, email from {{ ref('stg') }} where email is not null
---
--- file models/top.ff.sql
select count(*) as n, max(email) as email from {{ ref('mails') }}
---
--- file models/names.ff.sql
select upper(full_name) as shout from {{ ref('stg') }}
---
--- file models/some.ff.sql
select id from {{ ref('stg') }} limit 1
---
--- file models/seen.ff.sql
{{ config(materialized='view') }}
select id, email from {{ ref('stg') }}
---
--- file models/below.ff.sql
select email from {{ ref('seen') }}
---
$ fft run
? * success first_build root
--- file models/stg.ff.sql
select id, trim(name) as full_name, lower(email) as email from {{ ref('people') }}
---
$ fft plan
~ 4 to build
$ fft run
#: With `run: {columns: true}` in project.yml, that is a reason to skip: a node that would be built only because of what is
#: upstream isn't, where it reads nothing there that is different (`fft run -v`):
#: | `columns_unread` | an upstream node has another fingerprint, and nothing is different of what this one reads of it: see [columns](#columns) |
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? mails.ff,top.ff skipped columns_unread -
#: A view is made again as planned, which reads nothing; what stands below it is skipped.
? seen.ff success upstream_changed cascade
? below.ff skipped columns_unread -
#: Every name in a node's text is read of each upstream node that has such a column, whatever it is qualified with.
? names.ff success upstream_changed cascade
#: A node is built whose text may give other rows of the same ones: it has a limit or a window, asks for the time or chance,
#: calls a function that fft doesn't know, or can't be read; so is a Python model, and what reads data that nothing watches.
? some.ff success upstream_changed cascade
$ fft explain mails
#: Its checks tell what it reads and what changed, and `by_column` in run_results.json has all digests: `fft verify` compares
#: them.
~ of stg.ff it reads id, email; changed: full_name
~ nothing that this reads of what is upstream changed
$ fft explain names
#: Where a SQL model's text differs in its list of columns alone, the root says which columns that are, and who reads them
#: of the nodes that it rebuilds:
#: A node reads a changed column where one of its own comes from it, or where it decides on rows: see
#: [lineage](lineage.md).
~ changed: full_name; reaches 1 column in 1 model
~ this node reads that
$ fft explain some
~ this node reads none of that
$ fft verify
~ all of it agrees
$ fft run
? * skipped all_inputs_equal
# Several edits, one of them taken back, and a run that is about the edited model alone.
--- file models/stg.ff.sql
select id, upper(name) as full_name, lower(email) as email from {{ ref('people') }}
---
$ fft run --select stg
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * not_selected not_selected -
--- file models/stg.ff.sql
select id, reverse(name) as full_name, lower(email) as email from {{ ref('people') }}
---
$ fft run
? mails.ff,top.ff,below.ff skipped columns_unread -
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * success upstream_changed cascade
--- file models/stg.ff.sql
select id, upper(name) as full_name, email from {{ ref('people') }}
---
$ fft run --select stg
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * not_selected not_selected -
--- file models/stg.ff.sql
select id, reverse(name) as full_name, lower(email) as email from {{ ref('people') }}
---
$ fft run
#: Digests alone are compared, so edits in several runs add up, and one that is taken back is none.
? stg.ff success sql_changed root
? * skipped all_inputs_equal -
--- file models/stg.ff.sql
select id, trim(name) as full_name, email from {{ ref('people') }}
---
$ fft run
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * success upstream_changed cascade
# What reads without naming.
--- file models/top.ff.sql
select * from {{ ref('stg') }}
---
$ fft run
? top.ff success sql_changed root
? * skipped all_inputs_equal -
--- file models/stg.ff.sql
select id, name as full_name, email from {{ ref('people') }}
---
$ fft run
#: What may read columns without their names reads all: `*`, a natural join, a whole row as a value, columns by their
#: places.
? top.ff success upstream_changed cascade
? mails.ff,below.ff skipped columns_unread -
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * success upstream_changed cascade
# Off again: nothing is compared by columns, and nothing is recorded of them.
--- file project.yml
name: story
version: '1.0'
---
--- file models/stg.ff.sql
select id, trim(name) as full_name, email from {{ ref('people') }}
---
$ fft run
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * success upstream_changed cascade
--- file project.yml
name: story
version: '1.0'
run: {columns: true}
---
--- file models/stg.ff.sql
select id, name as full_name, email from {{ ref('people') }}
---
$ fft run
#: A node that was last built while this was off is built.
? people skipped all_inputs_equal -
? stg.ff success sql_changed root
? * success upstream_changed cascade
