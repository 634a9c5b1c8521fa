* Use, capacity and equipment by type of facility, and the gaps between types and places.
* figures: province_code, year, facility_type and a column for each measure, as read. rules: which types add up to
* which, in the order of step. divisions: what each type is a share of. pairs: types whose gap is sought.
tempfile places known made wholes sides levels

* Every place and year, the nation among them, beside every type.
use "`figures'", clear
keep province_code year
quietly save "`places'"
quietly replace province_code = `nation'
quietly append using "`places'"
quietly duplicates drop
cross using "`divisions'"
quietly merge 1:1 province_code year facility_type using "`figures'", keep(master match) nogenerate

* Counts of the nation that only the provinces have are their sum, if each has one.
foreach measure of local counts {
    bysort year facility_type: egen double total = total(cond(province_code == `nation', ., `measure'))
    bysort year facility_type: egen long reporting = count(cond(province_code == `nation', ., `measure'))
    quietly replace `measure' = total if province_code == `nation' & missing(`measure') & reporting == `provinces'
    drop total reporting
}
egen reported = rownonmiss(`counts' bed_occupancy)
quietly save "`known'"

* One type from others, where it has no figure of its own and all of them have one.
foreach step of local steps {
    use "`rules'", clear
    quietly keep if step == `step'
    local target = target[1]
    joinby facility_type using "`known'"
    generate byte left_out = may_lack == 1 & reported == 0
    bysort province_code year: egen byte nothing = min(left_out)
    bysort province_code year: egen byte least = min(weight)
    * Occupancy is weighted by beds; what is left of a whole has none.
    generate double used = cond(left_out | bedless == 1, 0, beds * bed_occupancy)
    generate double weighing = cond(left_out | bedless == 1, 0, beds)
    foreach measure of local counts {
        generate double part = cond(left_out, 0, weight * `measure')
        if "`measure'" == "beds" {
            quietly replace part = 0 if bedless == 1
        }
        bysort province_code year: egen long unknown = total(missing(part))
        bysort province_code year: egen double m_`measure' = total(part)
        quietly replace m_`measure' = max(m_`measure', 0)
        quietly replace m_`measure' = . if unknown > 0 | nothing
        drop part unknown
    }
    bysort province_code year: egen long unknown = total(missing(used))
    bysort province_code year: egen double all_used = total(used)
    bysort province_code year: egen double all_beds = total(weighing)
    generate double m_bed_occupancy = all_used / all_beds if unknown == 0 & least > 0 & !nothing
    bysort province_code year: generate byte first = _n == 1
    quietly keep if first
    keep province_code year m_*
    generate facility_type = "`target'"
    quietly save "`made'", replace
    use "`known'", clear
    quietly merge 1:1 province_code year facility_type using "`made'", keep(master match) nogenerate
    foreach measure in `counts' bed_occupancy {
        quietly replace `measure' = m_`measure' if missing(`measure')
    }
    drop m_*
    quietly save "`known'", replace
}

* Shares of the whole, visits beside capacity; visits are in 10,000. A ratio without a denominator is missing.
keep province_code year facility_type `counts'
rename facility_type whole
foreach measure of local counts {
    rename `measure' w_`measure'
}
quietly save "`wholes'"
use "`known'", clear
quietly merge m:1 province_code year whole using "`wholes'", keep(master match) nogenerate
generate double v_bed_occupancy = bed_occupancy
foreach measure of local counts {
    local one = regexr("`measure'", "s$", "")
    generate double v_`measure' = `measure'
    generate double v_`one'_share = `measure' / w_`measure'
}
foreach measure in institutions beds physicians {
    local one = regexr("`measure'", "s$", "")
    generate double v_visits_per_`one' = visits * 10000 / `measure'
}
local one = regexr("`capacity'", "s$", "")
generate double v_utilisation_quotient = v_visit_share / v_`one'_share
keep province_code year facility_type v_*
preserve
quietly reshape long v_, i(province_code year facility_type) j(measure) string
rename v_ value
quietly save "`levels'"
restore

* Gaps in percentage points, and those of each place less the nation's of the same year.
generate double side_bed_occupancy = v_bed_occupancy
generate double side_visit_share = v_visit_share * 100
keep province_code year facility_type side_*
quietly save "`sides'"
use "`pairs'", clear
joinby facility_type using "`sides'"
rename side_* v_high_*
rename facility_type high_type
rename low_type facility_type
quietly merge m:1 province_code year facility_type using "`sides'", keep(master match) nogenerate
rename side_* v_low_*
drop facility_type
rename high_type facility_type
foreach measure in bed_occupancy visit_share {
    generate double v_gap_`measure' = v_high_`measure' - v_low_`measure'
    generate double own = cond(province_code == `nation', v_gap_`measure', .)
    generate double v_h2b_high_`measure' = v_gap_`measure'
    bysort facility_type year: egen double v_h2b_low_`measure' = max(own)
    generate double v_h2b_gap_`measure' = v_h2b_high_`measure' - v_h2b_low_`measure'
    drop own
}
keep province_code year facility_type v_*
quietly reshape long v_, i(province_code year facility_type) j(measure) string
rename v_ value
quietly append using "`levels'"
