# All problems of a project are told at once, each with its place and what to do, and nothing is built.
--- file project.yml
name: story
version: '1.0'
modelsdir: models
---
--- file profiles.yml
dev:
  engin: duckdb
  engine: duckdb
---
--- file sources.yml
version: 2
sources:
  - name: crm
    tables:
      - name: users
        identifer: seed_users
---
--- file seeds/people.csv
id
1
---
--- file seeds/schema.yml
version: 1
seeds:
  - name: peple
    columns:
      - {name: id, type: bigint}
---
$ fft run
exit 2
~ --> project.yml:3:1
~ unknown key `modelsdir`
~ did you mean `models_dir`?
~ --> profiles.yml:2:3
~ did you mean `engine`?
~ --> sources.yml:6:9
~ did you mean `identifier`?
~ --> seeds/schema.yml:3:5
~ did you mean `people`?
> 4 problems; nothing was run
