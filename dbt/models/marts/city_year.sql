{{ place_year("city") }}
