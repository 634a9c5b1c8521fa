-- Every study has one row of its own keys, and all its rows are about the same years and programmes.
select study
from {{ ref("stg_study_exposure") }}
group by study
having
    count(*) filter (where preferred) <> 1
    or count(distinct (first_year, last_year, programmes)) <> 1
