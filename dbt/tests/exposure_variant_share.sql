-- Under every combination of keys exposure is pilot units / units, a share between 0 and 1; a raw count of entries may
-- exceed the number of units, and only shares of county-level units make other than whole pilot units.
select *
from {{ ref("int_exposure_variant") }}
where
    pilot_units < 0
    or total_units <= 0
    or exposure is distinct from pilot_units / total_units
    or (numerator <> 'entries' and exposure > 1)
    or (numerator <> 'fraction' and pilot_units <> floor(pilot_units))
    or taken_whole < 0
    or (numerator <> 'fraction' and taken_whole > 0)
