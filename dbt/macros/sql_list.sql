{# Strings as the inside of an SQL `in (...)`. An empty list becomes (null), which no value is in. #}
{% macro sql_list(values) -%}
  {%- if values -%}
    {%- for value in values -%}'{{ value | replace("'", "''") }}'{{ ", " if not loop.last }}{%- endfor -%}
  {%- else -%}
    null
  {%- endif -%}
{%- endmacro %}
