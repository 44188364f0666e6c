{{ config(
  materialized='incremental',
  unique_key='event_id',
  incremental={'updated_at_column': 'received_at', 'on_schema_change': 'append_new_columns'},
  indexes=[{'columns': ['event_id'], 'unique': true}],
) }}
select *
from {{ ref('raw_events') }}
