(window.fftData??={})["text-3d31c2c90268"]=JSON.parse('"{% macro money(expression) %}cast({{ expression }} as decimal(14, 2)){% endmacro %}"');
