* Digital triage between two tiers of care: what follows from the assumptions. A scenario, not an estimate.
* inputs: scenario, input, value, low, high.

* Results r_* of the assumptions in each row.
program define triage
    capture drop r_*
    generate double r_missed_serious = visits_high * adoption * acceptance * (1 - routine_share) * (1 - sensitivity)
    generate double r_diverted = visits_high * adoption * acceptance * routine_share * specificity + r_missed_serious
    generate double r_missed_per_10000 = 10000 * r_missed_serious / r_diverted
    generate double r_up_referred = (1 - serious_share) * (1 - specificity) + serious_share * sensitivity
    quietly replace r_up_referred = visits_primary * adoption * r_up_referred
    generate double r_moved = r_diverted - returning * r_missed_serious - r_up_referred
    generate double r_visits_high = visits_high - r_moved
    generate double r_visits_primary = visits_primary + r_moved
    generate double r_high_share = r_visits_high / (visits_high + visits_primary)
    generate double r_primary_share = r_visits_primary / (visits_high + visits_primary)
    generate double r_occupancy_high = occupancy_high * (1 - occupancy_response * r_moved / visits_high)
    generate double r_occupancy_primary = occupancy_primary * (1 + occupancy_response * r_moved / visits_primary)
    generate double r_high_capped = r_occupancy_high > 100
    generate double r_primary_capped = r_occupancy_primary > 100
    quietly replace r_occupancy_high = min(r_occupancy_high, 100)
    quietly replace r_occupancy_primary = min(r_occupancy_primary, 100)
    generate double r_occupancy_gap = r_occupancy_high - r_occupancy_primary
    generate double r_imbalance_change = r_occupancy_gap - (occupancy_high - occupancy_primary)
end

* One row for each set of assumptions.
tempfile own cases
use "`inputs'", clear
rename value v_
rename low low_
rename high high_
quietly reshape wide v_ low_ high_, i(scenario) j(input) string
rename v_* *
generate run = "central"
quietly save "`own'"
quietly save "`cases'"
foreach run in baseline zero_adoption break_even {
    use "`own'", clear
    quietly replace run = "`run'"
    quietly replace adoption = 0
    quietly append using "`cases'"
    quietly save "`cases'", replace
}
foreach input of local inputs_swept {
    foreach end in low high {
        use "`own'", clear
        quietly keep if low_`input' < high_`input'
        quietly replace run = "one_way: `input'=`end'"
        quietly replace `input' = `end'_`input'
        quietly append using "`cases'"
        quietly save "`cases'", replace
    }
}

* The least adoption at which the gap is no wider than sought, by halving: the gap moves one way with adoption.
generate byte sought = run == "break_even"
quietly replace adoption = 1 if sought
triage
generate double full = r_occupancy_gap
generate byte already = occupancy_high - occupancy_primary <= target_gap
generate byte reached = !already & full <= target_gap
generate double lower = 0
generate double upper = cond(already, 0, 1)
forvalues halving = 1/60 {
    quietly replace adoption = (lower + upper) / 2 if sought
    triage
    quietly replace upper = adoption if sought & r_occupancy_gap <= target_gap
    quietly replace lower = adoption if sought & r_occupancy_gap > target_gap
}
quietly replace adoption = cond(already | reached, upper, .) if sought
triage
generate double r_target_gap = target_gap if sought
generate double r_break_even_adoption = adoption if sought
generate double r_break_even_reached = reached if sought
generate double r_gap_fully_equipped = full if sought
keep scenario run r_*
quietly reshape long r_, i(scenario run) j(metric) string
rename r_ value
