-- A value stands in the table of counties exactly where a chosen observation of a county does.
{{ not_traced(ref("county_year"), "county") }}
