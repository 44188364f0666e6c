# With a key the digests of variables tell nothing to who hasn't it; another key is one cause for all.
--- file models/a.ff.sql
select 1 as id
---
--- file models/b.ff.sql
select id from {{ ref('a') }}
---
$ FF_MODE=on fft run
? * success first_build root
#: | `key_rotated` | `FFT_FINGERPRINT_KEY` is another |
#: A new key is the cause `key_rotated`.
$ FF_MODE=on FFT_FINGERPRINT_KEY=one fft run
> fingerprint key rotated → 2 rebuilt
? * success key_rotated root
$ FF_MODE=on FFT_FINGERPRINT_KEY=one fft run
? * skipped all_inputs_equal
$ FF_MODE=on FFT_FINGERPRINT_KEY=two fft run
? * success key_rotated root
