-- A corrected figure has its correction, applied; an applied correction has its figure. A correction states place,
-- year and indicator beside the cell, and they must be the cell's own.
with corrected as (
    select file."path", figure.sheet, figure.cell, figure.entity_code, figure."year", figure.indicator
    from {{ ref("observation") }} as figure
    inner join {{ ref("source_file") }} as file on figure.file_id = file.file_id
    where figure.status = 'corrected'
),

applied as (
    select "path", sheet, cell, entity_code, "year", indicator
    from {{ ref("correction") }}
    where "state" = 'applied'
)

(from corrected except from applied)
union all
(from applied except from corrected)
