* Measures of inequality from one table of units: Gini, Theil, Atkinson, concentration index.
* units: group_name, year, ranked_by, a column for each resource and each basis.
local scale = cond("`log_base'" == "10", ln(10), 1)
tempfile found
local begun = 0
foreach resource of local resources {
    foreach basis of local bases {
        * Units without resource or basis in a year are left out of that year.
        use "`units'", clear
        quietly keep if !missing(`resource', `basis')
        * Shares of the basis, p, and of the resource, q.
        bysort year: egen double total_p = total(`basis')
        bysort year: egen double total_q = total(`resource')
        generate double p = `basis' / total_p
        generate double q = `resource' / total_q
        generate double ratio = q / p
        bysort year: generate double m_n = _N

        * Gini: 1 - sum (Q_i + Q_i-1)(P_i - P_i-1), units sorted by resource per basis, P and Q cumulative.
        bysort year (ratio): generate double upto_q = sum(q)
        generate double strip = (upto_q + upto_q - q) * p
        bysort year: egen double under = total(strip)
        generate double m_gini = 1 - under

        * Theil: L = sum p ln(p / q), T = sum q ln(q / p).
        generate double term_L = p * ln(p / q)
        generate double term_T = cond(q > 0, q * ln(q / p), 0)
        bysort year: egen double sum_L = total(term_L)
        bysort year: egen double sum_T = total(term_T)
        generate double m_theil = sum_L
        generate double m_theil_l = sum_L / `scale'
        generate double m_theil_t = sum_T / `scale'

        * Inside each group, within groups and between them.
        bysort year group_name: egen double share_L = total(p)
        bysort year group_name: egen double share_T = total(q)
        generate double own_L = p / share_L * ln(p / share_L / (q / share_T))
        generate double own_T = cond(q > 0, q / share_T * ln(q / share_T / (p / share_L)), 0)
        bysort year group_name: generate byte first = _n == 1
        foreach index in L T {
            bysort year group_name: egen double inside_`index' = total(own_`index')
            generate double within_`index' = share_`index' * inside_`index'
        }
        generate double between_L = share_L * ln(share_L / share_T)
        generate double between_T = cond(share_T > 0, share_T * ln(share_T / share_L), 0)
        bysort year: egen double m_theil_within = total(cond(first, within_L, 0))
        bysort year: egen double m_theil_between = total(cond(first, between_L, 0))

        * Atkinson: 1 - (sum p (q / p)^(1 - e))^(1 / (1 - e)); 1 - exp(-L) for an aversion e of 1.
        bysort year: egen double least = min(q)
        local number = 0
        foreach aversion of local aversions {
            local number = `number' + 1
            if `aversion' == 1 {
                generate double m_atkinson`number' = 1 - exp(-sum_L)
            }
            else {
                generate double power = p * ratio^(1 - `aversion')
                bysort year: egen double powers = total(power)
                generate double m_atkinson`number' = 1 - powers^(1 / (1 - `aversion'))
                drop power powers
            }
            if `aversion' >= 1 {
                quietly replace m_atkinson`number' = 1 if least == 0
            }
        }

        * Concentration: 2 sum q R - 1, R the share of the basis ranked lower plus half that of the same rank.
        bysort year ranked_by: egen double tied = total(p)
        bysort year (ranked_by): generate double upto_p = sum(p)
        bysort year ranked_by: egen double last = max(upto_p)
        generate double held = q * (last - tied / 2)
        bysort year: egen double ranked = total(held)
        generate double m_concentration = 2 * ranked - 1

        * One row for each measure: of all units, then of each group.
        generate double g_group_theil = inside_`form' / `scale'
        generate double g_group_within = within_`form' / `scale'
        generate double g_group_between = between_`form' / `scale'
        preserve
        quietly keep if first
        keep year group_name g_*
        quietly reshape long g_, i(year group_name) j(measure) string
        rename g_ value
        tempfile groups
        quietly save "`groups'"
        restore
        bysort year: generate byte one = _n == 1
        quietly keep if one
        keep year m_*
        quietly reshape long m_, i(year) j(measure) string
        rename m_ value
        local number = 0
        foreach aversion of local aversions {
            local number = `number' + 1
            quietly replace measure = "atkinson_`aversion'" if measure == "atkinson`number'"
        }
        generate group_name = "all"
        quietly append using "`groups'"
        generate resource = "`resource'"
        generate basis = "`basis'"
        if `begun' {
            quietly append using "`found'"
        }
        quietly save "`found'", replace
        local begun = 1
    }
}
