{%- macro email_domain(expr) -%}
  {%- if is_engine(engine('duckdb'), 'duckdb', 'postgres') -%}
  split_part({{ expr }}, '@', 2)
  {%- else -%}
  split({{ expr }}, '@')[offset(1)]
  {%- endif -%}
{%- endmacro -%}

{%- macro star_except(relation, exclude) -%}
{%- set columns = describe_somehow(relation) -%}
{{ columns | reject('in', exclude) | join(', ') }}
{%- endmacro -%}
