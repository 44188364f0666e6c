# Values of seeds stay what they are: a type is taken only where it gives back what the file has. Rows that are added
# change the meaning of no other row; a column that becomes text by one is told.
--- file seeds/codes.csv
id,zip,tag,plus,sex,flag,day,number,hex,amount,long,done,at
1,01234,"007",+5,F,yes,03/04/2024,1E5,0x1F,1234567890123456.78,99999999999999999999,true,2024-01-01 10:00
2,99999,8,6,F,no,04/05/2024,NaN,1_000,0.10,1,false,2024-01-02 11:00:30
---
$ fft run
? * success first_build root
! select column_name || ' ' || data_type from duckdb_columns() where table_name = 'codes' order by column_index limit 13
> id BIGINT
> zip VARCHAR
> tag VARCHAR
> plus VARCHAR
> sex VARCHAR
> flag VARCHAR
> day VARCHAR
> number VARCHAR
> hex VARCHAR
> amount DECIMAL(18,2)
> long DECIMAL(38,0)
> done BOOLEAN
> at TIMESTAMP
! select zip, tag, plus, sex || flag, day, number, hex, amount::varchar, long::varchar from analytics.codes where id = 1
> 01234|007|+5|Fyes|03/04/2024|1E5|0x1F|1234567890123456.78|99999999999999999999
--- append seeds/codes.csv
3,00000,9,7,M,yes,12/25/2024,1,1,2.505,2,maybe,2024-01-03 12:00
---
$ fft run
~ (+1 row, column done looks like text, was boolean)
? codes success seed_changed root
! select day, amount::varchar, done from analytics.codes order by id
> 03/04/2024|1234567890123456.780|true
> 04/05/2024|0.100|false
> 12/25/2024|2.505|maybe
# A declared type wins; what it doesn't hold is told with its place and value.
--- file seeds/schema.yml
seeds:
  - name: codes
    columns: {number: double, done: boolean, zip: integer}
---
$ fft run --keep-going
exit 1
~ seeds/codes.csv:4:42: column "done": "maybe" is no value of type boolean
~ hint: the line is `3,00000,9,7,M,yes,12/25/2024,1,1,2.505,2,maybe,2024-01-03 12:00`; correct it, or the declared type
? codes error any root
! select done from analytics.codes where id = 3
> maybe
--- file seeds/schema.yml
seeds:
  - name: codes
    columns: {number: double, zip: integer}
---
$ fft run
? codes success config_changed root
! select zip, number::varchar from analytics.codes order by id
> 1234|100000.0
> 99999|nan
> 0|1.0
