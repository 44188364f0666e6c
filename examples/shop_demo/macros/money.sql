{% macro money(expression) %}cast({{ expression }} as decimal(14, 2)){% endmacro %}

{% macro in_euro(amount, rate) %}{{ money(amount ~ ' / ' ~ rate) }}{% endmacro %}
