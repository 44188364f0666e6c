(window.fftData??={})["text-43ece760b87e"]=JSON.parse('"{% macro money(expression) %}cast(round({{ expression }}, 2) as decimal(14, 2)){% endmacro %}"');
