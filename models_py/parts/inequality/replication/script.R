# Measures of inequality from one table of units: Gini, Theil, Atkinson, concentration index.
# units: group_name, year, ranked_by, a column for each resource and each basis.
# p and q are shares of basis and resource.

# One term of Theil's L or T; without any of the resource T's is zero and L's is not defined.
term <- function(p, q, form) {
  if (form == "T") ifelse(q > 0, q * log(ifelse(q > 0, q / p, 1)), 0) else ifelse(q > 0, p * log(p / q), NA)
}

# L = sum p ln(p / q), T = sum q ln(q / p), of units that need not add up to 1.
theil <- function(p, q, form) sum(term(p / sum(p), if (sum(q) > 0) q / sum(q) else q, form))

# 1 - sum (Q_i + Q_i-1)(P_i - P_i-1), units sorted by resource per basis, P and Q cumulative.
gini <- function(p, q) {
  by_ratio <- order(q / p)
  upto <- cumsum(q[by_ratio])
  1 - sum((upto + c(0, upto[-length(upto)])) * p[by_ratio])
}

# 1 - (sum p (q / p)^(1 - e))^(1 / (1 - e)); 1 - exp(-L) for an aversion of 1.
atkinson <- function(p, q, aversion) {
  if (aversion >= 1 && any(q == 0)) return(1)
  if (aversion == 1) return(1 - exp(-theil(p, q, "L")))
  1 - sum(p * (q / p)^(1 - aversion))^(1 / (1 - aversion))
}

# 2 sum q R - 1, R the share of the basis in units ranked lower, plus half that of units of the same rank.
concentration <- function(p, q, rank) {
  middle <- vapply(rank, function(own) sum(p[rank < own]) + sum(p[rank == own]) / 2, 0)
  2 * sum(q * middle) - 1
}

# All measures of one resource over one basis in one year, of all units and of each group.
measures <- function(one, resource, basis, lists) {
  p <- one[[basis]] / sum(one[[basis]])
  q <- one[[resource]] / sum(one[[resource]])
  group <- as.character(one$group_name)
  scale <- if (lists$log_base == "10") log(10) else 1
  group_p <- tapply(p, group, sum)
  group_q <- tapply(q, group, sum)
  groups <- names(group_p)
  inside <- function(form) vapply(groups, function(name) theil(p[group == name], q[group == name], form), 0)
  value <- c(
    n = nrow(one),
    gini = gini(p, q),
    theil = theil(p, q, "L"),
    theil_within = sum(group_p * inside("L")),
    theil_between = sum(term(group_p, group_q, "L")),
    theil_l = theil(p, q, "L") / scale,
    theil_t = theil(p, q, "T") / scale,
    concentration = concentration(p, q, one$ranked_by)
  )
  for (aversion in lists$aversions) value[sprintf("atkinson_%g", aversion)] <- atkinson(p, q, aversion)
  share <- if (lists$form == "L") group_p else group_q
  own <- inside(lists$form)
  among <- term(group_p, group_q, lists$form)
  rbind(
    data.frame(group_name = "all", measure = names(value), value = unname(value)),
    data.frame(group_name = groups, measure = "group_theil", value = as.vector(own / scale)),
    data.frame(group_name = groups, measure = "group_within", value = as.vector(share * own / scale)),
    data.frame(group_name = groups, measure = "group_between", value = as.vector(among / scale))
  )
}

compute <- function(data, lists) {
  units <- data$units
  found <- list()
  for (resource in lists$resources) {
    for (basis in lists$bases) {
      # Units without resource or basis in a year are left out of that year.
      known <- units[!is.na(units[[resource]]) & !is.na(units[[basis]]), ]
      for (year in unique(known$year)) {
        rows <- measures(known[known$year == year, ], resource, basis, lists)
        found[[length(found) + 1]] <- data.frame(resource = resource, basis = basis, year = year, rows)
      }
    }
  }
  do.call(rbind, found)
}
