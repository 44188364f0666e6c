{% macro money(expression) %}cast(round({{ expression }}, 2) as decimal(14, 2)){% endmacro %}

{% macro in_euro(amount, rate) %}{{ money(amount ~ ' / ' ~ rate) }}{% endmacro %}
