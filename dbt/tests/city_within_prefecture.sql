-- A county-level unit lies in a prefecture-level one of its own province, or directly under the province; a
-- prefecture-level unit lies in itself.
select city.city_code, city."level", city.prefecture_code
from {{ ref("city") }} as city
left join {{ ref("city") }} as prefecture
    on city.prefecture_code = prefecture.city_code and prefecture."level" = 'prefecture'
where
    (city.prefecture_code is not null and prefecture.province_code is distinct from city.province_code)
    or (city."level" = 'prefecture' and city.prefecture_code is distinct from city.city_code)
