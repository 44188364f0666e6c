# What changed in a seed, counted: rows by a key or as a whole, and columns.
--- file seeds/people.csv
id,name,country
1,Ada,UK
2,Grace,US
3,Radia,US
4,Mary,US
5,Jean,US
---
--- file seeds/words.csv
word,n
a,1
a,1
b,2
---
$ fft run
? * success first_build root
#: Rows are matched by the key that schema.yml declares, or by an inferred one
#: (see [project files](project-files.md#seedsschemayml)), and counted:
#: | `+1 row` | a key that wasn't there |
--- append seeds/people.csv
6,Barbara,US
---
$ fft run
~ seed changed: seeds/people.csv (+1 row)
#: | `+2 −1 rows, 3 changed by id` | new and gone keys, and rows with another value under the same `id` |
--- file seeds/people.csv
id,name,country
1,Ada,GB
2,Grace,USA
3,Radia,USA
4,Mary,US
6,Barbara,US
7,Joan,US
8,Karen,US
---
$ fft run
~ seed changed: seeds/people.csv (+2 −1 rows, 3 changed by id)
--- file seeds/schema.yml
version: 1
seeds:
  - name: people
    key: name
---
--- file seeds/people.csv
id,name,country
11,Ada,GB
2,Grace,USA
3,Radia,USA
4,Mary,US
6,Barbara,US
7,Joan,US
8,Karen,US
---
$ fft run
~ seed changed: seeds/people.csv (1 row changed by name)
#: | `+1 −1 rows` | without a key: rows that are new and gone, an edited one being both |
--- file seeds/words.csv
word,n
a,1
a,1
b,3
---
$ fft run
~ seed changed: seeds/words.csv (+1 −1 rows)
#: | `column +country`, `column −n` | columns that came and went; rows are compared by those that both sides have |
--- file seeds/words.csv
word,country
a,UK
a,US
b,FR
---
$ fft run
~ seed changed: seeds/words.csv (column +country, column −n)
#: | `columns in another order`, `same rows` | what it says; the bytes are others, so the seed is loaded |
--- file seeds/words.csv
country,word
UK,a
US,a
FR,b
---
$ fft run
~ seed changed: seeds/words.csv (columns in another order)
? words success seed_changed root
? people skipped all_inputs_equal
--- file seeds/words.csv
country,word
FR,b
UK,a
US,a
---
$ fft run
~ seed changed: seeds/words.csv (same rows)
? words success seed_changed root
? people skipped all_inputs_equal
#: | `column n looks like text, was integer` | all values were whole numbers, and one no longer is: the column, where no type is declared, [is loaded as another](project-files.md#how-seeds-are-read) |
--- append seeds/people.csv
n9,Evelyn,US
---
$ fft run
~ seed changed: seeds/people.csv (+1 row, column id looks like text, was integer)
! select data_type from duckdb_columns() where table_name = 'people' and column_name = 'id'
> VARCHAR
