# A model whose rows may change under an equal fingerprint makes what is below it out of date when it is rebuilt.
--- file models/clock.ff.sql
{{ config(volatile=true) }}
select 1 as tick
---
--- file models/mart.ff.sql
select tick from {{ ref('clock') }}
---
--- file models/alone.ff.sql
select 1 as one
---
$ fft run
? * success first_build root
$ fft run
? * skipped all_inputs_equal
$ fft run --rebuild clock.ff
? clock.ff success forced root
#: A **cascade** is built only because an upstream node has another fingerprint or was rebuilt.
#: | `upstream_rebuilt` | an upstream node was rebuilt whose rows may differ under an equal fingerprint; the reason says why |
? mart.ff success upstream_rebuilt cascade
? alone.ff skipped all_inputs_equal
$ fft explain mart
~ upstream rebuilt: clock.ff (in this run, volatile)
$ fft run
? * skipped all_inputs_equal
