# Use, capacity and equipment by type of facility, and the gaps between types and places.
# figures: province_code, year, facility_type and a column for each measure, as read. rules: which types add up to
# which, in the order of step. divisions: what each type is a share of. pairs: types whose gap is sought.

# A ratio; none where the denominator is zero.
over <- function(above, below) above / ifelse(below == 0, NA, below)

# The figures of a measure and a type at every place; counts of the nation that only the provinces have are their sum.
figures_of <- function(figures, places, measure, kind, lists) {
  own <- figures[figures$facility_type == kind, ]
  at <- match(paste(places$province_code, places$year), paste(own$province_code, own$year))
  values <- as.numeric(own[[measure]][at])
  if (!(measure %in% lists$counts)) return(values)
  for (place in which(places$province_code == lists$nation & is.na(values))) {
    of_provinces <- values[places$year == places$year[place] & places$province_code != lists$nation]
    if (sum(!is.na(of_provinces)) == lists$provinces) values[place] <- sum(of_provinces, na.rm = TRUE)
  }
  values
}

# One type from others, where it has no figure of its own and all of them have one. known: a matrix of places and types
# for each measure.
add <- function(known, rule, reported, lists) {
  target <- rule$target[1]
  left_out <- t(t(!reported[, rule$facility_type, drop = FALSE]) & rule$may_lack == 1)
  total <- function(values, chosen) {
    values[left_out[, chosen, drop = FALSE]] <- 0
    ifelse(rowSums(!left_out) > 0, rowSums(values), NA)
  }
  bedded <- rule$bedless == 0
  part <- function(measure, chosen) known[[measure]][, rule$facility_type[chosen], drop = FALSE]
  made <- list()
  for (measure in lists$counts) {
    chosen <- if (measure == "beds") which(bedded) else seq_along(bedded)
    made[[measure]] <- pmax(total(t(t(part(measure, chosen)) * rule$weight[chosen]), chosen), 0)
  }
  if (all(rule$weight > 0)) {
    chosen <- which(bedded)
    used <- total(part("beds", chosen) * part("bed_occupancy", chosen), chosen)
    made$bed_occupancy <- over(used, total(part("beds", chosen), chosen))
  }
  for (measure in names(made)) {
    own <- known[[measure]][, target]
    known[[measure]][, target] <- ifelse(is.na(own), made[[measure]], own)
  }
  known
}

# Measures of a type, its shares of a whole, and its visits beside its capacity. Visits are in 10,000.
ratios <- function(known, kind, whole, lists) {
  row <- lapply(known, function(values) values[, kind])
  for (measure in lists$counts) {
    row[[paste0(sub("s$", "", measure), "_share")]] <- over(row[[measure]], known[[measure]][, whole])
  }
  for (capacity in c("institutions", "beds", "physicians")) {
    row[[paste0("visits_per_", sub("s$", "", capacity))]] <- over(row$visits * 10000, row[[capacity]])
  }
  row$utilisation_quotient <- over(row$visit_share, row[[paste0(sub("s$", "", lists$capacity), "_share")]])
  row
}

# Gaps in percentage points, and those of each place less the nation's of the same year.
gaps <- function(above, below, measure, places, nation) {
  gap <- above - below
  national <- gap[match(paste(nation, places$year), paste(places$province_code, places$year))]
  row <- list(above, below, gap, gap, national, gap - national)
  names(row) <- paste0(c("high_", "low_", "gap_", "h2b_high_", "h2b_low_", "h2b_gap_"), measure)
  row
}

compute <- function(data, lists) {
  figures <- data$figures
  # paste() writes the number 100000 as 1e+05, the integer as it is.
  lists$nation <- as.integer(lists$nation)
  places <- expand.grid(
    province_code = union(figures$province_code, lists$nation), year = unique(figures$year), KEEP.OUT.ATTRS = FALSE
  )
  kinds <- union(data$divisions$facility_type, data$rules$facility_type)
  known <- list()
  for (measure in c(lists$counts, "bed_occupancy")) {
    values <- vapply(
      kinds, function(kind) figures_of(figures, places, measure, kind, lists), numeric(nrow(places))
    )
    known[[measure]] <- matrix(values, nrow(places), dimnames = list(NULL, kinds))
  }
  reported <- Reduce(`|`, lapply(known, function(values) !is.na(values)))
  for (step in lists$steps) known <- add(known, data$rules[data$rules$step == step, ], reported, lists)
  rows <- list()
  for (number in seq_len(nrow(data$divisions))) {
    kind <- data$divisions$facility_type[number]
    rows[[kind]] <- ratios(known, kind, data$divisions$whole[number], lists)
  }
  for (number in seq_len(nrow(data$pairs))) {
    high <- data$pairs$facility_type[number]
    low <- data$pairs$low_type[number]
    occupancy <- gaps(rows[[high]]$bed_occupancy, rows[[low]]$bed_occupancy, "bed_occupancy", places, lists$nation)
    visits <- gaps(
      rows[[high]]$visit_share * 100, rows[[low]]$visit_share * 100, "visit_share", places, lists$nation
    )
    rows[[high]] <- c(rows[[high]], occupancy, visits)
  }
  long <- function(kind) {
    own <- rows[[kind]]
    data.frame(
      province_code = places$province_code, year = places$year, facility_type = kind,
      measure = rep(names(own), each = nrow(places)), value = unlist(own, use.names = FALSE)
    )
  }
  do.call(rbind, lapply(names(rows), long))
}
