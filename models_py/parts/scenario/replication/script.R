# Digital triage between two tiers of care: what follows from the assumptions. A scenario, not an estimate.
# inputs: scenario, input, value, low, high.

# Results of one set of assumptions, at its own adoption or another.
triage <- function(given, adoption = given[["adoption"]]) {
  of <- function(name) given[[name]]
  offered <- of("visits_high") * adoption * of("acceptance")
  missed <- offered * (1 - of("routine_share")) * (1 - of("sensitivity"))
  diverted <- offered * of("routine_share") * of("specificity") + missed
  flagged <- (1 - of("serious_share")) * (1 - of("specificity")) + of("serious_share") * of("sensitivity")
  up <- of("visits_primary") * adoption * flagged
  moved <- diverted - of("returning") * missed - up
  all_visits <- of("visits_high") + of("visits_primary")
  high <- of("occupancy_high") * (1 - of("occupancy_response") * moved / of("visits_high"))
  primary <- of("occupancy_primary") * (1 + of("occupancy_response") * moved / of("visits_primary"))
  gap <- min(high, 100) - min(primary, 100)
  c(
    diverted = diverted,
    missed_serious = missed,
    missed_per_10000 = if (diverted > 0) 10000 * missed / diverted else NA,
    up_referred = up,
    visits_high = of("visits_high") - moved,
    visits_primary = of("visits_primary") + moved,
    high_share = (of("visits_high") - moved) / all_visits,
    primary_share = (of("visits_primary") + moved) / all_visits,
    occupancy_high = min(high, 100),
    occupancy_primary = min(primary, 100),
    occupancy_gap = gap,
    imbalance_change = gap - (of("occupancy_high") - of("occupancy_primary")),
    high_capped = as.numeric(high > 100),
    primary_capped = as.numeric(primary > 100)
  )
}

# The least adoption at which the gap is no wider than sought, by halving: the gap moves one way with adoption.
break_even <- function(given) {
  target <- given[["target_gap"]]
  gap <- function(adoption) triage(given, adoption)[["occupancy_gap"]]
  reached <- gap(0) > target && gap(1) <= target
  answers <- c(target_gap = target, break_even_reached = as.numeric(reached), gap_fully_equipped = gap(1))
  if (gap(0) > target && !reached) return(answers)
  low <- 0
  high <- as.numeric(reached)
  for (halving in 1:60) {
    middle <- (low + high) / 2
    if (gap(middle) <= target) high <- middle else low <- middle
  }
  c(triage(given, high), answers, break_even_adoption = high)
}

compute <- function(data, lists) {
  found <- list()
  for (scenario in unique(data$inputs$scenario)) {
    rows <- data$inputs[data$inputs$scenario == scenario, ]
    own <- setNames(rows$value, rows$input)
    runs <- list(
      baseline = triage(own, 0), zero_adoption = triage(own, 0), central = triage(own), break_even = break_even(own)
    )
    for (name in lists$inputs_swept) {
      ends <- rows[rows$input == name, ]
      if (ends$low < ends$high) {
        for (end in c("low", "high")) {
          changed <- own
          changed[name] <- ends[[end]]
          runs[[sprintf("one_way: %s=%s", name, end)]] <- triage(changed)
        }
      }
    }
    for (run in names(runs)) {
      found[[length(found) + 1]] <- data.frame(
        scenario = scenario, run = run, metric = names(runs[[run]]), value = unname(runs[[run]])
      )
    }
  }
  do.call(rbind, found)
}
