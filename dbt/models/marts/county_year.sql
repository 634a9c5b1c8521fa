{{ place_year("county") }}
