{% macro tidy(column) %}trim({{ column }}){% endmacro %}

{% macro label(column) %}lower({{ tidy(column) }}){% endmacro %}
