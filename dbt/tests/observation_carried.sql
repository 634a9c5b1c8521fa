-- A carried figure repeats, value and raw text, the figure some other year reports in the cell it names.
select carried.*, origin."value" as reported_value
from {{ ref("observation") }} as carried
left join {{ ref("observation") }} as origin
    on carried.file_id = origin.file_id
    and carried.sheet = origin.sheet
    and carried.cell = origin.cell
    and carried.entity_code = origin.entity_code
    and carried.indicator = origin.indicator
    and carried."year" <> origin."year"
    and origin.status in ('reported', 'corrected')
    and origin.chosen
where
    carried.status = 'carried'
    and (origin."value" is distinct from carried."value" or origin.raw is distinct from carried.raw)
