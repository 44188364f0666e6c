# The delimiter of a seed is told from all of its rows, its file's name is never a pattern, and every ending is read.
--- file seeds/prices.csv
id;price, EUR
1;2,50
2;3,75
---
--- file seeds/rates.csv
id;price
1;2,50
---
--- file seeds/orders1.csv
id
99
---
--- file seeds/orders[1].csv
id
7
---
--- file seeds/codes.csv


code
A1

B2
---
--- file seeds/USERS.CSV
id
1
---
--- file seeds/words.tsv
word
a,b
---
--- file seeds/sheet.csv
sep=;
id;price, EUR
1;2,50
---
$ fft run
? * success first_build root
! select column_name from duckdb_columns() where table_name = 'prices' order by column_index limit 2
> id
> price, EUR
! select price from analytics.rates
> 2,50
! select id from analytics."orders[1]"
> 7
! select code from analytics.codes order by 1
> A1
> B2
! select id from analytics.users
> 1
! select word from analytics.words
> a,b
# A spreadsheet's first line says the delimiter and is no header.
! select id, "price, EUR" from analytics.sheet
> 1|2,50
# What no row tells is declared; another delimiter is another input.
--- file seeds/schema.yml
seeds:
  - name: sheet
    delimiter: ","
  - name: prices
    delimiter: ","
  - name: words
    delimiter: ","
---
$ fft run --keep-going
exit 1
~ seeds/sheet.csv:1: the line says that `;` stands between values, and the seed's delimiter is `,`
~ seeds/words.tsv:2: 2 values, where the header names 1 column
~ hint: quote a value that holds the delimiter
#: | `config_changed` | a setting that changes what is built is different; of a seed also its declared types, its delimiter, `meta_columns` |
? prices success config_changed root
? words,sheet error config_changed root
? * skipped all_inputs_equal
! select count(*) from duckdb_columns() where table_name = 'prices' and column_name = 'id;price'
> 1
--- file seeds/schema.yml
seeds:
  - name: words
    delimiter: "::"
---
$ fft run
exit 2
~ `delimiter` of seed `words` must be one character
--- delete seeds/schema.yml
# What leaves open which column is meant is an error.
--- file seeds/codes.csv
id,a,A
1,x,y
---
$ fft run --keep-going
exit 1
~ seeds/codes.csv:1: the header names `A` twice
? codes error any root
? prices success any
? * skipped all_inputs_equal
--- file seeds/codes.csv
,a
1,x
---
$ fft run --keep-going
exit 1
~ seeds/codes.csv:1: column 1 of the header has no name
? codes error any root
? * skipped all_inputs_equal
--- file seeds/codes.csv
id,a
1,"x
2,y
---
$ fft run --keep-going
exit 1
~ seeds/codes.csv:2: a quote is opened here and never closed
? codes error any root
? * skipped all_inputs_equal
