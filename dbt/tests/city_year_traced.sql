-- A value stands in the table of cities exactly where a chosen observation of a city does.
{{ not_traced(ref("city_year"), "city") }}
